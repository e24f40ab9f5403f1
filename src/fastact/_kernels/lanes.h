/* Vectors of floats, for the kernels that look numbers up in a table: of table[i] a compiler makes memory accesses,
 * one a lane, where a permutation of a register does it for all lanes at once. Arithmetic is that of C. */
#ifndef FASTACT_LANES_H
#define FASTACT_LANES_H

#include "portable.h"

#define TABLE_SIZE 16 /* entries of a table: as many floats as a register of AVX-512 holds */

#if defined(__AVX512F__)
#include <immintrin.h>
#define LANE_COUNT 16
#elif defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>
#define LANE_COUNT 8
#else
#define LANE_COUNT 4
#endif

typedef float lanes __attribute__((vector_size(4 * LANE_COUNT)));
typedef int32_t lanes_of_int __attribute__((vector_size(4 * LANE_COUNT)));
typedef float unaligned_lanes __attribute__((vector_size(4 * LANE_COUNT), aligned(4), may_alias));

static inline lanes load_lanes(const float *from) { return *(const unaligned_lanes *)from; }
static inline void store_lanes(float *to, lanes x) { *(unaligned_lanes *)to = x; }

/* The first n < LANE_COUNT of them; the others are 0, and stay unwritten. */
static inline lanes load_some_lanes(const float *from, ptrdiff_t n) {
#if defined(__AVX512F__)
    return _mm512_maskz_loadu_ps((1u << n) - 1, from);
#else
    lanes x = {0};
    memcpy(&x, from, 4 * n);
    return x;
#endif
}

static inline void store_some_lanes(float *to, lanes x, ptrdiff_t n) {
#if defined(__AVX512F__)
    _mm512_mask_storeu_ps(to, (1u << n) - 1, x);
#else
    memcpy(to, &x, 4 * n);
#endif
}

static inline lanes lanes_mul_add(lanes a, lanes b, lanes c) {
#if defined(__AVX512F__)
    return _mm512_fmadd_ps(a, b, c);
#elif LANE_COUNT == 8
    return _mm256_fmadd_ps(a, b, c);
#else
    for (int i = 0; i < LANE_COUNT; i++) c[i] = mul_add_f32(a[i], b[i], c[i]);
    return c;
#endif
}

static inline lanes in_all_lanes(float x) { return x - (lanes){0}; }
static inline lanes_of_int bits_of_lanes(lanes x) { return (lanes_of_int)x; }
static inline lanes lanes_from_bits(lanes_of_int bits) { return (lanes)bits; }

static inline lanes lanes_absolute(lanes x) { return (lanes)((lanes_of_int)x & 0x7fffffff); }

/* x, which is not negative, with the sign of the other. */
static inline lanes lanes_with_sign_of(lanes x, lanes sign) {
    return (lanes)((lanes_of_int)x | ((lanes_of_int)sign & (lanes_of_int)(-(lanes){0})));
}

/* Bounds of x that keep NaN. */
static inline lanes lanes_at_most(lanes x, float high) {
#if defined(__AVX512F__)
    return _mm512_min_ps(_mm512_set1_ps(high), x);
#elif LANE_COUNT == 8
    return _mm256_min_ps(_mm256_set1_ps(high), x);
#else
    for (int i = 0; i < LANE_COUNT; i++) x[i] = x[i] > high ? high : x[i];
    return x;
#endif
}

static inline lanes lanes_at_least(lanes x, float low) {
#if defined(__AVX512F__)
    return _mm512_max_ps(_mm512_set1_ps(low), x);
#elif LANE_COUNT == 8
    return _mm256_max_ps(_mm256_set1_ps(low), x);
#else
    for (int i = 0; i < LANE_COUNT; i++) x[i] = x[i] < low ? low : x[i];
    return x;
#endif
}

/* The larger size in each lane, of x unless that is NaN; and whether one is as large as the limit. */
static inline lanes farther(lanes farthest, lanes x) {
#if defined(__AVX512F__)
    return _mm512_max_ps(lanes_absolute(x), farthest);
#elif LANE_COUNT == 8
    return _mm256_max_ps(lanes_absolute(x), farthest);
#else
    x = lanes_absolute(x);
    for (int i = 0; i < LANE_COUNT; i++) farthest[i] = x[i] > farthest[i] ? x[i] : farthest[i];
    return farthest;
#endif
}

static inline int any_at_least(lanes farthest, float limit) {
#if defined(__AVX512F__)
    return _mm512_cmp_ps_mask(farthest, _mm512_set1_ps(limit), _CMP_GE_OQ) != 0;
#elif LANE_COUNT == 8
    return _mm256_movemask_ps(_mm256_cmp_ps(farthest, _mm256_set1_ps(limit), _CMP_GE_OQ));
#else
    int any = 0;
    for (int i = 0; i < LANE_COUNT; i++) any |= farthest[i] >= limit;
    return any;
#endif
}

/* table[i mod TABLE_SIZE] in each lane. */
static inline lanes look_up(const float *table, lanes_of_int i) {
#if defined(__AVX512F__)
    return _mm512_permutexvar_ps((__m512i)i, _mm512_loadu_ps(table));
#elif LANE_COUNT == 8
    __m256 low = _mm256_permutevar8x32_ps(_mm256_loadu_ps(table), (__m256i)i);
    __m256 high = _mm256_permutevar8x32_ps(_mm256_loadu_ps(table + 8), (__m256i)i);
    return _mm256_blendv_ps(low, high, (__m256)(i << 28)); /* it looks at the highest bit, here that of 8 */
#else
    lanes found;
    for (int k = 0; k < LANE_COUNT; k++) found[k] = table[i[k] & (TABLE_SIZE - 1)];
    return found;
#endif
}

#endif
