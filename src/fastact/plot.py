"""Pictures: curves of activations, what a model decides in the plane, how its training went."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import numpy as np

from . import activations
from ._table import BY_NAME
from .models import Sequential

__all__ = ["activation_curves", "decision_boundary", "history"]

ELEMENTWISE = [name for name in activations.names() if name in BY_NAME]
BLUE, ORANGE, INK, GRID = "#1f5fa8", "#c8560a", "#333333", "#dddddd"


def new_figure(width: float, height: float):
    """An empty figure that leaves pyplot and the user's settings alone."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("fastact.plot needs matplotlib: pip install 'fastact[plot]'") from error
    return Figure(figsize=(width, height), layout="constrained")


def zoom(function: Callable) -> float:
    """How many times the usual range a panel needs for the kinks to lie in the inner three quarters of x."""
    return max([1.0, *(abs(kink) / 3 for kink in BY_NAME[function.__name__].kinks)])


def activation_curves(
    names: str | Callable | Iterable[str | Callable] | None = None, limits: tuple[float, float] | None = None
):
    """Curves of activations and their derivatives, one panel for each activation.

    Parameters
    ----------
    names : str, callable or iterable of these, optional
        Which activations, as `fastact.get` knows them; by default all that are elementwise.
    limits : tuple of float, optional
        Where the x axes begin and end; by default at -4 and 4, or further out where the function bends there.

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
    if isinstance(names, str) or callable(names):
        names = [names]
    functions = [activations.get(name) for name in (ELEMENTWISE if names is None else names)]
    for function in functions:
        if not hasattr(function, "derivative"):
            raise ValueError(f"{function.__name__} is not elementwise: it has no curve")
    if not functions:
        raise ValueError("names: at least one activation is needed to draw, got none")
    columns = min(len(functions), max(4, math.isqrt(len(functions) - 1) + 1))
    rows = -(-len(functions) // columns)
    figure = new_figure(2.6 * columns, 2.3 * rows + 0.4)
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for panel in panels[len(functions) :]:
        panel.remove()
    scales = [zoom(function) if limits is None else 1.0 for function in functions]
    for k, (panel, function, scale) in enumerate(zip(panels, functions, scales, strict=False)):
        low, high = limits or (-4.0 * scale, 4.0 * scale)
        curve, slope = draw_curves(panel, function, np.linspace(low, high, 801))
        panel.set(xlim=(low, high), ylim=(-2.0 * scale, 4.0 * scale))
        # a label at the edge would be too near to one of the next panel
        panel.locator_params(axis="x", nbins=4, steps=[1, 2, 4, 5, 10], prune="both")
        # the panel to the left, or that below, says what the axis is, where it has the same
        panel.tick_params(
            labelleft=k % columns == 0 or scales[k - 1] != scale,
            labelbottom=scales[k + columns : k + columns + 1] != [scale],
        )
    figure.legend([curve, slope], ["f(x)", "f'(x)"], loc="outside upper center", ncols=2, frameon=False)
    return figure


def draw_curves(panel, function: Callable, x: np.ndarray) -> tuple:
    """Draw an activation and its derivative into one panel; where one of them jumps, a gap stays."""
    required = BY_NAME[function.__name__].required
    y, slope = function(x, **required), function.derivative(x, **required)
    steep = 4 * (x[1] - x[0]) * (1 + np.abs(slope))
    y = np.where(np.abs(np.diff(y, append=y[-1])) > steep, np.nan, y)
    slope = np.where(np.abs(np.diff(slope, append=slope[-1])) > 0.1, np.nan, slope)
    given = "\n".join(f"{name} {value:g}" for name, value in required.items())
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


#: colour and marker of each class, in turn; those of the first two stand apart for the colour-blind, too
CLASSES = ((BLUE, "o"), (ORANGE, "^"), ("#2d7d46", "s"), ("#8b3fa0", "D"), ("#b08a00", "v"), ("#5b5b5b", "P"))


def checked_points(x, labels) -> tuple[np.ndarray, np.ndarray]:
    """Points in the plane with a class each."""
    x, labels = np.asarray(x, dtype=float), np.asarray(labels).ravel()
    if x.ndim != 2 or x.shape[1] != 2 or len(x) == 0:
        raise ValueError(f"x: points in the plane have the shape (n, 2), n at least 1, got {x.shape}")
    if labels.shape != x.shape[:1]:
        raise ValueError(f"labels: one for each of the {len(x)} points is needed, got {labels.size}")
    return x, labels


def class_probabilities(model, points: np.ndarray) -> np.ndarray:
    """A column for each class, whatever form the model's answer has."""
    if hasattr(model, "predict_proba"):
        answer = model.predict_proba(points)
    elif hasattr(model, "classes_"):  # a classifier of scikit-learn that is always sure
        answer = np.asarray(model.predict(points))[:, None] == model.classes_
    elif isinstance(model, Sequential):
        answer = model.predict(points, verbose=0)
    else:
        answer = getattr(model, "predict", model)(points)
    answer = np.asarray(answer, dtype=float).reshape(len(points), -1)
    answer = np.hstack([1 - answer, answer]) if answer.shape[1] == 1 else answer
    if answer.shape[1] > len(CLASSES):
        raise ValueError(f"model: at most {len(CLASSES)} classes can be told apart, got {answer.shape[1]}")
    if not (answer.min() >= -1e-6 and answer.max() <= 1 + 1e-6):
        raise ValueError(
            f"model: its answers must be probabilities, from 0 to 1, got some from {answer.min():.3g} to "
            f"{answer.max():.3g}: a network that ends in sigmoid or softmax gives such"
        )
    return answer


