"""Multi-layer perceptrons for scikit-learn: its parameters and its habits, fastact's activations and speed."""

from __future__ import annotations

import numbers
import warnings
from typing import NamedTuple

import numpy as np

try:
    from scipy.optimize import minimize
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.metrics import accuracy_score, r2_score
    from sklearn.model_selection import train_test_split
    from sklearn.utils import check_random_state, column_or_1d, compute_sample_weight
    from sklearn.utils.metaestimators import available_if
    from sklearn.utils.multiclass import check_classification_targets, type_of_target, unique_labels
    from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data
except ImportError as error:
    raise ImportError("fastact.sklearn needs scikit-learn: pip install 'fastact[sklearn]'") from error

from . import optimizers
from ._data import real_number, whole_number
from ._warn import warn
from .callbacks import LambdaCallback
from .layers import Dense, Input
from .models import Sequential
from .regularizers import L2

__all__ = ["MLPClassifier", "MLPRegressor"]

#: what an adaptive learning rate is divided by, and where it ends
ADAPTIVE_DIVISOR, ADAPTIVE_END = 5.0, 1e-6

#: the optimizer of each solver, made from an estimator
SOLVERS = {
    "adam": lambda e: optimizers.Adam(e.learning_rate_init, e.beta_1, e.beta_2, e.epsilon),
    "adamw": lambda e: optimizers.AdamW(e.learning_rate_init, e.alpha, e.beta_1, e.beta_2, e.epsilon),
    "lbfgs": lambda e: optimizers.SGD(),  # holds the model's place; SciPy does the work
    "rmsprop": lambda e: optimizers.RMSprop(e.learning_rate_init, epsilon=e.epsilon),
    "sgd": lambda e: optimizers.SGD(e.learning_rate_init, e.momentum, e.nesterovs_momentum),
}

#: of the parameters that both estimators have
PARAMETERS = """hidden_layer_sizes : int or sequence of int, default (100,)
        Units of each hidden layer; none for a linear model.
    activation : str, activation, (forward, derivative), or a list of them, default 'relu'
        Of the hidden layers: whatever `fastact.layers.Dense` takes, and scikit-learn's names; a list has one
        for each layer.
    solver : {{'adam', 'adamw', 'rmsprop', 'sgd', 'lbfgs'}}, default 'adam'
    alpha : float, default 0.0001
        Strength of the L2 penalty, ``alpha / 2 * sum(w^2)`` beside the sum of the losses of a batch; of
        adamw it is the weight decay instead.
    batch_size : int or 'auto', default 'auto'
        Rows of a step, at most all of them; 'auto' is at most 200. (lbfgs takes all rows.)
    learning_rate : {{'constant', 'invscaling', 'adaptive'}}, default 'constant'
        'invscaling' divides the rate by ``(rows seen)^power_t``; 'adaptive' by 5 whenever the training would
        otherwise stop, down to 1e-6. (Not for lbfgs.)
    learning_rate_init : float, default 0.001
    power_t : float, default 0.5
    max_iter : int, default 200
        Passes over the data, of lbfgs iterations.
    shuffle : bool, default True
        Whether each pass takes the rows in a new order.
    random_state : int, RandomState instance or None, default None
        Where the first weights, the shuffling and the split for `early_stopping` come from.
    tol : float, default 1e-4
        Training stops when for more than `n_iter_no_change` passes the loss has not become less by this much.
    verbose : bool, default False
        Whether to print the loss of each pass.
    warm_start : bool, default False
        Whether `fit` goes on from where the last one ended.
    momentum : float, default 0.9
    nesterovs_momentum : bool, default True
        Both of sgd.
    early_stopping : bool, default False
        Whether to hold back a part of the data, stop when the score there does not become better, and
        restore the weights of the best. (Not with lbfgs.)
    validation_fraction : float, default 0.1
        How much to hold back.
    beta_1 : float, default 0.9
    beta_2 : float, default 0.999
        Both of adam and adamw.
    epsilon : float, default 1e-8
        Of adam, adamw and rmsprop.
    n_iter_no_change : int, default 10
    max_fun : int, default 15000
        Most evaluations of the loss by lbfgs.
    dtype : {'float64', 'float32'}, default 'float64'
        Of the weights and of all computation."""

