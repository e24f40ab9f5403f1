# How operands of other types and strides come to a kernel, and results from it: the float32 modules hand it over with
# their kernels.

cdef extern from "loops/half.h" nogil:
    ctypedef unsigned short* in_f16
    ctypedef unsigned short* out_f16
    void half_to_float(in_f16 x, out_f32 y, Py_ssize_t n)
    void float_to_half(in_f32 x, out_f16 y, Py_ssize_t n)
    void bfloat_to_float(in_f16 x, out_f32 y, Py_ssize_t n)
    void float_to_bfloat(in_f32 x, out_f16 y, Py_ssize_t n)

cdef extern from "loops/strided.h" nogil:
    void copy_strided(char* to, Py_ssize_t to_step, const char* source, Py_ssize_t step, Py_ssize_t n, int size)

#: addresses of the conversions to float32 and back, by dtype
CONVERSIONS = {
    "float16": (<size_t>&half_to_float, <size_t>&float_to_half),
    "bfloat16": (<size_t>&bfloat_to_float, <size_t>&float_to_bfloat),
}
#: address of the copy between any strides
COPY = <size_t>&copy_strided
