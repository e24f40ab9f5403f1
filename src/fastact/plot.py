"""Pictures: curves of activations with their derivatives, and what a model decides in the plane."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import partial

import numpy as np

from . import activations
from ._table import BY_NAME
from .models import Sequential

ELEMENTWISE = [name for name in activations.names() if name in BY_NAME]
BLUE, ORANGE, INK, GRID = "#1f5fa8", "#c8560a", "#333333", "#dddddd"


def new_figure(width: float, height: float):
    """An empty figure that leaves pyplot and the user's settings alone."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("fastact.plot needs matplotlib: pip install 'fastact[plot]'") from error
    return Figure(figsize=(width, height), layout="constrained")


def activation_curves(names: Iterable[str] | None = None, limits: tuple[float, float] = (-4.0, 4.0)):
    """Curves of activations and their derivatives, one panel for each activation.

    Parameters
    ----------
    names : iterable of str, optional
        Which activations, as `fastact.get` knows them; by default all that are elementwise.
    limits : tuple of float, default (-4, 4)
        Where the x axis begins and ends.

    Returns
    -------
    matplotlib.figure.Figure
        Save it with ``figure.savefig("curves.png")``.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    ValueError
        If there is no such activation, or it is not elementwise.

    Examples
    --------
    >>> from fastact.plot import activation_curves
    >>> len(activation_curves(["relu", "silu"]).axes)
    2
    """
    functions = [activations.get(name) for name in (ELEMENTWISE if names is None else names)]
    for function in functions:
        if not hasattr(function, "derivative"):
            raise ValueError(f"{function.__name__} is not elementwise: it has no curve")
    if not functions:
        raise ValueError("names: at least one activation is needed to draw, got none")
    columns = min(len(functions), max(4, math.isqrt(len(functions) - 1) + 1))
    rows = -(-len(functions) // columns)
    figure = new_figure(2.6 * columns, 2.3 * rows + 0.4)
    panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    x = np.linspace(*limits, 801)
    for panel, function in zip(panels, functions, strict=False):
        curve, slope = draw_curves(panel, function, x)
    for panel in panels[len(functions) :]:
        panel.remove()
    for panel in panels[max(0, len(functions) - columns) : len(functions)]:
        panel.tick_params(labelbottom=True)
    panels[0].set(xlim=limits, ylim=(-2.0, 4.0))
    figure.legend([curve, slope], ["f(x)", "f'(x)"], loc="outside upper center", ncols=2, frameon=False)
    return figure


def draw_curves(panel, function: Callable, x: np.ndarray) -> tuple:
    """Draw an activation and its derivative into one panel; where one of them jumps, a gap stays."""
    required = BY_NAME[function.__name__].required
    y, slope = function(x, **required), function.derivative(x, **required)
    steep = 4 * (x[1] - x[0]) * (1 + np.abs(slope))
    y = np.where(np.abs(np.diff(y, append=y[-1])) > steep, np.nan, y)
    slope = np.where(np.abs(np.diff(slope, append=slope[-1])) > 0.1, np.nan, slope)
    given = ", ".join(f"{name} {value:g}" for name, value in required.items())
    panel.set_title(function.__name__, fontsize=11, fontweight="bold", color=INK)
    panel.text(0.04, 0.94, given, transform=panel.transAxes, fontsize=8, color=INK, verticalalignment="top")
    panel.grid(color=GRID, linewidth=0.6)
    panel.axhline(0, color=INK, linewidth=0.6)
    panel.axvline(0, color=INK, linewidth=0.6)
    panel.tick_params(length=0, labelsize=8, labelcolor=INK)
    for spine in panel.spines.values():
        spine.set_visible(False)
    [curve] = panel.plot(x, y, BLUE, linewidth=2.0)
    [dashes] = panel.plot(x, slope, ORANGE, linewidth=1.5, linestyle=(0, (4, 1.5)))
    return curve, dashes


def tints():
    """A scale from the colour of class 0 through white to that of class 1, pale enough for points on it."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("classes", ["#8fb3dd", "#ffffff", "#f0b183"])


def decision_boundary(model, x, labels, axes=None, title: str = ""):
    """What a model of two classes decides in the plane, under the points it was shown.

    Parameters
    ----------
    model : object or callable
        A model whose ``predict`` gives the probability of class 1 of each row, or a function that does.
    x : array_like of shape (n, 2)
        Points.
    labels : array_like of shape (n,)
        The class of each point, 0 or 1.
    axes : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.
    title : str, optional
        What to write above.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    ValueError
        If the points are not in the plane, or the labels do not fit them.

    Examples
    --------
    >>> import numpy as np
    >>> from fastact.plot import decision_boundary
    >>> x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> axes = decision_boundary(lambda points: points[:, 0], x, [0, 0, 1, 1], title="the first input")
    >>> axes.get_title()
    'the first input'
    """
    x, labels = np.asarray(x, dtype=float), np.asarray(labels).ravel()
    if x.ndim != 2 or x.shape[1] != 2:
        raise ValueError(f"x: points in the plane have the shape (n, 2), got {x.shape}")
    if labels.shape != x.shape[:1]:
        raise ValueError(f"labels: one for each of the {len(x)} points is needed, got {labels.size}")
    if axes is None:
        axes = new_figure(5.0, 4.6).add_subplot()
    predict = getattr(model, "predict", model)
    if isinstance(model, Sequential):
        predict = partial(predict, verbose=0)
    middle, reach = (x.max(axis=0) + x.min(axis=0)) / 2, 0.62 * np.ptp(x, axis=0)
    across, up = np.linspace(middle - reach, middle + reach, 200).T
    points = np.stack(np.meshgrid(across, up), axis=-1)
    probability = np.asarray(predict(points.reshape(-1, 2)), dtype=float).reshape(points.shape[:2])
    shades = np.linspace(0, 1, 11)
    axes.contourf(across, up, probability, levels=shades, cmap=tints(), antialiased=False)
    if probability.min() < 0.5 < probability.max():
        axes.contour(across, up, probability, levels=[0.5], colors=INK, linewidths=1.5)
    style = {"markeredgecolor": "white", "markersize": 6 if len(x) > 20 else 13}
    for label, colour, marker in ((0, BLUE, "o"), (1, ORANGE, "^")):
        axes.plot(*x[labels == label].T, marker, color=colour, label=f"class {label}", **style)
    axes.set_title(title, fontsize=12, color=INK)
    axes.tick_params(length=0, labelsize=8, labelcolor=INK)
    return axes
