"""`fastact demo`: how fast the activations are, a network trained on real data, and pictures of both."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from .._cli import CannotRun, require_folder


def require_packages() -> None:
    """Refuse to start without the packages that only the demo needs."""
    for package in ("sklearn", "matplotlib"):
        try:
            import_module(package)
        except ImportError as error:
            raise CannotRun(f"{error}; install it with: pip install 'fastact[demo]'") from error


def run(output: Path, quick: bool = False) -> None:
    """Time, train and draw; pictures go into the folder `output`."""
    require_packages()
    require_folder(output)
    from . import digits, pictures, speed

    speed.show(quick)
    digits.show(quick)
    pictures.show(output, quick)
