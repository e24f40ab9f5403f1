"""Layers: what turns the rows of one array into the rows of the next."""

from .activations import ELU, LeakyReLU, PReLU, ReLU, Softmax
from .base import Input, Layer
from .core import Activation, Dense, Dropout, Flatten

__all__ = [
    "ELU",
    "Activation",
    "Dense",
    "Dropout",
    "Flatten",
    "Input",
    "Layer",
    "LeakyReLU",
    "PReLU",
    "ReLU",
    "Softmax",
]

#: every layer by the name of its class; Keras calls the class of an input InputLayer
LAYERS = {
    layer.__name__: layer
    for layer in (Activation, Dense, Dropout, ELU, Flatten, LeakyReLU, PReLU, ReLU, Softmax)
}
LAYERS |= {"InputLayer": Input}
