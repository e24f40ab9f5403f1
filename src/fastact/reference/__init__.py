"""The same library in textbook NumPy: to read, to test against, to measure by. Nothing else imports it."""

from . import activations

#: what is defined there
FUNCTIONS = {
    name: f for name, f in vars(activations).items() if getattr(f, "__module__", "") == activations.__name__
}
globals().update(FUNCTIONS)
__all__ = [*FUNCTIONS]
