"""What happens within `fit`: epochs of steps, validation, callbacks."""

from __future__ import annotations

import math
from functools import partial
from itertools import islice

import numpy as np

from . import _data, utils
from ._batches import ArrayBatches, Epochs, StreamedBatches, checked_share, is_stream, split
from ._warn import warn
from .callbacks import CallbackList, History, ProgressBar, TerminateOnNaN

#: overflow shows in the loss, and need not be said twice
QUIET = np.errstate(all="ignore")
#: what stands before the names of arguments in messages about them
OF_VALIDATION = "validation_data: "
#: rows that are validated at a time, at least, and predicted where nobody says how many
MEASURED_AT_ONCE = 256


def diverged(loss: float, where: str = "") -> FloatingPointError:
    return FloatingPointError(f"the loss became {loss}{where}; a lower learning rate may help")


class Training:
    """One run of `fit`, whose arguments it takes and checks."""

    def __init__(
        self,
        model,
        x,
        y,
        batch_size,
        epochs,
        verbose,
        callbacks,
        validation_split,
        validation_data,
        shuffle,
        class_weight,
        sample_weight,
        initial_epoch,
        steps_per_epoch,
        validation_freq,
        seed,
        validation_steps,
        validation_batch_size,
    ):
        self.model = model
        self.batch_size = _data.whole_number_or(32, "batch_size", batch_size, 1)
        self.epochs = _data.whole_number("epochs", epochs, 0)
        self.first_epoch = _data.whole_number("initial_epoch", initial_epoch, 0)
        steps_per_epoch = _data.whole_number_or(None, "steps_per_epoch", steps_per_epoch, 1)
        self.validation_steps = _data.whole_number_or(None, "validation_steps", validation_steps, 1)
        # without a number of steps nobody sees how many rows they have
        at_once = self.batch_size if validation_steps else max(self.batch_size, MEASURED_AT_ONCE)
        at_once = _data.whole_number_or(at_once, "validation_batch_size", validation_batch_size, 1)
        self.validation_freq = validation_freq
        if not isinstance(validation_freq, (list, tuple, set)):
            self.validation_freq = _data.whole_number("validation_freq", validation_freq, 1)
        share = checked_share(validation_split)
        self.rng = model._rng_for(utils.checked_seed(seed))
        self.plan = self.validation = None
        if is_stream(x):
            if share:
                raise ValueError("validation_split must be 0 where x yields batches: give validation_data")
            batches = streamed(model, x, y, sample_weight, class_weight)
        else:
            x, y, weights = model._data(x, y, sample_weight, class_weight)
            if validation_data is None and share:
                (x, y, weights), held_back = split(x, y, weights, share)
                if class_weight is not None:  # which is for training alone
                    held_back[2] = None
                self.validation = ArrayBatches(*held_back, at_once)
            _data.warn_of_single_class(y, model._output_shape[0], model.loss.name)
            batches = ArrayBatches(x, y, weights, self.batch_size, self.rng if shuffle else None)
        if validation_data is not None:
            self.validation = self._given_to_validate(validation_data, at_once)
        self.data = Epochs(batches, steps_per_epoch)
        self.progress = ProgressBar(verbose, self.data.steps)
        params = {"epochs": self.epochs, "steps": self.data.steps, "verbose": verbose}
        self.callbacks = CallbackList(callbacks, model, params)
        self.terminator = next((c for c in self.callbacks.callbacks if isinstance(c, TerminateOnNaN)), None)
        self.history = History()
        self.history.set_model(model)
        self.history.set_params(params)

    def _given_to_validate(self, given, batch_size: int):
        """Batches of the user's validation_data."""
        if is_stream(given):
            return StreamedBatches(given, partial(self.model._data, of=OF_VALIDATION), "validation_data")
        if not isinstance(given, (tuple, list)) or len(given) not in (2, 3):
            raise TypeError(
                "validation_data must be a pair (x, y) or (x, y, sample_weight), or yield such batches, "
                f"got {type(given).__name__}"
            )
        return ArrayBatches(*self.model._data(*given, of=OF_VALIDATION), batch_size)

    def run(self) -> History:
        model = self.model
        model.history, model.stop_training = self.history, False
        self.callbacks.call("on_train_begin", {})
        for epoch in range(self.first_epoch, self.epochs):
            self.progress.begin(f"Epoch {epoch + 1}/{self.epochs}")
            self.callbacks.call("on_epoch_begin", epoch, {})
            logs = self._epoch(epoch)
            if logs is None:
                break
            if self.validation is not None and self._validates(epoch):
                logs |= {f"val_{name}": value for name, value in self._validate(epoch).items()}
            self.callbacks.call("on_epoch_end", epoch, logs)
            self.history.on_epoch_end(epoch, logs)
            self.progress.end(logs)
            if model.stop_training:
                break
        self.callbacks.call("on_train_end", {})
        return self.history

    def _validate(self, epoch: int) -> dict[str, float]:
        """Loss and metrics of the validation; none if its batches have run out."""
        self.callbacks.call("on_test_begin", {})
        found, steps = measure(self.model, self.validation, self.validation_steps)
        self.callbacks.call("on_test_end", found)
        if steps < (self.validation_steps or 1):
            where = f" in epoch {epoch + 1} of {self.epochs}, after {steps} steps"
            warn_of_missing_batches("validation_data", f"{where}; from now on there is none")
            self.validation = None
        return found

    def _validates(self, epoch: int) -> bool:
        if isinstance(self.validation_freq, int):
            return (epoch + 1) % self.validation_freq == 0
        return epoch + 1 in self.validation_freq

    @QUIET
    def _epoch(self, epoch: int) -> dict[str, float] | None:
        """Train for an epoch; the means of loss and metrics, or None if there are no data left."""
        model, progress, callbacks, plan = self.model, self.progress, self.callbacks, self.plan
        total, rows, number = 0.0, 0, -1
        if plan is not None:
            plan.reset_metrics()
        for number, batch in enumerate(self.data):
            if plan is None:  # here, as a model may be built by its first batch
                plan = self.plan = model._ready_to_train(self.rng)
            if callbacks.at_batches:
                callbacks.call("on_train_batch_begin", number, {})
            step = model._step(batch.rows, batch.x, batch.y, batch.weights is not None)
            loss = step.run_forward(batch.x, batch.y, batch.weights, batch.order, batch.start)
            if not math.isfinite(loss):
                self._diverge(loss, epoch, number)
                return named(loss, plan.metrics)
            step.run_backward()
            model.optimizer.step()
            total += loss * batch.rows
            rows += batch.rows
            for add_to_metric in step.measures:
                add_to_metric()
            if callbacks.at_batches:
                callbacks.call("on_train_batch_end", number, named(total / rows, plan.metrics))
            if progress.due():
                progress.step(number + 1, named(total / rows, plan.cheap_metrics))
        self._check_steps(epoch, number + 1)
        return named(total / rows, plan.metrics) if rows else None

    def _diverge(self, loss: float, epoch: int, number: int) -> None:
        """Say that the loss is not finite: by an error, or by the callback that is there for it."""
        if self.terminator is None:
            steps = f" of {self.data.steps}" if self.data.steps else ""
            raise diverged(loss, f" in epoch {epoch + 1}, batch {number + 1}{steps}")
        self.terminator.terminate(number, loss)

    def _check_steps(self, epoch: int, steps: int) -> None:
        """End the training if x has yielded too few batches for an epoch."""
        if steps >= (self.data.steps or 1):
            self.progress.steps = steps
            return
        if steps == 0 and epoch == self.first_epoch:
            raise ValueError("x is empty: it must yield at least one batch")
        where = f" in epoch {epoch + 1} of {self.epochs}, after {steps} steps"
        warn_of_missing_batches("x", f"{where}; training ends")
        self.model.stop_training = True


