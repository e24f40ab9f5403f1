"""The estimators: scikit-learn's own checks, its own perceptrons as witnesses, and that no parameter is idle."""

from __future__ import annotations

import pickle
import warnings
from functools import partial
from importlib.util import find_spec

import numpy as np
import pytest
from networks import ACTIVATIONS

pytest.importorskip("sklearn", reason="the estimators are made for it")
from sklearn import neural_network
from sklearn.base import clone
from sklearn.datasets import load_digits, make_classification, make_multilabel_classification, make_regression
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import fastact as fa
from fastact._table import GATES
from fastact.sklearn import LOSSES, SOLVERS, MLPClassifier, MLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.mark.filterwarnings("ignore")
@parametrize_with_checks(
    [
        MLPClassifier(),
        MLPRegressor(),
        MLPClassifier(solver="rmsprop", class_weight="balanced"),
        MLPRegressor(solver="lbfgs", activation="silu"),
        MLPClassifier(solver="lbfgs"),
    ]
)
def test_checks_of_scikit_learn(estimator, check):
    check(estimator)


def classes(count=3, rows=60):
    x, y = make_classification(
        rows, 5, n_informative=4, n_redundant=0, n_classes=count, random_state=0, class_sep=2.0
    )
    return x, np.array([f"class {k}" for k in range(count)])[y]


def targets(count):
    x, y = make_regression(60, 5, n_targets=count, noise=1, random_state=0)
    return x, y / 100


PROBLEMS = {
    "two classes": (MLPClassifier, classes(2)),
    "three classes": (MLPClassifier, classes(3)),
    "labels": (MLPClassifier, make_multilabel_classification(60, 5, n_classes=3, random_state=0)),
    "one target": (MLPRegressor, targets(1)),
    "two targets": (MLPRegressor, targets(2)),
}
every_problem = pytest.mark.parametrize("problem", PROBLEMS)


def fitted(estimator_class, x, y, **options):
    options = {"hidden_layer_sizes": (6,), "random_state": 0, "max_iter": 20} | options
    return estimator_class(**options).fit(x, y)


@every_problem
@pytest.mark.parametrize(
    "options",
    [
        {"solver": "adam", "activation": "relu", "alpha": 0.5},
        {"solver": "sgd", "activation": "tanh", "learning_rate_init": 0.01, "batch_size": 20},
        {"solver": "sgd", "activation": "logistic", "nesterovs_momentum": False, "momentum": 0.5},
        {"solver": "sgd", "activation": "identity", "learning_rate": "invscaling", "power_t": 0.25},
        {"solver": "sgd", "learning_rate": "adaptive", "tol": 100.0, "n_iter_no_change": 2},
    ],
    ids=str,
)
def test_training_is_that_of_scikit_learn(problem, options):
    """From the same weights, in the same order, to the same weights."""
    kind, (x, y) = PROBLEMS[problem]
    options = {"alpha": 0.1, "hidden_layer_sizes": (6, 4), "shuffle": False, "warm_start": True} | options
    options = {"tol": 0.0, "n_iter_no_change": 1000} | options
    own = kind(**options, max_iter=1).fit(x, y)
    theirs = getattr(neural_network, kind.__name__)(**options, max_iter=1).fit(x, y)
    rng = np.random.default_rng(0)
    for one, other in zip(own.coefs_ + own.intercepts_, theirs.coefs_ + theirs.intercepts_, strict=True):
        one[...] = other[...] = rng.normal(scale=0.4, size=one.shape)
    for estimator in (own, theirs):
        estimator.best_loss_ = np.inf
        estimator.loss_curve_.clear()
        estimator.set_params(max_iter=25).fit(x, y)
    for one, other in zip(own.coefs_ + own.intercepts_, theirs.coefs_ + theirs.intercepts_, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-11)
    assert own.n_iter_ == theirs.n_iter_
    assert own.t_ == theirs.t_
    assert own.n_outputs_ == theirs.n_outputs_
    assert own.out_activation_ == theirs.out_activation_
    assert own.n_layers_ == theirs.n_layers_
    np.testing.assert_allclose(own.predict(x) == y, theirs.predict(x) == y)
    if (
        problem != "two targets"
    ):  # whose squared errors scikit-learn averages in the loss, not in its gradient
        np.testing.assert_allclose(own.loss_curve_, theirs.loss_curve_, rtol=1e-9)
        np.testing.assert_allclose(own.best_loss_, theirs.best_loss_, rtol=1e-9)


