/* Columns to rows: to[c][i] = source[i][c], steps in bytes, elements of 1, 2, 4 or 8 bytes side by side within
 * a line of either. Where there is SSE2, in squares of 4 (2) elements: 5x faster than one by one. */
#ifndef FASTACT_TRANSPOSE_H
#define FASTACT_TRANSPOSE_H

#include <stddef.h>
#include <string.h>

static inline void transpose_plainly(char *to, ptrdiff_t to_step, const char *source, ptrdiff_t step,
                                     ptrdiff_t lines, ptrdiff_t columns, int size) {
    for (ptrdiff_t i = 0; i < lines; i++)
        for (ptrdiff_t c = 0; c < columns; c++)
            memcpy(to + c * to_step + i * size, source + i * step + c * size, size);
}

#if defined(__SSE2__)
#include <emmintrin.h>
static inline void square_of_4(char *to, ptrdiff_t to_step, const char *source, ptrdiff_t step) {
    __m128 a = _mm_loadu_ps((const float *)source), b = _mm_loadu_ps((const float *)(source + step));
    __m128 c = _mm_loadu_ps((const float *)(source + 2 * step)), d = _mm_loadu_ps((const float *)(source + 3 * step));
    _MM_TRANSPOSE4_PS(a, b, c, d);
    _mm_storeu_ps((float *)to, a);
    _mm_storeu_ps((float *)(to + to_step), b);
    _mm_storeu_ps((float *)(to + 2 * to_step), c);
    _mm_storeu_ps((float *)(to + 3 * to_step), d);
}

static inline void square_of_2(char *to, ptrdiff_t to_step, const char *source, ptrdiff_t step) {
    __m128d a = _mm_loadu_pd((const double *)source), b = _mm_loadu_pd((const double *)(source + step));
    _mm_storeu_pd((double *)to, _mm_unpacklo_pd(a, b));
    _mm_storeu_pd((double *)(to + to_step), _mm_unpackhi_pd(a, b));
}
/* Squares along the shorter side first: so a line of the cache that is far from the next one is used up at once
 * (4x faster when rows of 4,000 bytes are written), and those to come can be asked for. */
#define AHEAD 16
#define TRANSPOSE_SQUARES(SIDE, SQUARE)                                                                  \
    ptrdiff_t whole_lines = lines - lines % SIDE, whole_columns = columns - columns % SIDE;              \
    if (lines >= columns) {                                                                              \
        for (ptrdiff_t i = 0; i < whole_lines; i += SIDE) {                                              \
            for (int k = 0; k < SIDE; k++) __builtin_prefetch(source + (i + AHEAD + k) * step);          \
            for (ptrdiff_t c = 0; c < whole_columns; c += SIDE)                                          \
                SQUARE(to + c * to_step + i * size, to_step, source + i * step + c * size, step);        \
        }                                                                                                \
    } else {                                                                                             \
        for (ptrdiff_t c = 0; c < whole_columns; c += SIDE) {                                            \
            for (int k = 0; k < SIDE; k++) __builtin_prefetch(to + (c + AHEAD + k) * to_step, 1);        \
            for (ptrdiff_t i = 0; i < whole_lines; i += SIDE)                                            \
                SQUARE(to + c * to_step + i * size, to_step, source + i * step + c * size, step);        \
        }                                                                                                \
    }                                                                                                    \
    transpose_plainly(to + whole_columns * to_step, to_step, source + whole_columns * size, step,        \
                      whole_lines, columns - whole_columns, size);                                       \
    transpose_plainly(to + whole_lines * size, to_step, source + whole_lines * step, step,               \
                      lines - whole_lines, columns, size)
#endif

static void transpose(char *to, ptrdiff_t to_step, const char *source, ptrdiff_t step, ptrdiff_t lines,
                      ptrdiff_t columns, int size) {
#if defined(__SSE2__)
    if (size == 4) {
        TRANSPOSE_SQUARES(4, square_of_4);
        return;
    }
    if (size == 8) {
        TRANSPOSE_SQUARES(2, square_of_2);
        return;
    }
#endif
    transpose_plainly(to, to_step, source, step, lines, columns, size);
}

#endif
