/* Copies between operands of any strides and contiguous room, for elements of 2, 4 or 8 bytes. Reversed ones and every
 * second one in whole vectors where there is AVX2: GCC 12 shuffles twice as much. */
#ifndef FASTACT_STRIDED_H
#define FASTACT_STRIDED_H

#include "portable.h"

#if defined(__AVX2__)
#include <immintrin.h>

static inline __m256i load_vector(const void *from) { return _mm256_loadu_si256((const __m256i *)from); }
static inline void store_vector(void *to, __m256i x) { _mm256_storeu_si256((__m256i *)to, x); }

/* A vector whose halves are swapped as they are loaded: to move elements across them afterwards takes twice as long. */
static inline __m256i load_swapped(const void *from) {
    const __m128i *halves = (const __m128i *)from;
    return _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128(halves + 1)), _mm_loadu_si128(halves), 1);
}
static inline __m256i reversed_16(__m256i x) { /* the elements of each half, here and below */
    return _mm256_shuffle_epi8(x, _mm256_setr_epi8(14, 15, 12, 13, 10, 11, 8, 9, 6, 7, 4, 5, 2, 3, 0, 1,
                                                   14, 15, 12, 13, 10, 11, 8, 9, 6, 7, 4, 5, 2, 3, 0, 1));
}
static inline __m256i reversed_32(__m256i x) { return _mm256_shuffle_epi32(x, 0x1B); }
static inline __m256i reversed_64(__m256i x) { return _mm256_shuffle_epi32(x, 0x4E); }

/* The elements of a, then of b, with even numbers. An instruction takes them from the halves of both in turn. */
static inline __m256i even_16(__m256i a, __m256i b) {
    const __m256i low = _mm256_set1_epi32(0xFFFF);
    return _mm256_permute4x64_epi64(_mm256_packus_epi32(_mm256_and_si256(a, low), _mm256_and_si256(b, low)), 0xD8);
}
static inline __m256i even_32(__m256i a, __m256i b) {
    __m256 even = _mm256_shuffle_ps(_mm256_castsi256_ps(a), _mm256_castsi256_ps(b), 0x88);
    return _mm256_permute4x64_epi64(_mm256_castps_si256(even), 0xD8);
}
static inline __m256i even_64(__m256i a, __m256i b) {
    return _mm256_permute4x64_epi64(_mm256_unpacklo_epi64(a, b), 0xD8);
}

/* The loops below for whole vectors; i becomes the first element that is left. Unrolled, blocks in the first cache take
 * 0.6 of the time. */
#define TURN_VECTORS_AROUND(BITS) \
    _Pragma("GCC unroll 4") \
    for (; i <= n - 256 / BITS; i += 256 / BITS) \
        store_vector(to + i, reversed_##BITS(load_swapped(source - i - (256 / BITS - 1))))
/* What follows the last element may be no memory of ours. */
#define TAKE_EVEN_OF_VECTORS(BITS) \
    _Pragma("GCC unroll 4") \
    for (; i < n - 256 / BITS; i += 256 / BITS) \
        store_vector(to + i, even_##BITS(load_vector(source + 2 * i), load_vector(source + 2 * i + 256 / BITS)))
#else
#define TURN_VECTORS_AROUND(BITS)
#define TAKE_EVEN_OF_VECTORS(BITS)
#endif

#define COPIES(BITS) \
    static inline void turn_around_##BITS(uint##BITS##_t *restrict to, const uint##BITS##_t *restrict source, \
                                          ptrdiff_t n) { \
        ptrdiff_t i = 0; \
        TURN_VECTORS_AROUND(BITS); \
        for (; i < n; i++) to[i] = source[-i]; \
    } \
    static inline void take_even_##BITS(uint##BITS##_t *restrict to, const uint##BITS##_t *restrict source, \
                                        ptrdiff_t n) { \
        ptrdiff_t i = 0; \
        TAKE_EVEN_OF_VECTORS(BITS); \
        for (; i < n; i++) to[i] = source[2 * i]; \
    } \
    static void copy_##BITS(char *to, ptrdiff_t to_step, const char *source, ptrdiff_t step, ptrdiff_t n) { \
        const ptrdiff_t size = BITS / 8; \
        if (to_step == size && step == -size) { \
            turn_around_##BITS((uint##BITS##_t *)to, (const uint##BITS##_t *)source, n); \
        } else if (to_step == -size && step == size) { \
            turn_around_##BITS((uint##BITS##_t *)(to - (n - 1) * size), \
                               (const uint##BITS##_t *)(source + (n - 1) * size), n); \
        } else if (to_step == size && step == 2 * size) { \
            take_even_##BITS((uint##BITS##_t *)to, (const uint##BITS##_t *)source, n); \
        } else { \
            for (ptrdiff_t i = 0; i < n; i++) \
                *(uint##BITS##_t *)(to + i * to_step) = *(const uint##BITS##_t *)(source + i * step); \
        } \
    }

COPIES(16)
COPIES(32)
COPIES(64)

/* n elements of `size` bytes, steps in bytes; source and result do not overlap. */
static void copy_strided(char *to, ptrdiff_t to_step, const char *source, ptrdiff_t step, ptrdiff_t n, int size) {
    if (to_step == size && step == size) memcpy(to, source, n * size);
    else if (size == 2) copy_16(to, to_step, source, step, n);
    else if (size == 4) copy_32(to, to_step, source, step, n);
    else copy_64(to, to_step, source, step, n);
}

#endif
