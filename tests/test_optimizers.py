"""Optimizers: their updates against the textbook and against hand-computed ones, and what they refuse."""

from __future__ import annotations

from platform import machine

import numpy as np
import pytest
from networks import LOSSES, data, model

from fastact import optimizers
from fastact.optimizers import SGD, Adam, AdamW, RMSprop, schedules
from fastact.reference import trainer

OPTIMIZERS = [
    (SGD, {}),
    (SGD, {"learning_rate": 0.05, "momentum": 0.9, "weight_decay": 0.1}),
    (SGD, {"learning_rate": 0.05, "momentum": 0.9, "nesterov": True, "global_clipnorm": 0.1}),
    (RMSprop, {}),
    (RMSprop, {"learning_rate": 0.01, "rho": 0.8, "epsilon": 1e-4, "centered": True, "clipvalue": 0.01}),
    (RMSprop, {"learning_rate": 0.002, "momentum": 0.7}),
    (RMSprop, {"learning_rate": 0.002, "momentum": 0.7, "centered": True, "epsilon": 1e-3}),
    (Adam, {}),
    (Adam, {"learning_rate": 0.01, "beta_1": 0.8, "beta_2": 0.99, "epsilon": 1e-4, "clipnorm": 0.05}),
    (Adam, {"learning_rate": schedules.CosineDecay(0.01, 80, warmup_target=0.02, warmup_steps=10)}),
    (AdamW, {"learning_rate": 0.01}),
]


