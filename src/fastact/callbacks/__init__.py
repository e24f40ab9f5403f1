"""Callbacks: what is called while a model trains, the history of its epochs, and a progress bar."""

from .base import Callback, CallbackList, LambdaCallback
from .files import CSVLogger, ModelCheckpoint
from .history import History
from .monitors import EarlyStopping, ReduceLROnPlateau
from .progress import ProgressBar
from .rates import LearningRateScheduler
from .termination import TerminateOnNaN

__all__ = [
    "CSVLogger",
    "Callback",
    "CallbackList",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "ProgressBar",
    "ReduceLROnPlateau",
    "TerminateOnNaN",
]