ATTRIBUTES = """coefs_, intercepts_ : list of ndarray
        Weights of each layer, views into those of the model.
    model_ : Sequential
        The model itself.
    loss_, best_loss_ : float
        The last and the least loss; `best_loss_` is None with early stopping.
    loss_curve_ : list of float
    validation_scores_, best_validation_score_
        With early stopping; else None.
    n_iter_, t_, n_layers_, n_outputs_, n_features_in_, out_activation_
        As in scikit-learn."""


class Output(NamedTuple):
    """The last layer and its loss; `factor` times the mean over its units is scikit-learn's loss of a row."""

    units: int
    activation: str
    loss: str
    factor: float
    name: str


def documented(estimator):
    """Put into a docstring what both estimators share."""
    written = estimator.__doc__ or ""  # python -OO has no docstrings
    estimator.__doc__ = written.format(parameters=PARAMETERS, attributes=ATTRIBUTES)
    return estimator


def learns_in_steps(estimator) -> bool:
    """Whether there is a `partial_fit`."""
    if estimator.solver == "lbfgs":
        raise AttributeError("partial_fit needs a solver that takes steps, which lbfgs does not")
    if getattr(estimator, "class_weight", None) == "balanced":
        raise AttributeError("class_weight='balanced' needs all data, which partial_fit does not have")
    return True


