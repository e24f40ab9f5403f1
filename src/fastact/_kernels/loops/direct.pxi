# Calls of ufuncs for arrays of one shape and in C order, contiguous or not: the iterator of NumPy costs as much as
# hundreds of elements.
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


cdef enum:
    LONG_ROW = 128  # elements; NumPy gathers many shorter ones for a call of the kernel


cdef inline int shared_dtype(PyObject** args, Py_ssize_t count):
    # which loop takes them, if so many arguments are arrays of one type, and of no subclass; else -1
    cdef int dtype = -1
    cdef Py_ssize_t k
    for k in range(count):
        if not cnp.PyArray_CheckExact(<object>args[k]) or (k > 0 and cnp.PyArray_TYPE(<cnp.ndarray>args[k]) != dtype):
            return -1
        dtype = cnp.PyArray_TYPE(<cnp.ndarray>args[k])
    return loop_for(dtype)


cdef object direct(cnp.ufunc ufunc, PyObject** args, Py_ssize_t operands, int dtype, tuple parameters, out):
    # What a ufunc of `elementwise_ufunc` gives by that loop; None unless the operands are of one shape, and in C order
    # if the result is new, and `out` fits and is apart from them, or one of them.
    cdef const Loop* loop = <const Loop*>ufunc.data[dtype]
    cdef cnp.ndarray x = <cnp.ndarray>args[0]
    cdef cnp.ndarray operand
    cdef cnp.ndarray result
    cdef Arrays arrays
    cdef int ndim = cnp.PyArray_NDIM(x)
    cdef Py_ssize_t k
    if not begin(&arrays, ndim, cnp.PyArray_DIMS(x)):
        return None
    for k in range(operands):
        if not agrees(<object>args[k], NUMBERS[dtype], ndim, cnp.PyArray_DIMS(x)):
            return None
        operand = <cnp.ndarray>args[k]
        add(&arrays, cnp.PyArray_BYTES(operand), cnp.PyArray_STRIDES(operand))
    for parameter in parameters:
        add(&arrays, cnp.PyArray_BYTES(parameter), NULL)
    result = result_in(out, NUMBERS[dtype], ndim, cnp.PyArray_DIMS(x))
    if result is None:
        return None
    add(&arrays, cnp.PyArray_BYTES(result), cnp.PyArray_STRIDES(result))
    return result if compute(loop, &arrays, out is None, cnp.PyArray_SIZE(x), LONG_ROW) else None


cdef object direct_call(PyObject* ufunc, PyObject** args, size_t flagged, PyObject* names):
    # the vectorcall of a ufunc whose inputs are all operands; the highest bit of `flagged` is a flag, the rest a count
    cdef Py_ssize_t count = flagged & ~(<size_t>1 << (8 * sizeof(size_t) - 1))
    cdef Py_ssize_t operands = (<cnp.ufunc>ufunc).nin
    cdef Py_ssize_t given = count
    cdef int dtype = -1
    if names != NULL:
        given += 1 if len(<tuple>names) == 1 and (<tuple>names)[0] is OUT else 2
    if count >= operands and given <= operands + 1:
        dtype = shared_dtype(args, operands)
    if dtype >= 0:
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
