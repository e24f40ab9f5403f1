# float16 to float32 and back, rounded to nearest even: integer arithmetic that every instruction set vectorises.
from libc.stdint cimport uint16_t, uint32_t

cdef extern from "portable.h" nogil:
    ctypedef uint16_t* in_f16
    ctypedef uint16_t* out_f16
    uint32_t bits_of_float(float x)
    float float_from_bits(uint32_t bits)


cdef void half_to_float(in_f16 x, out_f32 y, Py_ssize_t n) noexcept nogil:
    # The exponent is moved by a product, which normalises subnormals on the way.
    cdef Py_ssize_t i
    cdef uint32_t half
    cdef uint32_t bits
    for i in range(n):
        half = x[i]
        bits = bits_of_float(float_from_bits((half & 0x7FFF) << 13) * float_from_bits(0x77800000))
        bits |= 0x7F800000 if (half & 0x7C00) == 0x7C00 else 0
        y[i] = float_from_bits(bits | (half & 0x8000) << 16)


cdef void float_to_half(in_f32 x, out_f16 y, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    cdef uint32_t bits
    cdef uint32_t size
    cdef uint32_t normal
    cdef uint32_t tiny
    for i in range(n):
        bits = bits_of_float(x[i])
        size = bits & 0x7FFFFFFF
        normal = (size - 0x38000000 + 0xFFF + (size >> 13 & 1)) >> 13
        # Adding 0.5 rounds a number below 2^-14 to a multiple of the smallest subnormal, 2^-24.
        tiny = bits_of_float(float_from_bits(size) + float_from_bits(0x3F000000)) - 0x3F000000
        normal = tiny if size < 0x38800000 else normal
        normal = 0x7C00 if size >= 0x47800000 else normal
        normal = 0x7E00 if size > 0x7F800000 else normal
        y[i] = <uint16_t>(normal | (bits >> 16 & 0x8000))


#: address of each conversion, by name
CONVERSIONS = {
    "half_to_float": <size_t>&half_to_float,
    "float_to_half": <size_t>&float_to_half,
}
