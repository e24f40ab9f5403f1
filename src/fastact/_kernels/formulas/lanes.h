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

/* x, which is negative only where the other is, with its sign. */
static inline lanes lanes_with_sign_of(lanes x, lanes sign) {
    return (lanes)((lanes_of_int)x | ((lanes_of_int)sign & (lanes_of_int)(-(lanes){0})));
}

/* y where x has the sign of a positive number, else 0; and -y there, else y. */
static inline lanes lanes_where_positive(lanes x, float y) {
    return (lanes)((lanes_of_int)in_all_lanes(y) & ~((lanes_of_int)x >> 31));
}

static inline lanes lanes_minus_where_positive(lanes x, lanes y) {
    return (lanes)((lanes_of_int)y ^ (~(lanes_of_int)x & (lanes_of_int)(-(lanes){0})));
}

/* The first n <= LANE_COUNT of them, then 0. */
static inline lanes first_lanes(lanes x, ptrdiff_t n) {
#if defined(__AVX512F__)
    return _mm512_maskz_mov_ps((1u << n) - 1, x);
#else
    lanes first = {0};
    memcpy(&first, &x, 4 * n);
    return first;
#endif
}

/* In each lane a where it is the larger, or the smaller, else b, so b where one of them is NaN. */
static inline lanes lanes_larger(lanes a, lanes b) {
#if defined(__AVX512F__)
    return _mm512_max_ps(a, b);
#elif LANE_COUNT == 8
    return _mm256_max_ps(a, b);
#else
    for (int i = 0; i < LANE_COUNT; i++) b[i] = a[i] > b[i] ? a[i] : b[i];
    return b;
#endif
}

static inline lanes lanes_smaller(lanes a, lanes b) {
#if defined(__AVX512F__)
    return _mm512_min_ps(a, b);
#elif LANE_COUNT == 8
    return _mm256_min_ps(a, b);
#else
    for (int i = 0; i < LANE_COUNT; i++) b[i] = a[i] < b[i] ? a[i] : b[i];
    return b;
#endif
}

/* The largest of the lanes; none of them is NaN. */
static inline float largest_lane(lanes x) {
#if defined(__AVX512F__)
    return _mm512_reduce_max_ps(x);
#else
    float largest = x[0];
    for (int i = 1; i < LANE_COUNT; i++) largest = x[i] > largest ? x[i] : largest;
    return largest;
#endif
}

/* In each lane x, but where a is equal to b another number. */
static inline lanes lanes_unless_equal(lanes a, lanes b, lanes x, float other) {
    lanes_of_int equal = a == b;
    return (lanes)(((lanes_of_int)x & ~equal) | ((lanes_of_int)in_all_lanes(other) & equal));
}

/* Bounds of x that keep NaN. */
static inline lanes lanes_at_most(lanes x, float high) { return lanes_smaller(in_all_lanes(high), x); }
static inline lanes lanes_at_least(lanes x, float low) { return lanes_larger(in_all_lanes(low), x); }

/* The larger size in each lane, of x unless that is NaN; and whether one is as large as the limit. */
static inline lanes farther(lanes farthest, lanes x) { return lanes_larger(lanes_absolute(x), farthest); }

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

/* The same for a table of bytes whose first is 0, as the upper 16 bits of an int. */
static inline lanes_of_int look_up_upper(const uint8_t *table, lanes_of_int i) {
#if defined(__AVX512F__)
    __m512i ints = _mm512_slli_epi32(_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)table)), 16);
    return (lanes_of_int)_mm512_permutexvar_epi32((__m512i)i, ints);
#elif LANE_COUNT == 8
    __m256i bytes = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)table));
    return (lanes_of_int)_mm256_shuffle_epi8(bytes, (__m256i)(i & (TABLE_SIZE - 1))) << 16;
#else
    for (int k = 0; k < LANE_COUNT; k++) i[k] = table[i[k] & (TABLE_SIZE - 1)] << 16;
    return i;
#endif
}

/* The same as look_up if all i mod TABLE_SIZE are among the 8 from `first` on, a constant: with AVX2 half the work. */
static inline lanes look_up_half(const float *table, lanes_of_int i, int32_t first) {
#if LANE_COUNT == 8
    lanes_of_int lane = {0, 1, 2, 3, 4, 5, 6, 7};
    lanes_of_int upper = ((((lane - first) & 7) + first) & 8) != 0; /* where it is in the upper half of the table */
    lanes_of_int half = ((lanes_of_int)load_lanes(table) & ~upper) | ((lanes_of_int)load_lanes(table + 8) & upper);
    return _mm256_permutevar8x32_ps((__m256)half, (__m256i)i);
#else
    (void)first;
    return look_up(table, i);
#endif
}

/* Whether all sizes are below a limit, if look_up_half gains by that, and the limit is not 0. NaN counts as below: it
 * stays NaN whatever is looked up. */
static inline int all_in_half(lanes x, float limit) {
    return LANE_COUNT == 8 && limit > 0 && !any_at_least(lanes_absolute(x), limit);
}

#endif
