# A Python number beside float16 or bfloat16 counts as that, as in NumPy.
#
# Among loops NumPy takes the first to whose types it may cast safely: for these, that of float32. But first it asks the
# promoters of a ufunc, which turn types for which there is no loop into some for which there is one.
from itertools import product

from cpython.object cimport PyObject
from cpython.pycapsule cimport PyCapsule_New
from cpython.ref cimport Py_INCREF

cdef extern from "numpy/ufuncobject.h":
    ctypedef struct DType "PyArray_DTypeMeta":
        pass
    DType PyArray_PyLongDType
    DType PyArray_PyFloatDType
    int PyUFunc_AddPromoter(object, object, object) except -1


cdef inline bint is_of_python(PyObject* dtype) noexcept:
    return dtype == <PyObject*>&PyArray_PyLongDType or dtype == <PyObject*>&PyArray_PyFloatDType


cdef int promote_number(object ufunc, PyObject** dtypes, PyObject** asked, PyObject** promoted) noexcept:
    # operands, Python numbers among them, and the result: all get the dtype asked for, or that of the other operands
    cdef int inputs = (<cnp.ufunc>ufunc).nin
    cdef PyObject* dtype = asked[inputs]
    cdef int k = 0
    if dtype == NULL:
        while is_of_python(dtypes[k]):
            k += 1
        dtype = dtypes[k]
    for k in range(inputs + 1):
        promoted[k] = asked[k] if asked[k] != NULL else dtype
        Py_INCREF(<object>promoted[k])
    return 0


cdef object promoter = PyCapsule_New(<void*>&promote_number, "numpy._ufunc_promoter", NULL)


cdef void let_numbers_be_narrow(cnp.ufunc ufunc, int number):
    # `number`: of a dtype of 16 bits
    dtype = type(cnp.PyArray_DescrFromType(number))
    of_python = {<object>&PyArray_PyLongDType, <object>&PyArray_PyFloatDType}
    for operands in product((dtype, *of_python), repeat=ufunc.nin):
        if dtype in operands and not of_python.isdisjoint(operands):
            PyUFunc_AddPromoter(ufunc, (*operands, None), promoter)
