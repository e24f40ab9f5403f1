"""The command `fastact`: `fastact info` and `fastact demo`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from . import __version__
from ._config import show_config


def parser() -> argparse.ArgumentParser:
    """What the command line may say."""
    top = argparse.ArgumentParser(
        prog="fastact", description="Activation functions for NumPy, as real ufuncs with their derivatives."
    )
    top.add_argument("--version", action="version", version=f"fastact {__version__}")
    commands = top.add_subparsers(dest="command", required=True)
    commands.add_parser("info", help="print version, CPU features, instruction set in use and dtypes")
    demo = commands.add_parser("demo", help="time the activations, train on real data and draw pictures")
    demo.add_argument(
        "--output",
        type=Path,
        default=Path("fastact-demo"),
        metavar="FOLDER",
        help="where to put the pictures (default: %(default)s)",
    )
    demo.add_argument("--quick", action="store_true", help="do less of everything, to see that it works")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; what goes wrong for a reason that the user can mend is one line, not a traceback."""
    wanted = parser().parse_args(arguments)
    if wanted.command == "info":
        show_config()
        return 0
    from . import demo

    try:
        demo.run(wanted.output, quick=wanted.quick)
    except (demo.DemoError, OSError) as error:
        print(f"fastact demo: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nfastact demo: stopped", file=sys.stderr)
        return 130
    return 0
