"""Objects that can be written as a dictionary of their arguments, in the form of Keras, and made from it."""

from __future__ import annotations

import re
from inspect import signature

from ._lookup import lookup

#: what Keras writes besides, where it means that nothing is to be done; None and False always mean that
NEUTRAL = {"trainable": True, "axis": -1, "ema_momentum": 0.99, "data_format": "channels_last"}


class Configurable:
    """What layers, optimizers, losses and their like share.

    Each argument of the constructor is an attribute of the same name.
    """

    #: where Keras has the class
    module: str

    @classmethod
    def arguments(cls) -> dict[str, object]:
        """Names of the constructor's arguments with their defaults."""
        return {p.name: p.default for p in signature(cls).parameters.values()}

    def argument(self, name: str):
        """The value of an argument."""
        return getattr(self, name)

    def __repr__(self):
        given = []
        for name, default in self.arguments().items():
            value = self.argument(name)
            value = getattr(value, "spelling", value)
            if value != default:
                given.append(f"{name}={value!r}")
        return f"{type(self).__name__}({', '.join(given)})"

    def get_config(self) -> dict[str, object]:
        """The arguments that make an equal object, under Keras's names."""
        return {name: serialized(self.argument(name)) for name in self.arguments()}

    @classmethod
    def from_config(cls, config):
        """An object from what `get_config` of fastact's class, or of Keras's, returned."""
        known = cls.arguments()
        for name, value in config.items():
            unused = value is None or value is False or name == "name" or NEUTRAL.get(name, ...) == value
            if name not in known and not unused:
                raise ValueError(f"{cls.__name__}.from_config: fastact has no {name}, got {value!r}")
        return cls(**{name: value for name, value in config.items() if name in known})


def snake_case(class_name: str) -> str:
    """The name of a class as Keras writes it where it numbers objects: LeakyReLU is leaky_re_lu."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=.)(?=[A-Z][a-z])", "_", class_name).lower()


def serialized(value):
    """A value of a configuration: an object becomes a dictionary with its class and its arguments."""
    if isinstance(value, Configurable):
        return {
            "module": f"keras.{value.module}",
            "class_name": type(value).__name__,
            "config": value.get_config(),
            "registered_name": None,
        }
    return getattr(value, "spelling", value)


def resolved(argument: str, value, known: dict, kind: type, module: str):
    """An object by name, from what `serialized` made of it, or as it is."""
    if isinstance(value, str):
        return lookup(argument, value, known)()
    if isinstance(value, dict) and isinstance(value.get("class_name"), str):
        return lookup(argument, value["class_name"], known).from_config(value.get("config") or {})
    if not isinstance(value, kind):
        raise TypeError(f"{argument} must be a name or an object of fastact.{module}, got {value!r}")
    return value