def class_numbers(labels: np.ndarray, classes: list) -> np.ndarray:
    """The place of each label among the classes."""
    place = {label: k for k, label in enumerate(classes)}
    strange = [label for label in labels.tolist() if label not in place]
    if strange:
        raise ValueError(f"labels: each must be one of the model's classes, {classes}, got {strange[0]!r}")
    return np.array([place[label] for label in labels.tolist()])


def undecided(probabilities: np.ndarray) -> bool:
    """Whether no class is more likely than another anywhere, but for differences too small to see."""
    return bool(np.ptp(probabilities, axis=-1).max() < 0.01)


def shaded(probabilities: np.ndarray) -> np.ndarray:
    """The colour of the likeliest class, paler the less likely it is."""
    from matplotlib.colors import to_rgb

    classes = probabilities.shape[-1]
    colours = np.array([to_rgb(colour) for colour, _ in CLASSES[:classes]])
    surplus = (probabilities.max(axis=-1, keepdims=True) - 1 / classes) / (1 - 1 / classes)
    strength = 0.5 * np.clip(surplus, 0, 1)
    return 1 - strength * (1 - colours[probabilities.argmax(axis=-1)])


def decision_boundary(model, x, labels, axes=None, title: str = ""):
    """What a model of two or more classes decides in the plane, under the points it was shown.

    Each place has the colour of the class that the model thinks likeliest there, paler where it is less
    sure; a line runs where it is undecided, and a note says so where that is everywhere.

    Parameters
    ----------
    model : object or callable
        A model whose ``predict`` gives the probability of class 1 of each row, or one column for each of
        several classes; or a function that does; or a classifier of scikit-learn.
    x : array_like of shape (n, 2)
        Points.
    labels : array_like of shape (n,)
        The class of each point, from 0, or by the name that the classifier knows.
    axes : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure, with a legend.
    title : str, optional
        What to write above.

    Returns
    -------
    matplotlib.axes.Axes
        Save it with ``axes.figure.savefig("boundary.png")``.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    ValueError
        If the points are not in the plane, the labels do not fit them or are not the model's, its answers
        are no probabilities, or there are more than six classes.

    Examples
    --------
    >>> import numpy as np
    >>> from fastact.plot import decision_boundary
    >>> x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> axes = decision_boundary(lambda points: points[:, 0] > 0.5, x, [0, 0, 1, 1], title="the first input")
    >>> axes.get_title()
    'the first input'
    """
    x, labels = checked_points(x, labels)
    alone = axes is None
    if alone:
        axes = new_figure(5.0, 4.9).add_subplot()
    middle, reach = (x.max(axis=0) + x.min(axis=0)) / 2, 0.56 * np.ptp(x, axis=0)
    reach[reach == 0] = 1.0
    across, up = np.linspace(middle - reach, middle + reach, 200).T
    points = np.stack(np.meshgrid(across, up), axis=-1)
    probabilities = class_probabilities(model, points.reshape(-1, 2)).reshape(*points.shape[:2], -1)
    classes = np.asarray(getattr(model, "classes_", np.arange(probabilities.shape[-1]))).tolist()
    numbers = class_numbers(labels, classes)
    extent = (across[0], across[-1], up[0], up[-1])
    axes.imshow(shaded(probabilities), origin="lower", extent=extent, aspect="auto", interpolation="bilinear")
    if undecided(probabilities):
        even = f"undecided everywhere:\neach class has probability {1 / probabilities.shape[-1]:.2f}"
        axes.text(0.5, 0.5, even, transform=axes.transAxes, ha="center", va="center", color=INK)
    else:
        for k in range(probabilities.shape[-1]):
            ahead = probabilities[..., k] - np.delete(probabilities, k, axis=-1).max(axis=-1)
            if ahead.min() < 0 < ahead.max():
                axes.contour(across, up, ahead, levels=[0], colors=INK, linewidths=1.2)
    style = {"markeredgecolor": "white", "markeredgewidth": 0.6, "markersize": 5.5 if len(x) > 20 else 12}
    for k, (name, (colour, marker)) in enumerate(zip(classes, CLASSES, strict=False)):
        axes.plot(*x[numbers == k].T, marker, color=colour, label=f"class {name}", **style)
    axes.set_title(title, fontsize=12, color=INK)
    axes.set_xlabel("x[:, 0]", fontsize=9, color=INK)
    axes.set_ylabel("x[:, 1]", fontsize=9, color=INK)
    axes.tick_params(length=0, labelsize=8, labelcolor=INK)
    if alone:
        handles, names = axes.get_legend_handles_labels()
        axes.figure.legend(handles, names, loc="outside lower center", ncols=len(names), frameon=False)
    return axes


