# What writes past the caches in this instruction set, which the float32 modules hand over with their kernels.

cdef extern from "stream.h" nogil:
    void stream(char* to, const char* source, Py_ssize_t n)

#: address of the function
STREAM = <size_t>&stream
