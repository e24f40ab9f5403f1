# Python numbers, bool, int8 and uint8 beside float16 or bfloat16 count as that, as in NumPy.
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


cdef inline object dtype_class(int number):
    return type(cnp.PyArray_DescrFromType(number))


#: the types that give way
cdef tuple YIELDING = (<object>&PyArray_PyLongDType, <object>&PyArray_PyFloatDType,
                       *[dtype_class(number) for number in (cnp.NPY_BOOL, cnp.NPY_INT8, cnp.NPY_UINT8)])


cdef int promote_to_narrow(object ufunc, PyObject** dtypes, PyObject** asked, PyObject** promoted) noexcept:
    # operands, some of which give way, and the result: all get the dtype asked for, or that of the other operands
    cdef int inputs = (<cnp.ufunc>ufunc).nin
    cdef PyObject* dtype = asked[inputs]
    cdef int k = 0
    if dtype == NULL:
        while <object>dtypes[k] in YIELDING:
            k += 1
        dtype = dtypes[k]
    for k in range(inputs + 1):
        promoted[k] = asked[k] if asked[k] != NULL else dtype
        Py_INCREF(<object>promoted[k])
    return 0


cdef object promoter = PyCapsule_New(<void*>&promote_to_narrow, "numpy._ufunc_promoter", NULL)


cdef void let_others_be_narrow(cnp.ufunc ufunc, int number):
    # `number`: of a dtype of 16 bits
    dtype = dtype_class(number)
    for operands in product((dtype, *YIELDING), repeat=ufunc.nin):
        if dtype in operands and not set(operands).isdisjoint(YIELDING):
            PyUFunc_AddPromoter(ufunc, (*operands, None), promoter)
