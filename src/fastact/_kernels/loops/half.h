/* float16 and bfloat16 to float32 and back, rounded to nearest even: for float16 the F16C instructions
 * where there are any (x86-64-v3 and up), else integer arithmetic that the compiler vectorises. Both
 * give the same bits. */
#ifndef FASTACT_HALF_H
#define FASTACT_HALF_H

#include "portable.h"

static inline float widened(uint16_t half) {
    /* The exponent is moved by a product, which normalises subnormals on the way. */
    uint32_t bits = bits_of_float(float_from_bits((uint32_t)(half & 0x7FFF) << 13) * float_from_bits(0x77800000));
    bits |= (half & 0x7C00) == 0x7C00 ? 0x7F800000 : 0;
    return float_from_bits(bits | (uint32_t)(half & 0x8000) << 16);
}

static inline uint16_t narrowed(float x) {
    uint32_t bits = bits_of_float(x);
    uint32_t size = bits & 0x7FFFFFFF;
    uint32_t half = (size - 0x38000000 + 0xFFF + (size >> 13 & 1)) >> 13;
    /* Adding 0.5 rounds a number below 2^-14 to a multiple of the smallest subnormal, 2^-24. */
    uint32_t tiny = bits_of_float(float_from_bits(size) + float_from_bits(0x3F000000)) - 0x3F000000;
    half = size < 0x38800000 ? tiny : half;
    half = size >= 0x47800000 ? 0x7C00 : half;
    half = size > 0x7F800000 ? 0x7E00 : half;
    return (uint16_t)(half | (bits >> 16 & 0x8000));
}

#if defined(__F16C__)
#include <immintrin.h>
#endif

static void half_to_float(in_f16 x, out_f32 y, ptrdiff_t n) {
    ptrdiff_t i = 0;
#if defined(__F16C__)
#pragma GCC unroll 4 /* without it, 1.5x slower, in every other process 2.6x */
    for (; i <= n - 8; i += 8)
        _mm256_storeu_ps(y + i, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(x + i))));
#endif
    for (; i < n; i++) y[i] = widened(x[i]);
}

static void float_to_half(in_f32 x, out_f16 y, ptrdiff_t n) {
    ptrdiff_t i = 0;
#if defined(__F16C__)
#pragma GCC unroll 4
    for (; i <= n - 8; i += 8)
        _mm_storeu_si128((__m128i *)(y + i), _mm256_cvtps_ph(_mm256_loadu_ps(x + i), _MM_FROUND_TO_NEAREST_INT));
#endif
    for (; i < n; i++) y[i] = narrowed(x[i]);
}

static void bfloat_to_float(in_f16 x, out_f32 y, ptrdiff_t n) {
    for (ptrdiff_t i = 0; i < n; i++) y[i] = float_from_bits((uint32_t)x[i] << 16);
}

static void float_to_bfloat(in_f32 x, out_f16 y, ptrdiff_t n) {
    for (ptrdiff_t i = 0; i < n; i++) {
        uint32_t bits = bits_of_float(x[i]);
        uint32_t rounded = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
        uint32_t nan = bits >> 16 | 0x40;
        y[i] = (uint16_t)((bits & 0x7FFFFFFF) > 0x7F800000 ? nan : rounded);
    }
}

#endif