class MLP(BaseEstimator):
    """What the classifier and the regressor share."""

    _output: Output

    def _set(self, arguments: dict) -> None:
        """Keep the arguments of the constructor as they are, as scikit-learn demands."""
        for name in self._get_param_names():
            setattr(self, name, arguments[name])

    def _check_parameters(self) -> None:
        for name, allowed in (
            ("solver", SOLVERS),
            ("learning_rate", ("constant", "invscaling", "adaptive")),
            ("dtype", ("float64", "float32")),
        ):
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} must be one of {', '.join(allowed)}; got {getattr(self, name)!r}")
        for name in ("max_iter", "n_iter_no_change", "max_fun"):
            whole_number(name, getattr(self, name), 1)
        if self.batch_size != "auto":
            whole_number("batch_size", self.batch_size, 1)
        for name in ("alpha", "tol", "power_t"):
            real_number(name, getattr(self, name), "at least 0", lambda value: value >= 0)
        real_number(
            "validation_fraction",
            self.validation_fraction,
            "greater than 0, less than 1",
            lambda v: 0 < v < 1,
        )
        if self.early_stopping and self.solver == "lbfgs":
            raise ValueError("early_stopping needs a solver that takes steps, which lbfgs does not")

    def _hidden_layers(self) -> list[tuple[int, object]]:
        """Units and activation of each hidden layer."""
        sizes = self.hidden_layer_sizes
        sizes = [sizes] if isinstance(sizes, numbers.Integral) else list(sizes)
        sizes = [whole_number("hidden_layer_sizes", size, 1) for size in sizes]
        activations = self.activation
        if not isinstance(activations, list):
            activations = [activations] * len(sizes)
        if len(activations) != len(sizes):
            raise ValueError(
                f"activation must be one, or a list of one for each of {len(sizes)} hidden layers; "
                f"got a list of {len(activations)}"
            )
        return list(zip(sizes, activations, strict=True))

    def fit(self, X, y, sample_weight=None):
        """Train on all data.

        Parameters
        ----------
        X : array_like, shape (rows, features)
        y : array_like, shape (rows,) or (rows, outputs)
        sample_weight : array_like, shape (rows,), optional
            A weight of 2 counts as much as the row twice.

        Returns
        -------
        self
        """
        return self._fit(X, y, sample_weight, incremental=False)

    def _fit(self, X, y, sample_weight, incremental: bool):
        """Train for `max_iter` passes, or one if `incremental`."""
        self._check_parameters()
        first = not hasattr(self, "model_") or not (self.warm_start or incremental)
        X, y = self._validated(X, y, first, incremental)
        weights = self._weights(X, y, sample_weight)
        if weights is not None:
            kept = weights > 0
            X, y, weights = X[kept], y[kept], weights[kept]
        random = check_random_state(self.random_state)
        validation = None
        if self.early_stopping:
            if incremental:
                raise ValueError("partial_fit cannot stop early: early_stopping must be False")
            X, y, weights, validation = self._held_back(X, y, weights, random)
        if first:
            self._start(X.shape[1], random.randint(2**31 - 1))
        if first or not incremental:
            self.model_.compile(SOLVERS[self.solver](self), self._output.loss)
        batch_size = self._batch_size(len(X))
        mean = 1.0 if weights is None else weights.mean()
        self._set_penalty(batch_size * mean)
        if weights is not None or self._output.factor != 1:
            weights = (np.ones(len(X)) if weights is None else weights) * (self._output.factor / mean)
        if self.solver == "lbfgs":
            self._minimize(X, y, weights)
        else:
            self._train(X, y, weights, batch_size, validation, 1 if incremental else self.max_iter)
        return self

    def _weights(self, X, y, sample_weight) -> np.ndarray | None:
        """A weight of each row, at least one of them greater than 0."""
        if sample_weight is None:
            return None
        weights = _check_sample_weight(sample_weight, X, dtype=np.float64)
        if (weights < 0).any() or not weights.any():
            raise ValueError("sample_weight must be at least 0, and greater somewhere")
        return weights

    def _held_back(self, X, y, weights, random) -> tuple:
        """Rows to learn from, their targets and weights; and the same three to validate with."""
        parts = [X, y] if weights is None else [X, y, weights]
        split = train_test_split(
            *parts, random_state=random, test_size=self.validation_fraction, stratify=self._strata(y)
        )
        missing = [None] * (3 - len(parts))
        seen, validation = [*split[::2], *missing], [*split[1::2], *missing]
        if len(validation[0]) < 2:
            raise ValueError("validation_fraction leaves fewer than 2 rows to validate with")
        return (*seen, validation)

    def _start(self, features: int, seed: int) -> None:
        """A new model for so many features, and nothing known of its training."""
        output = self._output
        penalty = None if self.solver == "adamw" else L2(0.0)
        layers = [
            Dense(units, activation, kernel_regularizer=penalty)
            for units, activation in [*self._hidden_layers(), (output.units, output.activation)]
        ]
        self.model_ = Sequential([Input((features,)), *layers], seed=seed, dtype=self.dtype)
        self.n_layers_, self.n_outputs_, self.out_activation_ = len(layers) + 1, output.units, output.name
        self.t_ = self._without_improvement = 0
        self.loss_curve_ = []
        self.best_loss_ = None if self.early_stopping else np.inf
        self.validation_scores_ = [] if self.early_stopping else None
        self.best_validation_score_ = -np.inf if self.early_stopping else None

    def _batch_size(self, rows: int) -> int:
        if self.solver == "lbfgs":
            return rows
        if self.batch_size == "auto":
            return min(200, rows)
        if self.batch_size > rows:
            warn(f"batch_size={self.batch_size} is more than the {rows} rows")
        return min(self.batch_size, rows)

    def _set_penalty(self, rows: float) -> None:
        """Make the penalty what it is in scikit-learn for batches that weigh as much as so many rows."""
        penalty = self.model_.layers[-1].kernel_regularizer
        if penalty is not None and penalty.l2 != self.alpha / 2 / rows:
            penalty.l2 = self.alpha / 2 / rows
            self.model_._forget_steps()

    def _train(self, X, y, weights, batch_size, validation, passes: int) -> None:
        """Take steps until there is no improvement any more."""
        model = self.model_
        self.n_iter_, self._best_weights, self._stopped = 0, None, passes == 1

        def end_of_pass(epoch, logs):
            self.n_iter_ += 1
            self.t_ += len(X)
            self._note(logs["loss"], validation)
            if self.learning_rate == "invscaling":
                model.optimizer.learning_rate = self.learning_rate_init / (self.t_ + 1) ** self.power_t
            if self._without_improvement > self.n_iter_no_change:
                self._stopped = model.stop_training = not self._slows_down()

        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "y has one class only", UserWarning)
            try:
                model.fit(
                    X,
                    y,
                    batch_size=batch_size,
                    epochs=passes,
                    verbose=0,
                    callbacks=[LambdaCallback(on_epoch_end=end_of_pass)],
                    shuffle=self.shuffle,
                    sample_weight=weights,
                )
            except KeyboardInterrupt:
                self._stopped = True
                warn("Training interrupted by user.")
        if self._best_weights is not None:
            model.set_weights(self._best_weights)
        if not self._stopped:
            warn(f"the training has not converged within max_iter={self.max_iter} passes", ConvergenceWarning)

    def _note(self, loss: float, validation) -> None:
        """Note how a pass went, and whether it was better than all before."""
        self.loss_ = loss
        self.loss_curve_.append(loss)
        if self.verbose:
            print(f"Iteration {self.n_iter_}, loss = {loss:.8f}")
        if validation is None:
            value, best = -loss, -self.best_loss_
            self.best_loss_ = min(loss, self.best_loss_)
        else:
            value, best = self._validation_score(*validation), self.best_validation_score_
            self.validation_scores_.append(value)
            if self.verbose:
                print(f"Validation score: {value:f}")
            if value > best:
                self.best_validation_score_, self._best_weights = value, self.model_.get_weights()
        self._without_improvement = 0 if value >= best + self.tol else self._without_improvement + 1

    def _slows_down(self) -> bool:
        """Whether a smaller learning rate takes the place of the end."""
        optimizer = self.model_.optimizer
        if self.learning_rate != "adaptive" or optimizer.learning_rate <= ADAPTIVE_END:
            return False
        optimizer.learning_rate /= ADAPTIVE_DIVISOR
        self._without_improvement = 0
        return True

    def _minimize(self, X, y, weights) -> None:
        """Let SciPy find the minimum of the loss over all rows."""
        model = self.model_
        x, target, weights = model._data(X, y, weights)
        model._ready_to_train()
        step, order = model._step(len(x), x, target, weights is not None), np.arange(len(x), dtype=np.int64)

        def loss_and_gradient(parameters):
            model._parameters[:] = parameters
            loss = step.run_forward(x, target, weights, order, 0)
            step.run_backward()
            return loss, model._gradients.astype(np.float64)

        found = minimize(
            loss_and_gradient,
            model._parameters.astype(np.float64),
            method="L-BFGS-B",
            jac=True,
            options={"maxiter": self.max_iter, "maxfun": self.max_fun, "gtol": self.tol},
        )
        model._parameters[:] = found.x
        self.n_iter_, self.loss_ = found.nit, float(found.fun)
        self.t_ += len(X) * found.nit
        self.loss_curve_.append(self.loss_)
        self.best_loss_ = min(self.loss_, self.best_loss_)
        if not found.success:
            warn(f"lbfgs has not converged: {found.message}", ConvergenceWarning)

    def _outputs(self, X) -> np.ndarray:
        check_is_fitted(self, "model_")
        X = validate_data(self, X, dtype=self.dtype, reset=False)
        return self.model_.predict(X, batch_size=1024, verbose=0)

    @property
    def coefs_(self) -> list[np.ndarray]:
        return [layer.kernel for layer in self.model_.layers]

    @property
    def intercepts_(self) -> list[np.ndarray]:
        return [layer.bias for layer in self.model_.layers]