def history(history, title: str = ""):
    """Loss and metrics over the epochs, a panel for each; those of the validation are dashed.

    Parameters
    ----------
    history : History or dict of str to list of float
        What `fit` returned, or its ``history``.
    title : str, optional
        What to write above.

    Returns
    -------
    matplotlib.figure.Figure
        Save it with ``figure.savefig("history.png")``.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    ValueError
        If there is no epoch to draw.

    See Also
    --------
    fastact.callbacks.History.plot : the same as a method.

    Examples
    --------
    >>> from fastact.plot import history
    >>> figure = history({"loss": [0.7, 0.5, 0.4], "val_loss": [0.8, 0.6, 0.6], "accuracy": [0.5, 0.8, 0.9]})
    >>> [axes.get_ylabel() for axes in figure.axes]
    ['loss', 'accuracy']
    """
    values = getattr(history, "history", history)
    names = list(dict.fromkeys(name.removeprefix("val_") for name in values))
    if not any(map(len, values.values())):
        raise ValueError("history: there is no epoch to draw")
    columns = min(len(names), 3)
    rows = -(-len(names) // columns)
    figure = new_figure(4.2 * columns, 3.0 * rows + 0.4)
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for panel in panels[len(names) :]:
        panel.remove()
    epochs = getattr(history, "epochs", {key: range(len(y)) for key, y in values.items()})
    lines = {}
    for panel, name in zip(panels, names, strict=False):
        draw_epochs(panel, name, values, epochs, lines)
    figure.legend(lines.values(), lines.keys(), loc="outside lower center", ncols=len(lines), frameon=False)
    figure.suptitle(title, fontsize=12, color=INK)
    return figure


def draw_epochs(panel, name: str, values: dict, epochs: dict, lines: dict) -> None:
    """Draw one quantity, of training and of validation, and note the lines by what they show."""
    kinds = {"training": (name, BLUE, "-"), "validation": (f"val_{name}", ORANGE, (0, (4, 1.5)))}
    for kind, (key, colour, dashes) in kinds.items():
        if key in values:
            marker = "o" if len(values[key]) < 10 else None
            style = {"color": colour, "linestyle": dashes, "marker": marker, "markersize": 4}
            [lines[kind]] = panel.plot(np.add(epochs[key], 1), values[key], linewidth=1.8, **style)
    panel.set_xlabel("epoch", fontsize=9, color=INK)
    panel.set_ylabel(name, fontsize=9, color=INK)
    panel.xaxis.get_major_locator().set_params(integer=True)
    panel.grid(color=GRID, linewidth=0.6)
    panel.tick_params(length=0, labelsize=8, labelcolor=INK)
    for spine in panel.spines.values():
        spine.set_visible(False)
