# The way from a function with parameters to its ufunc, compiled for the calls that are made most often.
import numpy as np

cdef int MOST_SETTINGS = 64  # of parameters, that a function remembers


cdef inline int shared_dtype(tuple args, Py_ssize_t operands):
    # NPY_FLOAT or NPY_DOUBLE if the operands are arrays of that type, and of no subclass; else 0
    cdef Py_ssize_t k
    cdef int dtype = 0
    if len(args) < operands:
        return 0
    for k in range(operands):
        if not cnp.PyArray_CheckExact(args[k]) or (k > 0 and cnp.PyArray_TYPE(args[k]) != dtype):
            return 0
        dtype = cnp.PyArray_TYPE(args[k])
    return dtype if dtype == cnp.NPY_FLOAT or dtype == cnp.NPY_DOUBLE else 0


cdef tuple as_arrays(values, int dtype):
    # NumPy takes arrays at once, but converts a Python number anew in each call
    with np.errstate(over="ignore", under="ignore"):
        return tuple([np.array(value, np.float32 if dtype == cnp.NPY_FLOAT else np.float64) for value in values])


def forwarding(ufunc, Py_ssize_t operands, tuple names, tuple defaults, check, careful):
    """A function that calls `ufunc` with so many operands, and then the parameters.

    Quick if the operands are arrays of float32, or of float64, and the parameters Python's floats; these
    are checked and converted when they first come. All else is left to the function `careful`.
    """
    cdef bint optional = None not in defaults
    cdef tuple single = as_arrays(defaults, cnp.NPY_FLOAT) if optional else None
    cdef tuple double = as_arrays(defaults, cnp.NPY_DOUBLE) if optional else None
    cdef dict settings = {}  # (dtype, *values) -> the values as arrays

    def function(*args, **kwargs):
        cdef int dtype = shared_dtype(args, operands)
        cdef Py_ssize_t named = 0
        cdef Py_ssize_t k
        cdef list setting
        if optional and dtype != 0 and len(args) == operands and not kwargs:
            return ufunc(*(args + (single if dtype == cnp.NPY_FLOAT else double)))
        if dtype == 0 or len(args) > operands + len(names):
            return careful(*args, **kwargs)
        setting = [dtype, *args[operands:]]
        for k in range(len(args) - operands, len(names)):
            setting.append(kwargs.get(names[k], defaults[k]))
            named += names[k] in kwargs
        for k in range(1, len(setting)):
            if type(setting[k]) is not float or setting[k] == 0:  # to a dict, 0.0 and -0.0 are the same
                return careful(*args, **kwargs)
        if named + ("out" in kwargs) != len(kwargs):
            return careful(*args, **kwargs)
        key = tuple(setting)
        values = settings.get(key)
        if values is None:
            check(setting[1:])
            if len(settings) >= MOST_SETTINGS:
                settings.clear()
            values = settings[key] = as_arrays(setting[1:], dtype)
        args = args[:operands] + values
        return ufunc(*args, out=kwargs["out"]) if "out" in kwargs else ufunc(*args)

    return function