@documented
class MLPClassifier(ClassifierMixin, MLP):
    """A classifier: hidden layers, then a sigmoid or softmax with its cross-entropy.

    Parameters
    ----------
    {parameters}
    class_weight : dict, 'balanced' or None, default None
        Weights of the classes, by which those of the rows are multiplied; 'balanced' makes all classes
        count the same (not in `partial_fit`, which cannot know).

    Attributes
    ----------
    classes_ : ndarray
    {attributes}

    See Also
    --------
    MLPRegressor

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from fastact.sklearn import MLPClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> classifier = MLPClassifier((16,), "silu", learning_rate_init=0.02, max_iter=500, random_state=0)
    >>> bool(classifier.fit(X, y).score(X, y) > 0.95)
    True
    """

    def __init__(
        self,
        hidden_layer_sizes=(100,),
        activation="relu",
        *,
        solver="adam",
        alpha=0.0001,
        batch_size="auto",
        learning_rate="constant",
        learning_rate_init=0.001,
        power_t=0.5,
        max_iter=200,
        shuffle=True,
        random_state=None,
        tol=1e-4,
        verbose=False,
        warm_start=False,
        momentum=0.9,
        nesterovs_momentum=True,
        early_stopping=False,
        validation_fraction=0.1,
        beta_1=0.9,
        beta_2=0.999,
        epsilon=1e-8,
        n_iter_no_change=10,
        max_fun=15000,
        dtype="float64",
        class_weight=None,
    ):
        self._set(locals())

    @available_if(learns_in_steps)
    def partial_fit(self, X, y, sample_weight=None, classes=None):
        """Train for one pass over some of the data.

        Parameters
        ----------
        X, y, sample_weight
            As for `fit`.
        classes : array_like, optional
            All classes that there are; needed in the first call.

        Returns
        -------
        self
        """
        if not hasattr(self, "model_"):
            if classes is None:
                raise ValueError("classes must be given in the first call of partial_fit")
            self.classes_ = unique_labels(classes)
        elif classes is not None and not np.array_equal(self.classes_, unique_labels(classes)):
            raise ValueError(f"classes must stay the same: they were {self.classes_}, now {classes}")
        return self._fit(X, y, sample_weight, incremental=True)

    def _validated(self, X, y, first, incremental):
        X, y = validate_data(self, X, y, dtype=self.dtype, multi_output=True, reset=first)
        check_classification_targets(y)
        multilabel = type_of_target(y) == "multilabel-indicator"
        if first:
            self._multilabel = multilabel
        elif multilabel != self._multilabel:
            raise ValueError("y must have one label a row, or several, as it had at first")
        if multilabel:
            y = y.toarray() if hasattr(y, "toarray") else np.asarray(y)
            known = np.arange(y.shape[1])
        else:
            y = column_or_1d(y, warn=True)
            known = np.unique(y)
        if first and not incremental:
            self.classes_ = known
        if not np.isin(known, self.classes_).all():
            raise ValueError(f"y must hold the classes {self.classes_} alone, as at first; got {known}")
        return X, y if multilabel else np.searchsorted(self.classes_, y)

    def _weights(self, X, y, sample_weight):
        weights = super()._weights(X, y, sample_weight)
        if self.class_weight is None:
            return weights
        if self.class_weight == "balanced" and not self._multilabel:  # of rows that may count more than once
            counts = np.bincount(y, weights)
            by_row = (counts.sum() / np.count_nonzero(counts) / np.maximum(counts, np.finfo(float).tiny))[y]
        else:
            by_row = compute_sample_weight(self.class_weight, y if self._multilabel else self.classes_[y])
        return by_row if weights is None else weights * by_row

    @property
    def _output(self):
        count = len(self.classes_)
        if self._multilabel:
            return Output(count, "sigmoid", "binary_crossentropy", count, "logistic")
        if count > 2:
            return Output(count, "softmax", "sparse_categorical_crossentropy", 1, "softmax")
        return Output(1, "sigmoid", "binary_crossentropy", 1, "logistic")

    def _strata(self, y):
        return None if self._multilabel else y

    def _validation_score(self, X, y, weights) -> float:
        guesses = self._decided(self.model_.predict(X, batch_size=1024, verbose=0))
        return accuracy_score(y, guesses, sample_weight=weights)

    def _decided(self, outputs: np.ndarray) -> np.ndarray:
        """The numbers of the likeliest classes; of several labels, which are likely."""
        if self._multilabel:
            return (outputs > 0.5).astype(int)
        if outputs.shape[1] == 1:
            return np.minimum(outputs[:, 0] > 0.5, len(self.classes_) - 1).astype(int)
        return outputs.argmax(axis=1)

    def predict(self, X):
        """The likeliest class of each row, or, of several labels, which are likely.

        Parameters
        ----------
        X : array_like, shape (rows, features)

        Returns
        -------
        ndarray, shape (rows,) or (rows, labels)
        """
        decided = self._decided(self._outputs(X))
        return decided if self._multilabel else self.classes_[decided]

    def predict_proba(self, X):
        """The probability of each class; of two classes never 0, of several labels never 0 or 1.

        Parameters
        ----------
        X : array_like, shape (rows, features)

        Returns
        -------
        ndarray, shape (rows, classes)
        """
        outputs = self._outputs(X)
        if self._output.activation == "softmax":
            return outputs
        # No sigmoid is 0 or 1, but lbfgs finds logits of data that can be told apart for which it is rounded to that
        limits = np.finfo(outputs.dtype)
        outputs = np.clip(outputs, limits.tiny, 1 - limits.epsneg)
        if self._multilabel:
            return outputs
        return np.hstack([1 - outputs, outputs]) if len(self.classes_) == 2 else np.ones_like(outputs)

    def predict_log_proba(self, X):
        """The logarithms of `predict_proba`."""
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