@every_problem
@pytest.mark.parametrize("solver", SOLVERS)
def test_every_solver_learns(problem, solver):
    kind, (x, y) = PROBLEMS[problem]
    x = StandardScaler().fit_transform(x)
    estimator = fitted(
        kind, x, y, solver=solver, hidden_layer_sizes=(30,), learning_rate_init=0.02, max_iter=300
    )
    assert estimator.score(x, y) > 0.8


NEEDY = [partial(fa.prelu, weight=0.25), partial(fa.threshold, threshold=0.5, value=0.0)]


@pytest.mark.parametrize("activation", [*ACTIVATIONS, *NEEDY], ids=str)
def test_any_activation(activation):
    x, y = classes()
    estimator = fitted(MLPClassifier, x, y, activation=activation, max_iter=3)
    halves = any(activation == gate.name for gate in GATES)
    assert estimator.coefs_[1].shape == (3 if halves else 6, 3)
    assert np.isfinite(estimator.predict_proba(x)).all()


def test_an_activation_for_each_layer():
    x, y = classes()
    pair = (np.tanh, lambda x: 1 - np.tanh(x) ** 2)
    estimator = fitted(MLPClassifier, x, y, hidden_layer_sizes=(4, 5, 6), activation=["mish", fa.elu, pair])
    names = [layer.activation.name for layer in estimator.model_.layers]
    assert names == ["mish", "elu", "custom", "softmax"]
    same = fitted(MLPClassifier, x, y, hidden_layer_sizes=(4, 5, 6), activation=["mish", fa.elu, "tanh"])
    np.testing.assert_allclose(same.predict_proba(x), estimator.predict_proba(x), rtol=1e-9)


@every_problem
@pytest.mark.parametrize("solver", SOLVERS)
def test_weights_equal_repetitions(problem, solver):
    kind, (x, y) = PROBLEMS[problem]
    counts = np.random.default_rng(0).integers(0, 4, len(x))
    once = kind(random_state=0, max_iter=30, solver=solver).fit(x, y, sample_weight=counts)
    often = kind(random_state=0, max_iter=30, solver=solver).fit(
        np.repeat(x, counts, axis=0), np.repeat(y, counts, axis=0)
    )
    for one, other in zip(once.coefs_, often.coefs_, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-9)
    scaled = kind(random_state=0, max_iter=30, solver=solver, alpha=0).fit(
        x, y, sample_weight=np.full(60, 7.0)
    )
    plain = kind(random_state=0, max_iter=30, solver=solver, alpha=0).fit(x, y)
    for one, other in zip(scaled.coefs_, plain.coefs_, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-9)


def test_weights_of_classes():
    x, y = classes(2)
    keep = np.r_[0:60][(y == "class 0") | (np.arange(60) % 3 == 0)]
    x, y = x[keep], y[keep]
    share = {name: np.mean(y == name) for name in np.unique(y)}
    given = fitted(MLPClassifier, x, y, class_weight={name: 1 / (2 * share[name]) for name in share})
    balanced = fitted(MLPClassifier, x, y, class_weight="balanced")
    by_row = MLPClassifier((6,), random_state=0, max_iter=20).fit(
        x, y, sample_weight=[1 / (2 * share[name]) for name in y]
    )
    plain = fitted(MLPClassifier, x, y)
    np.testing.assert_allclose(balanced.coefs_[0], given.coefs_[0], rtol=1e-9)
    np.testing.assert_allclose(balanced.coefs_[0], by_row.coefs_[0], rtol=1e-9)
    assert np.abs(balanced.coefs_[0] - plain.coefs_[0]).max() > 1e-4


