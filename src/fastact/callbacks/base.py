"""What all callbacks share, and how several are called as one."""

from __future__ import annotations

from .._warn import warn

#: what `fit` calls, with an epoch or batch if the name has one, and the values so far
EVENTS = (
    "on_train_begin",
    "on_train_end",
    "on_epoch_begin",
    "on_epoch_end",
    "on_train_batch_begin",
    "on_train_batch_end",
    "on_test_begin",
    "on_test_end",
)


class Callback:
    """Called while a model trains; override what you need.

    Attributes
    ----------
    model : Sequential
        The model that trains.
    params : dict
        ``epochs``, ``steps`` (None if it is not known) and ``verbose`` of `fit`.

    Examples
    --------
    >>> import numpy as np
    >>> from fastact.callbacks import Callback
    >>> from fastact.layers import Dense
    >>> from fastact.models import Sequential
    >>> class Greeting(Callback):
    ...     def on_epoch_end(self, epoch, logs=None):
    ...         print("end of epoch", epoch, sorted(logs))
    >>> model = Sequential([Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> history = model.fit(np.ones((4, 2)), np.ones(4), verbose=0, callbacks=[Greeting()])
    end of epoch 0 ['loss']
    """

    model = None
    params: dict

    def set_model(self, model) -> None:
        self.model = model

    def set_params(self, params: dict) -> None:
        self.params = params

    def on_train_begin(self, logs=None) -> None:
        """Before the first epoch."""

    def on_train_end(self, logs=None) -> None:
        """After the last epoch; not if an error or Ctrl-C ends the training."""

    def on_epoch_begin(self, epoch, logs=None) -> None:
        """Before an epoch."""

    def on_epoch_end(self, epoch, logs=None) -> None:
        """After an epoch; what is put into `logs` comes into the history."""

    def on_train_batch_begin(self, batch, logs=None) -> None:
        """Before a step."""

    def on_train_batch_end(self, batch, logs=None) -> None:
        """After a step; `logs` are the means over the epoch so far."""

    def on_test_begin(self, logs=None) -> None:
        """Before a validation."""

    def on_test_end(self, logs=None) -> None:
        """After a validation."""


class CallbackList:
    """Several callbacks, of which only those are called that override an event.

    Attributes
    ----------
    at_batches : bool
        Whether there are any to be called at each step.
    """

    def __init__(self, callbacks, model, params: dict):
        if callbacks is None:
            callbacks = []
        elif isinstance(callbacks, Callback):
            callbacks = [callbacks]
        if not isinstance(callbacks, (list, tuple)) or not all(isinstance(c, Callback) for c in callbacks):
            raise TypeError(f"callbacks must be a list of objects of fastact.callbacks, got {callbacks!r}")
        self.callbacks = list(callbacks)
        for callback in callbacks:
            warn_of_other_events(callback)
            callback.set_params(params)
            callback.set_model(model)
        self.methods = {
            event: [getattr(c, event) for c in callbacks if overrides(c, event)] for event in EVENTS
        }
        self.at_batches = bool(self.methods["on_train_batch_begin"] or self.methods["on_train_batch_end"])

    def call(self, event: str, *arguments) -> None:
        for method in self.methods[event]:
            method(*arguments)


def warn_of_other_events(callback: Callback) -> None:
    """Warn of methods with the name of an event that there is not, such as Keras's of `predict`."""
    for name in dir(callback):
        if name.startswith("on_") and name not in EVENTS:
            warn(f"{type(callback).__name__}.{name} is never called: the events are {', '.join(EVENTS)}")


def overrides(callback: Callback, event: str) -> bool:
    return getattr(getattr(callback, event), "__func__", None) is not getattr(Callback, event)


class LambdaCallback(Callback):
    """Functions as a callback.

    Parameters
    ----------
    on_train_begin, on_train_end, on_epoch_begin, on_epoch_end, on_train_batch_begin, ... : callable
        For any method of `Callback`, with its arguments: epoch or batch, and logs.

    Examples
    --------
    >>> from fastact.callbacks import LambdaCallback
    >>> callback = LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, logs["loss"]))
    >>> callback.on_epoch_end(0, {"loss": 0.5})
    0 0.5
    """

    def __init__(
        self,
        on_epoch_begin=None,
        on_epoch_end=None,
        on_train_begin=None,
        on_train_end=None,
        on_train_batch_begin=None,
        on_train_batch_end=None,
        **others,
    ):
        given = {name: value for name, value in locals().items() if name in EVENTS} | others
        for name, function in given.items():
            if name not in EVENTS:
                raise TypeError(f"LambdaCallback: there is no event {name!r}, but {', '.join(EVENTS)}")
            if function is not None:
                if not callable(function):
                    raise TypeError(f"LambdaCallback: {name} must be callable, got {function!r}")
                setattr(self, name, function)
