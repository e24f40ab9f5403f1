# Calls of ufuncs for contiguous arrays of one shape: NumPy's iterator costs as much as hundreds of elements.
#
# NumPy calls a ufunc through its field `vectorcall`, as Python calls whatever is callable (PEP 590). A ufunc without
# parameters gets another one, which hands on what is not as simple as that.
from cpython.object cimport PyObject

cdef extern from "numpy/ufuncobject.h":
    ctypedef struct UFuncFields "PyUFuncObject":
        void* vectorcall

ctypedef object (*VectorCall)(PyObject*, PyObject**, size_t, PyObject*)

cdef VectorCall numpy_call = NULL  # the one that NumPy gives all ufuncs
cdef str OUT = "out"


cdef inline int shared_dtype(PyObject** args, Py_ssize_t count):
    # NPY_FLOAT or NPY_DOUBLE if so many arguments are arrays of that type, and of no subclass; else 0
    cdef int dtype = 0
    cdef Py_ssize_t k
    for k in range(count):
        if not cnp.PyArray_CheckExact(<object>args[k]) or (k > 0 and cnp.PyArray_TYPE(<cnp.ndarray>args[k]) != dtype):
            return 0
        dtype = cnp.PyArray_TYPE(<cnp.ndarray>args[k])
    return dtype if dtype == cnp.NPY_FLOAT or dtype == cnp.NPY_DOUBLE else 0


cdef object direct(cnp.ufunc ufunc, PyObject** args, Py_ssize_t operands, int dtype, tuple parameters, out):
    # What a ufunc of `elementwise_ufunc` gives for operands of that dtype; None unless these are contiguous and of one
    # shape, and `out` fits and is apart from them, or one of them.
    cdef char* starts[MOST_INPUTS + 1]
    cdef cnp.npy_intp steps[MOST_INPUTS + 1]
    cdef Call c
    cdef cnp.ndarray x = <cnp.ndarray>args[0]
    cdef cnp.ndarray operand
    cdef cnp.ndarray result
    cdef int ndim = cnp.PyArray_NDIM(x)
    cdef Py_ssize_t k
    if ndim == 0 or not plain(x):  # of a number, NumPy makes a scalar
        return None
    for k in range(1, operands):
        if not fits(<object>args[k], dtype, ndim, cnp.PyArray_DIMS(x)):
            return None
    result = result_in(out, dtype, ndim, cnp.PyArray_DIMS(x))
    if result is None:
        return None
    c.loop = <const Loop*>ufunc.data[dtype != cnp.NPY_FLOAT]
    c.kernel = c.loop.uniform if parameters else c.loop.kernel
    c.args, c.steps, c.in_place = starts, steps, False
    for k in range(ufunc.nin + 1):
        if k < operands:
            operand = <cnp.ndarray>args[k]
        else:
            operand = parameters[k - operands] if k < ufunc.nin else result
        starts[k] = cnp.PyArray_BYTES(operand)
        steps[k] = c.loop.size if k < operands or k == ufunc.nin else 0
        if out is not None and k < operands and overlap(result, operand):
            if starts[k] != cnp.PyArray_BYTES(result):
                return None
            c.in_place = True
    c.block = BLOCK if c.in_place else 0
    carry_out(&elementwise_part, &c, cnp.PyArray_SIZE(x))
    return result


cdef object direct_call(PyObject* ufunc, PyObject** args, size_t flagged, PyObject* names):
    # the vectorcall of a ufunc whose inputs are all operands; the highest bit of `flagged` is a flag, the rest a count
    cdef Py_ssize_t count = flagged & ~(<size_t>1 << (8 * sizeof(size_t) - 1))
    cdef Py_ssize_t operands = (<cnp.ufunc>ufunc).nin
    cdef Py_ssize_t given = count
    cdef int dtype = 0
    if names != NULL:
        given += 1 if len(<tuple>names) == 1 and (<tuple>names)[0] is OUT else 2
    if count >= operands and given <= operands + 1:
        dtype = shared_dtype(args, operands)
    if dtype:
        out = <object>args[operands] if given > operands else None
        result = direct(<cnp.ufunc>ufunc, args, operands, dtype, (), out)
        if result is not None:
            return result
    return numpy_call(ufunc, args, flagged, names)


cdef void call_directly(ufunc):
    global numpy_call
    cdef UFuncFields* fields = <UFuncFields*>ufunc
    numpy_call = <VectorCall>fields.vectorcall
    fields.vectorcall = <void*>&direct_call
