"""Warn at the line of the user's that called fastact."""

from __future__ import annotations

import sys
import warnings

#: packages in which the user has no line; besides fastact, those that stand between it and the user
PASSED_OVER = ("fastact", "joblib", "numpy", "sklearn")


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    """A warning that shows the nearest line outside of these packages, however deep the call is."""
    level, frame = 1, sys._getframe()
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] in PASSED_OVER:
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)
