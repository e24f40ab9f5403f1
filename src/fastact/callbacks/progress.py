"""Keras's progress bar on a terminal, and lines elsewhere."""

from __future__ import annotations

import sys
import time

BAR_WIDTH = 20
SECONDS_BETWEEN_UPDATES = 0.05


def duration(seconds: float) -> str:
    """A short time as Keras writes it: 2s, 3ms or 45us."""
    if seconds >= 1 or seconds == 0:
        return f"{seconds:.0f}s"
    return f"{seconds * 1e3:.0f}ms" if seconds >= 1e-3 else f"{seconds * 1e6:.0f}us"


def values(logs: dict[str, float]) -> str:
    """Names and values as Keras writes them, the names in order."""
    texts = [
        f" - {name}: {v:.4f}" if abs(v) > 1e-3 else f" - {name}: {v:.4e}" for name, v in sorted(logs.items())
    ]
    return "".join(texts)


def style(verbose) -> str:
    """How to report: "bar", "lines" or "nothing"."""
    if (isinstance(verbose, str) and verbose != "auto") or verbose not in ("auto", 0, 1, 2):
        raise ValueError(f"verbose must be 'auto', 0, 1 or 2, got {verbose!r}")
    if verbose == 0 or sys.stdout is None:
        return "nothing"
    return "bar" if verbose != 2 and sys.stdout.isatty() else "lines"


class ProgressBar:
    """Keras's progress bar on a terminal, a line for each epoch elsewhere.

    Parameters
    ----------
    verbose : {'auto', 0, 1, 2}
        0 is silent, 2 a line for each epoch.
    steps : int or None
        Number of steps of an epoch, if it is known.
    """

    def __init__(self, verbose, steps: int | None):
        self.style = style(verbose)
        self.steps = steps
        self.begin()

    def begin(self, title: str = "") -> None:
        """Start the clock of an epoch or of an evaluation."""
        self.started = time.perf_counter()
        self.drawn = self.started
        self.width = 0
        if title and self.style != "nothing":
            print(title)

    def due(self) -> bool:
        """Whether steps are shown, and the last one was shown some time ago."""
        return self.style == "bar" and time.perf_counter() - self.drawn >= SECONDS_BETWEEN_UPDATES

    def step(self, done: int, logs: dict[str, float]) -> None:
        """Show how far it is."""
        self.drawn = time.perf_counter()
        left = (self.steps or done) - done
        self.draw(done, (self.drawn - self.started) / done * left, logs)

    def draw(self, done: int, seconds: float, logs: dict[str, float], end: str = "") -> None:
        per_step = duration((time.perf_counter() - self.started) / max(done, 1))
        steps = self.steps or done
        filled = BAR_WIDTH * done // steps
        full, empty = ("━", "─") if "utf" in (sys.stdout.encoding or "").lower() else ("=", ".")
        bar = full * filled + empty * (BAR_WIDTH - filled)
        text = f"{done:>{len(str(steps))}}/{steps} {bar} {seconds:.0f}s {per_step}/step{values(logs)}"
        print(f"\r{text:<{self.width}}", end=end, flush=True)
        self.width = len(text)

    def end(self, logs: dict[str, float]) -> None:
        """Show the values of the epoch or the evaluation."""
        seconds = time.perf_counter() - self.started
        if self.style == "bar":
            self.draw(self.steps, seconds, logs, end="\n")
        elif self.style == "lines":
            per_step = duration(seconds / max(self.steps, 1))
            print(f"{self.steps}/{self.steps} - {seconds:.0f}s - {per_step}/step{values(logs)}", flush=True)
