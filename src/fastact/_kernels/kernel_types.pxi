# What kernels are to those that call them: their signatures, and a call by the number of operands.

ctypedef void (*Kernel2)(char*, char*, Py_ssize_t) noexcept nogil
ctypedef void (*Kernel3)(char*, char*, char*, Py_ssize_t) noexcept nogil
ctypedef void (*Kernel4)(char*, char*, char*, char*, Py_ssize_t) noexcept nogil
ctypedef void (*Kernel5)(char*, char*, char*, char*, char*, Py_ssize_t) noexcept nogil
#: operands, the result last; steps in bytes; rows; elements of a row; whether they lie across (rows.pxi)
ctypedef void (*RowKernel)(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n, bint across) noexcept nogil


cdef inline void call(void* kernel, int count, char** args, Py_ssize_t n) noexcept nogil:
    # one of n elements, element by element; inputs, parameters and results are `count`
    if count == 2:
        (<Kernel2>kernel)(args[0], args[1], n)
    elif count == 3:
        (<Kernel3>kernel)(args[0], args[1], args[2], n)
    elif count == 4:
        (<Kernel4>kernel)(args[0], args[1], args[2], args[3], n)
    else:
        (<Kernel5>kernel)(args[0], args[1], args[2], args[3], args[4], n)
