# The way from a function with parameters to its kernel, or its ufunc, compiled for the calls that are made most often.
import numpy as np

cdef enum:
    MOST_SETTINGS = 64  # of parameters, that a function remembers


cdef inline void point_at(tuple args, Py_ssize_t count, PyObject** pointers):
    cdef Py_ssize_t k
    for k in range(count):
        pointers[k] = <PyObject*>args[k]


cdef inline int dtype_of(tuple args, Py_ssize_t count):
    # that of the first `count`, as shared_dtype; 0, too, if there are fewer
    cdef PyObject* pointers[MOST_INPUTS]
    if len(args) < count:
        return 0
    point_at(args, count, pointers)
    return shared_dtype(pointers, count)


cdef object called(ufunc, tuple args, Py_ssize_t operands, int dtype, tuple parameters, out):
    # the result for operands of that dtype, the first of `args`, and parameters as arrays of it
    cdef PyObject* pointers[MOST_INPUTS]
    point_at(args, operands, pointers)
    result = direct(ufunc, pointers, operands, dtype, parameters, out)
    return ufunc(*(args[:operands] + parameters), out=out) if result is None else result


cdef tuple as_arrays(values):
    # in float32 and in float64: NumPy takes arrays at once, but converts a Python number anew in each call
    with np.errstate(over="ignore", under="ignore"):
        return tuple([tuple([np.array(value, dtype) for value in values]) for dtype in (np.float32, np.float64)])


cdef inline bint is_number(value, double* number):
    # whether it is one of Python's that a double holds
    if type(value) is float or type(value) is int and -2**53 <= value <= 2**53:
        number[0] = value
        return True
    return False


cdef inline object argument(tuple args, Py_ssize_t place, dict kwargs, str name, default):
    return args[place] if place < len(args) else kwargs.get(name, default)


def forwarding(ufunc, Py_ssize_t operands, tuple names, tuple defaults, check, careful):
    """A function that calls `ufunc` with so many operands, and then the parameters.

    Quick if the operands are arrays of float32, or of float64, and the parameters Python's numbers; these
    are checked and converted when they first come. All else, but for parameters that are arrays of that
    type, too, is left to the function `careful`.
    """
    cdef tuple usual = None if None in defaults else as_arrays(defaults)
    cdef dict settings = {}  # the bits of the values -> the values as arrays
    cdef Py_ssize_t count = len(names)

    def function(*args, **kwargs):
        cdef int dtype = dtype_of(args, operands)
        cdef Py_ssize_t given = len(args) - operands
        cdef Py_ssize_t named = 0
        cdef tuple values = usual
        cdef double numbers[MOST_INPUTS]
        cdef bytes key
        cdef Py_ssize_t k
        out = None
        if dtype == 0 or given > count:
            return careful(*args, **kwargs)
        if kwargs:
            named = len(kwargs) - ("out" in kwargs)
            out = kwargs.get("out")
        if given == count and not named and dtype_of(args, operands + count) == dtype:  # as of prelu's weight
            check(args[operands:])
            return ufunc(*args, out=out)
        if given or named or usual is None:
            for k in range(count):
                if not is_number(argument(args, operands + k, kwargs, names[k], defaults[k]), &numbers[k]):
                    return careful(*args, **kwargs)
            for k in range(given, count if named else given):
                named -= names[k] in kwargs
            if named:
                return careful(*args, **kwargs)
            key = (<char*>numbers)[:count * sizeof(double)]
            values = settings.get(key)
            if values is None:
                setting = [argument(args, operands + k, kwargs, names[k], defaults[k]) for k in range(count)]
                check(setting)
                if len(settings) >= MOST_SETTINGS:
                    settings.clear()
                values = settings[key] = as_arrays(setting)
        return called(ufunc, args, operands, dtype, values[dtype != cnp.NPY_FLOAT], out)

    return function


def choosing(str name, dict forms, Py_ssize_t operands):
    """A function that calls the ufunc that `forms` has for its parameter `approximate`, which is False by default."""
    usual = forms[False]

    def function(*args, **kwargs):
        cdef int dtype = dtype_of(args, operands)
        cdef bint positional = len(args) > operands
        cdef Py_ssize_t named = len(kwargs) - ("out" in kwargs)
        ufunc = usual
        approximate = False
        if named and "approximate" in kwargs:
            approximate = kwargs["approximate"]
            named -= 1
        if positional:
            approximate = args[len(args) - 1]
        if approximate is not False:
            ufunc = forms.get(approximate) if isinstance(approximate, (bool, str)) else None
            if ufunc is None:
                raise ValueError(
                    f"{name}: approximate must be False, 'none', True or 'tanh', got {approximate!r}")
        if dtype == 0 or len(args) > operands + positional or named:
            kwargs.pop("approximate", None)
            return ufunc(*args[:len(args) - positional], **kwargs)
        return called(ufunc, args, operands, dtype, (), kwargs.get("out"))

    return function
