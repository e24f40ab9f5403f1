# The way from a function with parameters to its kernel, or its ufunc, compiled for the calls that are made most often.
import numpy as np

cdef tuple WITHOUT_NAME = ("operands could not be broadcast", "non-broadcastable output", "output operand requires")

cdef enum:
    MOST_SETTINGS = 64  # of parameters, that a function remembers


cdef inline void point_at(tuple args, Py_ssize_t count, PyObject** pointers):
    cdef Py_ssize_t k
    for k in range(count):
        pointers[k] = <PyObject*>args[k]


cdef inline int dtype_of(tuple args, Py_ssize_t count):
    # that of the first `count`, as shared_dtype; -1, too, if there are fewer
    cdef PyObject* pointers[MOST_ARGS]
    if len(args) < count:
        return -1
    point_at(args, count, pointers)
    return shared_dtype(pointers, count)


cpdef str public_name(ufunc):
    """That of the function in front of it: softmax of softmax.ufunc."""
    return ufunc.__name__.rpartition(".")[0]


cpdef object through_numpy(ufunc, tuple args, dict kwargs):
    """Call a ufunc behind a function, such as elu.ufunc: its errors speak of elu."""
    try:
        return ufunc(*args, **kwargs)
    except (TypeError, ValueError) as error:
        message = str(error)
        kind = TypeError if isinstance(error, TypeError) else ValueError
        if ufunc.__name__ in message:
            message = message.replace(ufunc.__name__, public_name(ufunc))
        elif message.startswith(WITHOUT_NAME):
            message = f"{public_name(ufunc)}: {message}"
        else:
            raise  # an operand's own
    raise kind(message)


cdef object called(ufunc, tuple args, Py_ssize_t operands, int dtype, tuple parameters, out):
    # the result for operands of that dtype, the first of `args`, and parameters as arrays
    cdef PyObject* pointers[MOST_ARGS]
    point_at(args, operands, pointers)
    result = direct(ufunc, pointers, operands, dtype, parameters, out)
    return through_numpy(ufunc, args[:operands] + parameters, {"out": out}) if result is None else result


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


def forwarding(ufunc, number_ufunc, Py_ssize_t operands, tuple names, tuple defaults, check, careful):
    """A function that calls `ufunc` with so many operands, and then the parameters.

    Quick if the operands are arrays of float16, float32 or float64, all of them, and the parameters Python's
    numbers; these are checked and converted when they first come. Beside float16 they stay float64, which
    `number_ufunc` takes. All else, but for parameters that are arrays of that type, too, is left to the
    function `careful`.
    """
    cdef tuple usual = None if None in defaults else as_arrays(defaults)
    cdef dict settings = {}  # the bits of the values -> the values as arrays
    cdef Py_ssize_t count = len(names)

    def function(*args, **kwargs):
        cdef int dtype = dtype_of(args, operands)
        cdef Py_ssize_t given = len(args) - operands
        cdef Py_ssize_t named = 0
        cdef tuple values = usual
        cdef double numbers[MOST_ARGS]
        cdef bytes key
        cdef Py_ssize_t k
        out = None
        if dtype < 0 or given > count:
            return careful(*args, **kwargs)
        if kwargs:
            named = len(kwargs) - ("out" in kwargs)
            out = kwargs.get("out")
        if given == count and not named and dtype_of(args, operands + count) == dtype:  # as of prelu's weight
            check(args[operands:])
            return through_numpy(ufunc, args, {"out": out})
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
        form = number_ufunc if NUMBERS[dtype] == cnp.NPY_FLOAT16 else ufunc
        return called(form, args, operands, dtype, values[NUMBERS[dtype] != cnp.NPY_FLOAT], out)

    return function


def choosing(dict forms, Py_ssize_t operands, careful):
    """A function that calls the ufunc that `forms` has for its parameter `approximate`, which is False by default.

    Quick if the operands are arrays of float16, float32 or float64, all of them; all else is left to the function
    `careful`.
    """
    usual = forms[False]

    def function(*args, **kwargs):
        cdef int dtype = dtype_of(args, operands)
        cdef Py_ssize_t named = len(kwargs) - ("out" in kwargs)
        ufunc = usual
        if dtype < 0 and len(args) == operands and not kwargs:
            return through_numpy(usual, args, kwargs)
        if dtype < 0 or len(args) + named > operands + 1 or named and "approximate" not in kwargs:
            return careful(*args, **kwargs)
        if len(args) + named > operands:
            approximate = argument(args, operands, kwargs, "approximate", False)
            ufunc = forms.get(approximate) if isinstance(approximate, (bool, str)) else None
            if ufunc is None:
                return careful(*args, **kwargs)
        return called(ufunc, args, operands, dtype, (), kwargs.get("out"))

    return function