CHANGES = {
    "hidden_layer_sizes": 5,
    "activation": "tanh",
    "solver": "sgd",
    "alpha": 1.0,
    "batch_size": 20,
    "learning_rate": "invscaling",
    "learning_rate_init": 0.01,
    "power_t": (0.25, {"learning_rate": "invscaling"}),
    "max_iter": 3,
    "shuffle": (False, {"batch_size": 20}),
    "random_state": 1,
    "tol": 10.0,
    "warm_start": (True, {}),
    "momentum": (0.5, {"solver": "sgd"}),
    "nesterovs_momentum": (False, {"solver": "sgd"}),
    "early_stopping": True,
    "validation_fraction": (0.3, {"early_stopping": True}),
    "beta_1": 0.5,
    "beta_2": 0.9,
    "epsilon": 0.1,
    "n_iter_no_change": (2, {"tol": 10.0}),
    "max_fun": (2, {"solver": "lbfgs"}),
    "dtype": "float32",
    "class_weight": {"class 0": 3.0, "class 1": 1.0, "class 2": 1.0},
    "loss": "huber",
}


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
@pytest.mark.parametrize("name", sorted({*MLPClassifier().get_params(), *MLPRegressor().get_params()}))
def test_no_parameter_is_idle(kind, name, capsys):
    if name not in kind().get_params():
        assert name in ("loss", "class_weight")
        return
    x, y = classes() if kind is MLPClassifier else make_regression(60, 5, random_state=0)
    if name == "verbose":
        fitted(kind, x, y, verbose=True, max_iter=2)
        assert capsys.readouterr().out.count("Iteration") == 2
        return
    value, others = CHANGES[name] if isinstance(CHANGES[name], tuple) else (CHANGES[name], {})
    before, after = (
        kind(**{"random_state": 0, "max_iter": 20} | others),
        kind(**{"random_state": 0, "max_iter": 20} | others | {name: value}),
    )
    for _ in range(2):  # for warm_start
        before.fit(x, y)
        after.fit(x, y)
    one, other = before.coefs_[-1], after.coefs_[-1]
    assert one.shape != other.shape or one.dtype != other.dtype or np.abs(one - other).max() > 1e-6


def test_defaults_are_those_of_scikit_learn():
    for kind in (MLPClassifier, MLPRegressor):
        theirs = getattr(neural_network, kind.__name__)().get_params()
        own = kind().get_params()
        assert theirs.items() <= own.items()
        assert own.keys() - theirs.keys() <= {"dtype", "class_weight"}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_dtype(dtype):
    x, y = classes()
    estimator = fitted(MLPClassifier, x, y, dtype=dtype)
    assert {w.dtype for w in estimator.coefs_ + estimator.intercepts_} == {np.dtype(dtype)}
    assert estimator.predict_proba(x).dtype == dtype


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("problem", ["two classes", "labels"])
def test_no_sigmoid_is_certain(problem, dtype):
    _, (x, y) = PROBLEMS[problem]
    estimator = fitted(MLPClassifier, x, y, dtype=dtype)
    certain = 1e4 * np.repeat(x[:1], 2, axis=0)
    for layer in estimator.model_.layers:
        layer.set_weights([1e3 * weight for weight in layer.get_weights()])
    probabilities = estimator.predict_proba(certain)
    assert np.isin(estimator.model_.predict(certain.astype(dtype), verbose=0), [0, 1]).all()
    assert probabilities.dtype == dtype
    assert (probabilities > 0).all()
    assert (probabilities < 1).all() or problem == "two classes"
    assert np.isfinite(estimator.predict_log_proba(certain)).all()


@pytest.mark.parametrize("loss", LOSSES)
def test_losses_of_the_regressor(loss):
    x, y = make_regression(80, 3, random_state=0)
    y = y / y.std()
    y[::10] += 50  # outliers, which all but the squared error bear
    estimator = fitted(MLPRegressor, x, y, loss=loss, solver="lbfgs", max_iter=500, hidden_layer_sizes=())
    close = np.median(np.abs(estimator.predict(x) - y)) < 0.3
    assert close == (loss != "squared_error")


def test_early_stopping_restores_the_best():
    x, y = classes(rows=300)
    estimator = fitted(
        MLPClassifier, x, y, early_stopping=True, max_iter=200, learning_rate_init=0.05, n_iter_no_change=5
    )
    scores = estimator.validation_scores_
    assert estimator.n_iter_ == len(scores) < 200
    assert estimator.best_validation_score_ == max(scores)
    assert estimator.best_loss_ is None
    assert len(estimator.loss_curve_) == len(scores)
    assert not (scores[-6:] > np.max(scores[:-6]) + 1e-4).any()