#: losses of the regressor: fastact's, and the factor by which scikit-learn's differs
LOSSES = {
    "squared_error": ("mean_squared_error", 0.5),
    "absolute_error": ("mean_absolute_error", 1.0),
    "huber": ("huber", 1.0),
}


@documented
class MLPRegressor(RegressorMixin, MLP):
    """A regressor: hidden layers, then a linear one.

    Parameters
    ----------
    loss : {{'squared_error', 'absolute_error', 'huber'}}, default 'squared_error'
        The squared error is halved, as in scikit-learn.
    {parameters}

    Attributes
    ----------
    {attributes}

    See Also
    --------
    MLPClassifier

    Examples
    --------
    >>> import numpy as np
    >>> from fastact.sklearn import MLPRegressor
    >>> X = np.linspace(-3, 3, 200)[:, None]
    >>> regressor = MLPRegressor(hidden_layer_sizes=(32, 32), activation=["tanh", "mish"], solver="lbfgs",
    ...                          max_iter=1000, random_state=0)
    >>> bool(regressor.fit(X, np.sin(X[:, 0])).score(X, np.sin(X[:, 0])) > 0.99)
    True
    """

    def __init__(
        self,
        loss="squared_error",
        hidden_layer_sizes=(100,),
        activation="relu",
        *,
        solver="adam",
        alpha=0.0001,
        batch_size="auto",
        learning_rate="constant",
        learning_rate_init=0.001,
        power_t=0.5,
        max_iter=200,
        shuffle=True,
        random_state=None,
        tol=1e-4,
        verbose=False,
        warm_start=False,
        momentum=0.9,
        nesterovs_momentum=True,
        early_stopping=False,
        validation_fraction=0.1,
        beta_1=0.9,
        beta_2=0.999,
        epsilon=1e-8,
        n_iter_no_change=10,
        max_fun=15000,
        dtype="float64",
    ):
        self._set(locals())

    @available_if(learns_in_steps)
    def partial_fit(self, X, y, sample_weight=None):
        """Train for one pass over some of the data; the arguments are those of `fit`."""
        return self._fit(X, y, sample_weight, incremental=True)

    def _check_parameters(self):
        super()._check_parameters()
        if self.loss not in LOSSES:
            raise ValueError(f"loss must be one of {', '.join(LOSSES)}; got {self.loss!r}")

    def _validated(self, X, y, first, incremental):
        X, y = validate_data(self, X, y, dtype=self.dtype, multi_output=True, y_numeric=True, reset=first)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        y = y.reshape(len(y), -1)
        if first:
            self._units = y.shape[1]
        if y.shape[1] != self._units:
            raise ValueError(f"y must have {self._units} columns, as it had at first; got {y.shape[1]}")
        return X, y

    @property
    def _output(self):
        loss, factor = LOSSES[self.loss]
        return Output(self._units, "linear", loss, factor * self._units, "identity")

    def _strata(self, y):
        return None

    def _validation_score(self, X, y, weights) -> float:
        return r2_score(y, self.model_.predict(X, batch_size=1024, verbose=0), sample_weight=weights)

    def predict(self, X):
        """The targets of each row.

        Parameters
        ----------
        X : array_like, shape (rows, features)

        Returns
        -------
        ndarray, shape (rows,) or (rows, outputs)
        """
        outputs = self._outputs(X)
        return outputs[:, 0] if self._units == 1 else outputs

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