@pytest.mark.parametrize(("kind", "options"), OPTIMIZERS)
@pytest.mark.parametrize("loss", LOSSES)
def test_a_hundred_steps_agree_with_the_textbook(loss, kind, options):
    network = model(loss, optimizer=kind(**options))
    textbook = trainer.Network(
        network.get_weights(), "tanh", loss, getattr(trainer, kind.__name__)(**options)
    )
    x, y = data(loss, rows=320)
    for step in range(100):
        rows = slice(32 * (step % 10), 32 * (step % 10 + 1))
        value = network.train_on_batch(x[rows], y[rows])
        assert value == pytest.approx(textbook.train(x[rows], y[rows]), rel=1e-12)
    for weight, expected in zip(network.get_weights(), textbook.weights, strict=True):
        np.testing.assert_allclose(weight, expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(
    ("optimizer", "twin"),
    [
        (SGD(0.05), ("SGD", {"lr": 0.05})),
        (SGD(0.05, 0.9), ("SGD", {"lr": 0.05, "momentum": 0.9})),
        (SGD(0.05, 0.9, nesterov=True), ("SGD", {"lr": 0.05, "momentum": 0.9, "nesterov": True})),
        (RMSprop(0.01, epsilon=0, rho=0.8), ("RMSprop", {"lr": 0.01, "eps": 0, "alpha": 0.8})),
        (
            RMSprop(0.002, epsilon=0, momentum=0.7),
            ("RMSprop", {"lr": 0.002, "eps": 0, "alpha": 0.9, "momentum": 0.7}),
        ),
        (Adam(0.01, epsilon=0), ("Adam", {"lr": 0.01, "eps": 0})),
        (AdamW(0.01, epsilon=0), ("AdamW", {"lr": 0.01, "eps": 0, "weight_decay": 0.004})),
    ],
    ids=repr,
)
def test_a_hundred_steps_agree_with_pytorch(optimizer, twin):
    torch = pytest.importorskip("torch")
    network = model(optimizer=optimizer)
    weights = [torch.tensor(weight, requires_grad=True) for weight in network.get_weights()]
    theirs = getattr(torch.optim, twin[0])(weights, **twin[1])
    x, y = data("sparse_categorical_crossentropy", rows=320)
    for step in range(100):
        rows = slice(32 * (step % 10), 32 * (step % 10 + 1))
        network.train_on_batch(x[rows], y[rows])
        theirs.zero_grad()
        hidden = torch.tanh(torch.tensor(x[rows]) @ weights[0] + weights[1])
        loss = torch.nn.functional.cross_entropy(hidden @ weights[2] + weights[3], torch.tensor(y[rows]))
        loss.backward()
        theirs.step()
    for weight, expected in zip(network.get_weights(), weights, strict=True):
        np.testing.assert_allclose(weight, expected.detach().numpy(), rtol=1e-12, atol=1e-13)


@pytest.mark.skipif(machine() not in ("x86_64", "AMD64"), reason="subnormals are flushed on x86 alone")
@pytest.mark.parametrize(("kind", "options"), OPTIMIZERS)
def test_moments_do_not_end_as_subnormals(kind, options):
    optimizer = kind(**options)
    parameters, gradients = np.ones(100, np.float32), np.full(100, 1e-3, np.float32)
    optimizer.bind(parameters, gradients)
    optimizer.step()
    gradients[:] = 0  # as behind a unit that has died
    for _ in range(2000):
        optimizer.step()
    for moment in optimizer.moments:
        size = np.abs(moment)
        assert ((size == 0) | (size >= np.finfo(np.float32).tiny)).all()


@pytest.mark.parametrize(("kind", "options"), OPTIMIZERS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n", [1, 15, 16, 17, 1000])
def test_updates_of_flat_arrays(n, dtype, kind, options):
    rng = np.random.default_rng(n)
    p, gradient = rng.standard_normal(n).astype(dtype), np.empty(n, dtype)
    expected = [p.astype(float)]
    optimizer, textbook = kind(**options), getattr(trainer, kind.__name__)(**options)
    optimizer.bind(p, gradient)
    for _ in range(5):
        gradient[:] = rng.standard_normal(n)
        optimizer.step()
        textbook.update(expected, [gradient.astype(float)])
    eps = np.finfo(dtype).eps
    np.testing.assert_allclose(p, expected[0], rtol=16 * eps, atol=8 * eps)


@pytest.mark.parametrize(
    ("schedule", "values"),
    [
        (schedules.ExponentialDecay(1, 10, 0.5), {0: 1, 5: 0.5**0.5, 10: 0.5, 30: 0.125}),
        (schedules.ExponentialDecay(1, 10, 0.5, staircase=True), {0: 1, 9: 1, 10: 0.5, 39: 0.125}),
        (schedules.CosineDecay(2, 100), {0: 2, 50: 1, 100: 0, 999: 0}),
        (schedules.CosineDecay(2, 100, alpha=0.1), {0: 2, 50: 1.1, 100: 0.2, 999: 0.2}),
        (schedules.CosineDecay(0, 100, warmup_target=2, warmup_steps=10), {0: 0, 5: 1, 10: 2, 60: 1, 110: 0}),
        (schedules.PiecewiseConstantDecay([10, 20], [3, 2, 1]), {0: 3, 10: 3, 11: 2, 20: 2, 21: 1}),
    ],
    ids=repr,
)
def test_schedules(schedule, values):
    for step, value in values.items():
        assert schedule(step) == pytest.approx(value, abs=1e-15)
    twin = schedules.get({"class_name": type(schedule).__name__, "config": schedule.get_config()})
    assert [twin(step) for step in values] == [schedule(step) for step in values]
    network = model(optimizer=SGD(schedule))
    assert network.optimizer.learning_rate == schedule(0)
    network.fit(*data("sparse_categorical_crossentropy", rows=60), batch_size=6, verbose=0)
    assert network.optimizer.learning_rate == schedule(10)


@pytest.mark.parametrize(("kind", "options"), OPTIMIZERS)
def test_configurations_go_round(kind, options):
    given = kind(**options)
    twin = optimizers.get({"class_name": kind.__name__, "config": given.get_config()})
    assert type(twin) is kind
    assert twin.get_config() == given.get_config()


def test_clips_hold_their_limits():
    rng = np.random.default_rng(0)
    for options in ({"clipnorm": 0.5}, {"clipvalue": 0.1}, {"global_clipnorm": 0.5}):
        p, g = np.zeros(100), rng.standard_normal(100)
        before = g.copy()
        sections = [g[:30], g[30:]]
        optimizer = SGD(1.0, **options)
        optimizer.bind(p, g, sections)
        optimizer.step()
        if "clipvalue" in options:
            np.testing.assert_array_equal(-p, np.clip(before, -0.1, 0.1))
        for section in sections if "clipnorm" in options else [g]:
            assert "clipvalue" in options or np.linalg.norm(section) == pytest.approx(0.5)
    p, g = np.zeros(3), np.full(3, 0.1)
    optimizer = SGD(1.0, clipnorm=1.0)
    optimizer.bind(p, g)
    optimizer.step()
    np.testing.assert_array_equal(p, [-0.1] * 3)


def test_first_step_of_adam_by_hand():
    p, g = np.zeros(2), np.array([0.5, -2.0])
    optimizer = Adam(0.1)
    optimizer.bind(p, g)
    optimizer.step()
    rate = 0.1 * np.sqrt(1 - 0.999) / (1 - 0.9)
    np.testing.assert_allclose(p, -rate * 0.1 * g / (np.sqrt(0.001) * np.abs(g) + 1e-7), rtol=1e-12)
    assert optimizer.iterations == 1


def test_learning_rate_may_change():
    network = model(optimizer="sgd")
    network.optimizer.learning_rate = 0
    before = network.get_weights()
    network.fit(*data("sparse_categorical_crossentropy"), verbose=0)
    for old, new in zip(before, network.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_an_optimizer_serves_one_model():
    optimizer = Adam()
    first = model(optimizer=optimizer)
    second = model(optimizer=optimizer)
    x, y = data("sparse_categorical_crossentropy")
    first.fit(x, y, verbose=0)
    with pytest.raises(ValueError, match="another model"):
        second.fit(x, y, verbose=0)
    with pytest.raises(ValueError, match="another model"):
        model(optimizer=optimizer)


def test_no_update_warns():
    for dtype in (np.float32, np.float64):
        p, g = np.zeros(20, dtype), np.full(20, np.finfo(dtype).max)
        with np.errstate(all="raise"):
            for optimizer in (SGD(10.0), SGD(10.0, 0.9), Adam()):
                optimizer.bind(p, g)
                optimizer.step()


@pytest.mark.parametrize(("call", "error", "message"), [
    (lambda: optimizers.get("adamm"), ValueError, "unknown optimizer 'adamm'; the closest is 'Adam'"),
    (lambda: optimizers.get("foo"), ValueError, "unknown optimizer 'foo'; there are: "),
    (lambda: optimizers.get(Adam), TypeError, "optimizer must be a name"),
    (lambda: SGD(-1), ValueError, "SGD: learning_rate must be finite and at least 0, got -1"),
    (lambda: SGD("fast"), TypeError, "SGD: learning_rate must be a number, got 'fast'"),
    (lambda: SGD(float("nan")), ValueError, "learning_rate"),
    (lambda: SGD(momentum=1), ValueError, "SGD: momentum must be at least 0 and less than 1, got 1"),
    (lambda: Adam(beta_1=-0.1), ValueError, "Adam: beta_1"),
    (lambda: Adam(beta_2=1.0), ValueError, "Adam: beta_2"),
    (lambda: SGD(nesterov="no"), TypeError, "SGD: nesterov must be True or False, got 'no'"),
    (lambda: RMSprop(centered=1), TypeError, "RMSprop: centered must be True or False, got 1"),
    (lambda: RMSprop(rho=1), ValueError, "RMSprop: rho must be at least 0 and less than 1, got 1"),
    (lambda: AdamW(weight_decay=-1), ValueError, "AdamW: weight_decay must be finite and at least 0, got -1"),
    (lambda: Adam(clipnorm=-1), ValueError, "Adam: clipnorm must be greater than 0, got -1"),
    (lambda: SGD(clipvalue=0), ValueError, "SGD: clipvalue must be greater than 0, got 0"),
    (lambda: SGD(clipvalue=1, clipnorm=1), ValueError, "SGD: give one of clipnorm, clipvalue, global_clipnorm"),
    (lambda: schedules.ExponentialDecay(1, 9, 0.5, "no"), TypeError, "staircase must be True or False, got 'no'"),
    (lambda: schedules.CosineDecay(-1, 9), ValueError, "CosineDecay: initial_learning_rate must be finite and"),
    (lambda: schedules.CosineDecay(1, 0), ValueError, "CosineDecay: decay_steps must be finite and greater"),
    (lambda: schedules.PiecewiseConstantDecay([1], [1]), ValueError, "must be one more than boundaries"),
    (lambda: schedules.PiecewiseConstantDecay([2, 1], [1, 2, 3]), ValueError, "in ascending order"),
    (lambda: optimizers.get({"class_name": "Adam", "config": {"amsgrad": True}}), ValueError, "has no amsgrad"),
    (lambda: Adam(epsilon=-1), ValueError, "Adam: epsilon must be finite and at least 0"),
], ids=range(23))  # fmt: skip
def test_errors_say_what_came_and_what_is_allowed(call, error, message):
    with pytest.raises(error, match=message):
        call()
