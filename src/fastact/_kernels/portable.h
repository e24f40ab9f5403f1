/* The few C operations that Cython has no word for: fused multiply-add, bit casts, and the
 * floating-point environment. Everything has a portable form; x86 has a faster one. */
#ifndef FASTACT_PORTABLE_H
#define FASTACT_PORTABLE_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* With an FMA instruction a * b + c is rounded once, so AVX2, AVX-512 and NEON agree to the last
 * bit. Without one, fma() is a slow library call: round twice. */
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA) || defined(FP_FAST_FMA)
#define FASTACT_HAS_FMA 1
static inline double mul_add(double a, double b, double c) { return __builtin_fma(a, b, c); }
static inline float mul_add_f32(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
#else
#define FASTACT_HAS_FMA 0
static inline double mul_add(double a, double b, double c) { return a * b + c; }
static inline float mul_add_f32(float a, float b, float c) { return (double)a * b + c; }
#endif

/* The rounding error of the product p = a * b (T. J. Dekker, Numerische Mathematik 18, 1971,
 * where there is no FMA; exact for abs(a), abs(b) < 2^996). */
static inline double product_error(double a, double b, double p) {
#if FASTACT_HAS_FMA
    return __builtin_fma(a, b, -p);
#else
    const double split = 134217729.0; /* 2^27 + 1 */
    double ta = split * a, tb = split * b;
    double a_high = ta - (ta - a), b_high = tb - (tb - b);
    double a_low = a - a_high, b_low = b - b_high;
    return ((a_high * b_high - p) + a_high * b_low + a_low * b_high) + a_low * b_low;
#endif
}

/* a - q * d, rounded once, for q near a / d. */
static inline double residual(double a, double q, double d) {
#if FASTACT_HAS_FMA
    return __builtin_fma(-q, d, a);
#else
    double p = q * d;
    return (a - p) - product_error(q, d, p);
#endif
}

/* Have a line of memory fetched that will be read or written soon. */
#if defined(__GNUC__)
static inline void ask_for(const void *address) { __builtin_prefetch(address, 0, 2); }
#else
static inline void ask_for(const void *address) { (void)address; }
#endif

static inline uint64_t bits_of(double x) { uint64_t b; memcpy(&b, &x, 8); return b; }
static inline double from_bits(uint64_t b) { double x; memcpy(&x, &b, 8); return x; }

static inline uint32_t bits_of_float(float x) { uint32_t b; memcpy(&b, &x, 4); return b; }
static inline float float_from_bits(uint32_t b) { float x; memcpy(&x, &b, 4); return x; }

/* Vector code evaluates lanes and branches that nobody asked for, and so raises floating-point
 * flags, which NumPy would turn into warnings. A loop puts the flags back as it found them. */
#if defined(__SSE__) || defined(_M_X64)
#include <xmmintrin.h>
typedef unsigned int fp_flags;
static inline fp_flags save_fp_flags(void) { return _mm_getcsr(); }
static inline void restore_fp_flags(fp_flags flags) { _mm_setcsr(flags); }
/* Until the flags are restored, subnormal operands and results count as 0, which is faster (bits FTZ and DAZ). */
static inline void flush_subnormals(void) { _mm_setcsr(_mm_getcsr() | 0x8040); }
#else
#include <fenv.h>
typedef fexcept_t fp_flags;
static inline fp_flags save_fp_flags(void) { fp_flags f; fegetexceptflag(&f, FE_ALL_EXCEPT); return f; }
static inline void restore_fp_flags(fp_flags flags) { fesetexceptflag(&flags, FE_ALL_EXCEPT); }
static inline void flush_subnormals(void) { }
#endif

/* Pointers that a kernel may assume not to overlap; the ufunc loop sees to it. */
typedef const float *restrict in_f32;
typedef const double *restrict in_f64;
typedef const uint16_t *restrict in_f16;
typedef float *restrict out_f32;
typedef double *restrict out_f64;
typedef uint16_t *restrict out_f16;

#endif
