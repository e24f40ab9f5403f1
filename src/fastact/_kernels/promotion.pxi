# A Python number beside float16 or bfloat16 counts as that, as in NumPy.
#
# Among loops NumPy takes the first to whose types it may cast safely: for these, that of float32. But first it asks the
# promoters of a ufunc, which turn types for which there is no loop into some for which there is one.
from cpython.object cimport PyObject
from cpython.pycapsule cimport PyCapsule_New
from cpython.ref cimport Py_INCREF

cdef extern from "numpy/ufuncobject.h":
    ctypedef struct DType "PyArray_DTypeMeta":
        pass
    DType PyArray_PyLongDType
    DType PyArray_PyFloatDType
    int PyUFunc_AddPromoter(object, object, object) except -1


cdef int promote_number(object ufunc, PyObject** dtypes, PyObject** asked, PyObject** promoted) noexcept:
    # two operands, one of them a Python number, and the result: all get the dtype asked for, or the other operand's
    cdef PyObject* dtype = dtypes[0]
    cdef int k
    if dtype == <PyObject*>&PyArray_PyLongDType or dtype == <PyObject*>&PyArray_PyFloatDType:
        dtype = dtypes[1]
    if asked[2] != NULL:
        dtype = asked[2]
    for k in range(3):
        promoted[k] = asked[k] if asked[k] != NULL else dtype
        Py_INCREF(<object>promoted[k])
    return 0


cdef object promoter = PyCapsule_New(<void*>&promote_number, "numpy._ufunc_promoter", NULL)


cdef void let_numbers_be_narrow(cnp.ufunc ufunc, int number):
    # `number`: of a dtype of 16 bits
    if ufunc.nin != 2:
        return
    dtype = type(cnp.PyArray_DescrFromType(number))
    for of_python in (<object>&PyArray_PyLongDType, <object>&PyArray_PyFloatDType):
        PyUFunc_AddPromoter(ufunc, (of_python, dtype, None), promoter)
        PyUFunc_AddPromoter(ufunc, (dtype, of_python, None), promoter)
