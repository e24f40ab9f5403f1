"""Pictures: what they show, and what they refuse."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import pytest

import fastact as fa
from fastact._table import BY_NAME
from fastact.layers import Dense
from fastact.models import Sequential

FigureCanvasAgg = pytest.importorskip(
    "matplotlib.backends.backend_agg", reason="draws the pictures"
).FigureCanvasAgg
ContourSet = pytest.importorskip("matplotlib.contour").ContourSet
plot = pytest.importorskip("fastact.plot")


def test_curves_have_a_panel_for_each_activation():
    assert len(plot.activation_curves().axes) == len(plot.ELEMENTWISE)
    figure = plot.activation_curves(["Swish", "relu", "elu", "gelu", "tanh"], limits=(-1, 1))
    assert [axes.get_title() for axes in figure.axes] == ["silu", "relu", "elu", "gelu", "tanh"]
    assert figure.axes[0].get_xlim() == (-1, 1)


@pytest.mark.parametrize("name", ["ReLU", fa.relu])
def test_curves_of_one_activation(name):
    assert [axes.get_title() for axes in plot.activation_curves(name).axes] == ["relu"]


def test_curves_show_where_the_function_bends():
    for axes in plot.activation_curves().axes:
        name = axes.get_title()
        (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
        kinks = np.array([*BY_NAME[name].kinks])
        y = fa.get(name)(kinks, **BY_NAME[name].required)
        assert np.all((left + 1 <= kinks) & (kinks <= right - 1) & (low <= y) & (y <= high)), name
        assert (right - left) / (high - low) == 4 / 3  # so that slopes look alike
        assert right == (8 if name == "relu6" else 4)


def test_curves_have_labels_that_touch_nothing():
    figure = plot.activation_curves(["linear", "relu6", "threshold", "prelu", "relu", "elu"])
    FigureCanvasAgg(figure).draw()
    for axes in figure.axes:
        middle = axes.transData.transform((0, 0))[0]
        for text in axes.texts:
            assert text.get_text() == "" or text.get_window_extent().x1 < middle
        for label in axes.get_xticklabels():
            extent = label.get_window_extent()
            assert not label.get_visible() or axes.bbox.x0 < extent.x0 < extent.x1 < axes.bbox.x1


def test_curves_have_labels_where_no_neighbour_says_them():
    figure = plot.activation_curves(["linear", "relu6", "threshold", "prelu", "relu", "elu"])

    def labelled(which):
        ticks = [getattr(axes, f"get_{which}ticklabels")() for axes in figure.axes]
        return [any(label.get_visible() for label in labels) for labels in ticks]

    assert labelled("x") == [False, True, True, True, True, True]
    assert labelled("y") == [True, True, True, False, True, False]


@pytest.mark.parametrize("names", [["softmax"], ["no such"], []])
def test_curves_refuse_what_has_none(names):
    with pytest.raises(ValueError, match=r"softmax is not elementwise|unknown activation|at least one"):
        plot.activation_curves(names)


def first_input(points):
    return np.clip(points[:, 0], 0, 1)


def test_decision_boundary_takes_a_function_or_a_model():
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])

    class Model:
        def predict(self, points):
            return points[:, :1] > 0.5

    for model in (Model(), first_input):
        axes = plot.decision_boundary(model, x, [0, 0, 1, 1], title="first")
        assert axes.get_title() == "first"
        assert axes.get_legend_handles_labels()[1] == ["class 0", "class 1"]


@pytest.mark.parametrize(("x", "labels"), [(np.zeros((4, 3)), [0] * 4), (np.zeros((4, 2)), [0] * 3)])
def test_decision_boundary_refuses_points_that_do_not_fit(x, labels):
    with pytest.raises(ValueError, match=r"^(x|labels): "):
        plot.decision_boundary(first_input, x, labels)


def test_plot_names_the_extra_without_matplotlib(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"pip install 'fastact\[plot\]'"):
        plot.activation_curves(["relu"])


def test_decision_boundary_of_several_classes():
    rng = np.random.default_rng(0)
    x = rng.random((30, 2))
    labels = np.arange(30) % 3
    axes = plot.decision_boundary(lambda points: np.clip(points[:, [0, 1, 1]] + [0, 0, 0.1], 0, 1), x, labels)
    assert axes.get_legend_handles_labels()[1] == ["class 0", "class 1", "class 2"]
    drawn = {line.get_label(): len(line.get_xdata()) for line in axes.get_lines()}
    assert drawn == {"class 0": 10, "class 1": 10, "class 2": 10}
    assert axes.get_xlabel()
    assert axes.get_ylabel()


def test_decision_boundary_shades_by_the_likeliest_class():
    colours = plot.shaded(np.array([[1.0, 0.0], [0.5, 0.5], [0.25, 0.75]]))
    assert colours[0, 2] > colours[0, 0]  # blue
    assert colours[2, 0] > colours[2, 2]  # orange
    np.testing.assert_array_equal(colours[1], 1.0)


@pytest.mark.parametrize("classes", [1, 3])
def test_decision_boundary_says_where_there_is_none(classes):
    def even(points):
        return 1 / max(classes, 2) + 1e-8 * np.sin(np.arange(len(points) * classes)).reshape(-1, classes)

    axes = plot.decision_boundary(even, np.eye(2), [0, 1])
    [note] = axes.texts
    assert note.get_text().startswith("undecided everywhere")
    assert f"{1 / max(classes, 2):.2f}" in note.get_text()
    assert not any(isinstance(drawn, ContourSet) for drawn in axes.collections)
    assert not plot.decision_boundary(first_input, np.eye(2), [0, 1]).texts
    assert not plot.decision_boundary(lambda points: np.full(len(points), 0.9), np.eye(2), [0, 1]).texts


@pytest.mark.parametrize("labels", [[-1, 1], ["no", "yes"], [0, 2], [0.5, 1.0]])
def test_decision_boundary_refuses_labels_that_the_model_does_not_know(labels):
    with pytest.raises(ValueError, match=r"labels: each must be one of the model's classes, \[0, 1\], got "):
        plot.decision_boundary(first_input, np.eye(2), labels)


@pytest.mark.parametrize("answer", [lambda x: 2 * x[:, 0] - 1, lambda x: x * 3, lambda x: x[:, 0] * np.nan])
def test_decision_boundary_refuses_what_is_no_probability(answer):
    with pytest.raises(ValueError, match="model: its answers must be probabilities, from 0 to 1, got "):
        plot.decision_boundary(answer, np.eye(2), [0, 1])


def test_decision_boundary_asks_a_classifier_for_probabilities():
    MLPClassifier = pytest.importorskip("fastact.sklearn").MLPClassifier
    x, names = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array(["off", "on", "on", "off"])
    classifier = MLPClassifier((16,), solver="lbfgs", random_state=0).fit(x, names)
    axes = plot.decision_boundary(classifier, x, names)
    assert axes.get_legend_handles_labels()[1] == ["class off", "class on"]
    assert [len(line.get_xdata()) for line in axes.get_lines()] == [2, 2]
    shades = axes.get_images()[0].get_array()
    assert len(np.unique(shades.reshape(-1, 3), axis=0)) > 100
    sure = SimpleNamespace(predict=classifier.predict, classes_=classifier.classes_)
    assert len(np.unique(plot.decision_boundary(sure, x, names).get_images()[0].get_array())) < 10


def test_decision_boundary_refuses_more_classes_than_colours():
    with pytest.raises(ValueError, match="at most 6 classes"):
        plot.decision_boundary(lambda points: np.zeros((len(points), 7)), np.eye(2), [0, 1])


def test_decision_boundary_of_points_on_a_line():
    axes = plot.decision_boundary(first_input, [[1.0, 2.0], [3.0, 2.0]], [0, 1])
    low, high = axes.get_ylim()
    assert low < 2.0 < high


def fitted(**options):
    model = Sequential([Dense(1)], seed=0)
    model.compile("sgd", "mse", metrics=["mae"])
    x = np.linspace(0, 1, 20)
    return model.fit(x, 2 * x, epochs=4, verbose=0, **options)


def test_a_history_has_a_panel_for_each_quantity():
    history = fitted(validation_split=0.25)
    figure = history.plot(title="a line")
    assert [axes.get_ylabel() for axes in figure.axes] == ["loss", "mae"]
    assert {axes.get_xlabel() for axes in figure.axes} == {"epoch"}
    for axes, name in zip(figure.axes, ("loss", "mae"), strict=True):
        training, validation = axes.get_lines()
        np.testing.assert_array_equal(training.get_xdata(), [1, 2, 3, 4])
        np.testing.assert_array_equal(training.get_ydata(), history.history[name])
        np.testing.assert_array_equal(validation.get_ydata(), history.history[f"val_{name}"])
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["training", "validation"]
    assert figure.get_suptitle() == "a line"


def test_a_history_of_training_alone_says_nothing_of_validation():
    figure = plot.history(fitted().history)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["training"]


def test_a_history_counts_epochs_from_where_it_began():
    [training] = plot.history(fitted(initial_epoch=2)).axes[0].get_lines()
    np.testing.assert_array_equal(training.get_xdata(), [3, 4])


def test_a_history_knows_when_it_was_validated():
    training, validation = plot.history(fitted(validation_split=0.25, validation_freq=3)).axes[0].get_lines()
    np.testing.assert_array_equal(training.get_xdata(), [1, 2, 3, 4])
    np.testing.assert_array_equal(validation.get_xdata(), [3])


@pytest.mark.parametrize("empty", [{}, {"loss": []}])
def test_an_empty_history_is_refused(empty):
    with pytest.raises(ValueError, match="no epoch"):
        plot.history(empty)