def streamed(model, x, y, sample_weight, class_weight=None) -> StreamedBatches:
    """The batches that x yields; `y` and `sample_weight` are in them."""
    for name, value in (("y", y), ("sample_weight", sample_weight)):
        if value is not None:
            raise ValueError(f"{name} must not be given where x yields batches, which hold it")
    return StreamedBatches(x, partial(model._data, class_weight=class_weight))


def warn_of_missing_batches(name: str, where: str) -> None:
    warn(f"{name} ran out of batches{where}")


def named(loss: float, metrics) -> dict[str, float]:
    """Loss and metrics by name."""
    return {"loss": loss, **{metric.name: metric.result() for metric in metrics}}


@QUIET
def measure(model, batches, steps: int | None = None, progress: ProgressBar | None = None):
    """The means of loss and metrics over the rows of so many batches, or all, in their order; and their number."""
    plan, total, rows, number = None, 0.0, 0, 0
    for number, batch in enumerate(islice(batches, steps), 1):
        if plan is None:  # here, as a model may be built by its first batch
            plan = model._planned()
            plan.reset_metrics()
        part = slice(batch.start, batch.start + batch.rows)
        x = np.ascontiguousarray(batch.x[part], model.dtype)
        y = np.ascontiguousarray(batch.y[part], _data.target_dtype(batch.y, model.dtype))
        weights = None if batch.weights is None else batch.weights[part]
        total += batch.rows * plan.measure(x, y, weights)
        rows += batch.rows
        if progress is not None and progress.due():
            progress.step(number, named(total / rows, plan.cheap_metrics))
    return named(total / rows, plan.metrics) if rows else {}, number