def test_a_training_that_does_not_converge_is_a_warning():
    x, y = classes()
    with pytest.warns(ConvergenceWarning, match="max_iter=2") as caught:
        make_pipeline(MLPClassifier(max_iter=2)).fit(x, y)
    assert [warning.filename for warning in caught] == [__file__]
    with pytest.warns(ConvergenceWarning, match="lbfgs") as caught:
        MLPClassifier(max_iter=2, solver="lbfgs").fit(x, y)
    assert [warning.filename for warning in caught] == [__file__]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        MLPClassifier(max_iter=500, tol=0.1).fit(x, y)


def test_partial_fit_goes_on():
    x, y = classes()
    estimator = MLPClassifier((8,), random_state=0, shuffle=False)
    for k in range(3):
        estimator.partial_fit(x, y, classes=np.unique(y))
        assert estimator.t_ == 60 * (k + 1)
    whole = MLPClassifier((8,), random_state=0, shuffle=False, max_iter=3).fit(x, y)
    np.testing.assert_allclose(estimator.coefs_[0], whole.coefs_[0], rtol=1e-12)
    assert estimator.model_.optimizer.iterations == 3
    estimator.partial_fit(x[:5], ["class 1"] * 5)
    with pytest.raises(ValueError, match="classes"):
        estimator.partial_fit(x[:1], ["class 9"])
    with pytest.raises(ValueError, match="first call"):
        MLPClassifier().partial_fit(x, y)
    with pytest.raises(ValueError, match="must stay the same"):
        estimator.partial_fit(x, y, classes=["class 0", "class 1"])
    with pytest.raises(ValueError, match="early_stopping"):
        MLPClassifier(early_stopping=True).partial_fit(x, y, classes=np.unique(y))
    assert not hasattr(MLPClassifier(solver="lbfgs"), "partial_fit")
    assert not hasattr(MLPClassifier(class_weight="balanced"), "partial_fit")


def test_the_penalty_follows_the_size_of_the_batch():
    x, y = make_regression(60, 5, random_state=0)
    estimator = MLPRegressor(hidden_layer_sizes=(), alpha=50.0, solver="sgd", momentum=0.0).partial_fit(x, y)
    for rows in (slice(10), slice(10, 60)):
        kernel, bias = estimator.coefs_[0].copy(), estimator.intercepts_[0].copy()
        estimator.partial_fit(x[rows], y[rows])
        error = x[rows] @ kernel[:, 0] + bias - y[rows]
        gradient = (x[rows].T @ error[:, None] + 50.0 * kernel) / len(error)
        np.testing.assert_allclose(estimator.coefs_[0], kernel - 0.001 * gradient, rtol=1e-12)


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"solver": "newton"}, "solver"),
        ({"learning_rate": "fast"}, "learning_rate"),
        ({"learning_rate_init": -1.0}, "learning_rate"),
        ({"dtype": "int8"}, "dtype"),
        ({"hidden_layer_sizes": (0,)}, "hidden_layer_sizes"),
        ({"hidden_layer_sizes": "5"}, "hidden_layer_sizes"),
        ({"activation": "reluu"}, "relu"),
        ({"activation": ["relu", "tanh"]}, "activation"),
        ({"alpha": -1.0}, "alpha"),
        ({"batch_size": 0}, "batch_size"),
        ({"max_iter": 0}, "max_iter"),
        ({"tol": -1.0}, "tol"),
        ({"momentum": 2.0, "solver": "sgd"}, "momentum"),
        ({"beta_1": 1.0}, "beta_1"),
        ({"validation_fraction": 1.0}, "validation_fraction"),
        ({"n_iter_no_change": 0}, "n_iter_no_change"),
        ({"early_stopping": True, "solver": "lbfgs"}, "early_stopping"),
        ({"random_state": "seed"}, "seed"),
    ],
    ids=str,
)
def test_parameters_that_make_no_sense(options, name):
    x, y = classes()
    with pytest.raises((ValueError, TypeError), match=name):
        MLPClassifier(**options).fit(x, y)


