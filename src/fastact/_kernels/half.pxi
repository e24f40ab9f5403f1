# The conversions of float16 and bfloat16, which the float32 modules hand over with their kernels.

cdef extern from "half.h" nogil:
    ctypedef unsigned short* in_f16
    ctypedef unsigned short* out_f16
    void half_to_float(in_f16 x, out_f32 y, Py_ssize_t n)
    void float_to_half(in_f32 x, out_f16 y, Py_ssize_t n)
    void bfloat_to_float(in_f16 x, out_f32 y, Py_ssize_t n)
    void float_to_bfloat(in_f32 x, out_f16 y, Py_ssize_t n)

#: addresses of the conversions to float32 and back, by dtype
CONVERSIONS = {
    "float16": (<size_t>&half_to_float, <size_t>&float_to_half),
    "bfloat16": (<size_t>&bfloat_to_float, <size_t>&float_to_bfloat),
}
