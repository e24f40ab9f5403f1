"""The command `fastact`: `fastact info`, `fastact demo` and `fastact bench`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from . import __version__, _blas
from ._config import show_config


class CannotRun(Exception):
    """A command cannot do what it was asked to do; the message says why, and what helps."""


def require_folder(folder: Path) -> None:
    """Make the folder for what a command writes, or refuse to start if nothing can be written there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        reason = "there is a file of that name" if isinstance(error, FileExistsError) else error.strerror
        raise CannotRun(f"cannot write into the folder {str(folder)!r}: {reason}") from error


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
    add_bench(commands.add_parser("bench", help="time fastact beside the libraries that are installed"))
    return top


def positive(number: type):
    """What reads a number greater than 0, 1e6 for an integer included."""

    def read(text: str):
        try:
            value = float(text)
        except ValueError:
            value = 0.0
        if not 0 < value < float("inf") or value != number(value):
            kind = "an integer" if number is int else "a number"
            raise argparse.ArgumentTypeError(f"must be {kind} greater than 0, got {text!r}")
        return number(value)

    return read


#: of the arrays that `fastact bench` takes if none are given
SIZES = (1_000, 100_000)


def add_bench(bench: argparse.ArgumentParser) -> None:
    """The options of `fastact bench`."""
    bench.add_argument("--functions", nargs="+", metavar="NAME", help="which activations (default: all)")
    bench.add_argument(
        "--kinds",
        nargs="+",
        choices=["function", "backward", "backward_from_output"],
        default=["function", "backward"],
        help="what of each: f(x), its gradient from x, its gradient from f(x) (default: function backward)",
    )
    bench.add_argument(
        "--rows",
        action="store_true",
        help="the softmax family and its loss, on several shapes and axes instead of sizes",
    )
    bench.add_argument(
        "--sizes",
        nargs="+",
        type=positive(int),
        metavar="N",
        help=f"elements of x; 1e7 will do, too (default: {' '.join(map(str, SIZES))})",
    )
    bench.add_argument(
        "--dtypes",
        nargs="+",
        choices=["float16", "float32", "float64"],
        default=["float32"],
        help="of x (default: float32)",
    )
    bench.add_argument(
        "--rivals",
        nargs="+",
        metavar="LIBRARY",
        help="which libraries, all of which must be installed (default: what is installed of them)",
    )
    bench.add_argument(
        "--threads",
        type=positive(int),
        default=1,
        metavar="N",
        help="how many threads fastact and each library that has several may use (default: %(default)s)",
    )
    bench.add_argument(
        "--seconds",
        type=positive(float),
        default=0.2,
        help="how long to repeat a measurement (default: %(default)s)",
    )
    bench.add_argument(
        "--output",
        type=Path,
        default=Path("fastact-bench"),
        metavar="FOLDER",
        help="where to put results.json, table.md and pictures (default: %(default)s)",
    )


def run(wanted: argparse.Namespace) -> None:
    """Run the command; what it needs is imported only here."""
    if wanted.command == "info":  # as any program has it that imports fastact
        show_config()
    elif wanted.command == "demo":
        from . import demo

        demo.run(wanted.output, quick=wanted.quick)
    else:
        from . import bench

        bench.run(wanted)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; what goes wrong for a reason that the user can mend is one line, not a traceback.

    Without `arguments` it is the command of the process, and may start that again.
    """
    wanted = parser().parse_args(arguments)
    if arguments is None and wanted.command != "info":
        _blas.restart_if_faster()
    try:
        run(wanted)
        sys.stdout.flush()
    except BrokenPipeError:  # who reads has enough, as `head` has; what waits to be printed goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141  # as if SIGPIPE had ended it
    except (CannotRun, OSError) as error:
        print(f"fastact {wanted.command}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\nfastact {wanted.command}: stopped", file=sys.stderr)
        return 130
    return 0