def test_losses_that_are_unknown():
    with pytest.raises(ValueError, match="squared_error, absolute_error, huber"):
        MLPRegressor(loss="log_loss").fit(np.eye(3), [1, 2, 3])


@pytest.mark.parametrize("weights", [[1.0, -1.0, 1.0], [0.0, 0.0, 0.0], [1.0, 2.0]])
def test_weights_that_make_no_sense(weights):
    with pytest.raises(ValueError, match=r"(?i)sample.weight"):
        MLPRegressor().fit(np.eye(3), [1, 2, 3], sample_weight=weights)


def test_a_batch_larger_than_the_data_is_a_warning():
    x, y = classes()
    with pytest.warns(UserWarning, match="batch_size=100.*60 rows"):
        MLPClassifier(batch_size=100, max_iter=1).fit(x, y)


def test_pickles_and_clones():
    x, y = classes()
    estimator = fitted(MLPClassifier, x, y)
    again = pickle.loads(pickle.dumps(estimator))
    np.testing.assert_array_equal(again.predict_proba(x), estimator.predict_proba(x))
    again.partial_fit(x, y)
    assert np.shares_memory(again.coefs_[0], again.model_._parameters)
    np.testing.assert_array_equal(clone(estimator).fit(x, y).coefs_[0], estimator.coefs_[0])


def test_the_model_can_be_saved(tmp_path):
    x, y = classes()
    estimator = fitted(MLPClassifier, x, y)
    estimator.model_.save(tmp_path / "m.npz")
    again = fa.load_model(tmp_path / "m.npz")
    np.testing.assert_array_equal(again.predict(x, verbose=0), estimator.predict_proba(x))


def test_an_interrupt_keeps_what_was_learned(monkeypatch):
    x, y = classes()
    estimator = MLPClassifier(max_iter=50, random_state=0)

    def interrupted(self, loss, validation, note=MLPClassifier._note):
        note(self, loss, validation)
        if self.n_iter_ == 5:
            raise KeyboardInterrupt

    monkeypatch.setattr(MLPClassifier, "_note", interrupted)
    with pytest.warns(UserWarning, match="interrupted"):
        estimator.fit(x, y)
    assert estimator.n_iter_ == 5
    assert len(estimator.predict(x)) == 60


GRID = {
    "mlpclassifier__activation": ["relu", "silu"],
    "mlpclassifier__hidden_layer_sizes": [(8,), (8, 8)],
}


def searched(**options):
    x, y = classes()
    pipeline = make_pipeline(StandardScaler(), MLPClassifier(max_iter=10, random_state=0))
    search = GridSearchCV(pipeline, GRID, cv=3, error_score="raise", **options).fit(x, y)
    return search.cv_results_["mean_test_score"]


@pytest.fixture(scope="module")
def one_process():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return searched()


@pytest.mark.filterwarnings("ignore")
def test_a_search_under_loky(one_process):
    joblib = pytest.importorskip("joblib")
    with joblib.parallel_config("loky", n_jobs=2):
        np.testing.assert_array_equal(searched(), one_process)


@pytest.mark.filterwarnings("ignore")
def test_a_search_under_dask(one_process):
    distributed = pytest.importorskip("distributed", reason="the backend of Dask for joblib")
    joblib = pytest.importorskip("joblib")
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster),
        joblib.parallel_config("dask"),
    ):
        np.testing.assert_array_equal(searched(), one_process)


def test_digits():
    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(x))
    x, y, held_out = x[order] / 16, y[order], slice(1437, None)
    classifier = MLPClassifier(
        (64,), "silu", learning_rate_init=0.005, batch_size=32, max_iter=30, random_state=0
    )
    assert classifier.fit(x[:1437], y[:1437]).score(x[held_out], y[held_out]) >= 0.97


@pytest.mark.skipif(find_spec("pandas") is None, reason="tables are pandas's")
def test_tables():
    pandas = pytest.importorskip("pandas")
    x, y = classes()
    table = pandas.DataFrame(x, columns=list("abcde"))
    estimator = fitted(MLPClassifier, table, pandas.Series(y))
    assert list(estimator.feature_names_in_) == list("abcde")
    np.testing.assert_array_equal(estimator.predict(table), fitted(MLPClassifier, x, y).predict(x))
