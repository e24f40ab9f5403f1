# The conversions between float16 and float32, which the float32 modules hand over with their kernels.

cdef extern from "half.h" nogil:
    ctypedef unsigned short* in_f16
    ctypedef unsigned short* out_f16
    void half_to_float(in_f16 x, out_f32 y, Py_ssize_t n)
    void float_to_half(in_f32 x, out_f16 y, Py_ssize_t n)

#: address of each conversion, by name
CONVERSIONS = {
    "half_to_float": <size_t>&half_to_float,
    "float_to_half": <size_t>&float_to_half,
}
