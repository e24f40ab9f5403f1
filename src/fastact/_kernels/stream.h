/* Writing past the caches, for results that are too large for them: a usual store reads the line first. */
#ifndef FASTACT_STREAM_H
#define FASTACT_STREAM_H

#include <stddef.h>
#include <string.h>

/* Copies to an address that is a multiple of 64, in the widest pieces that the instruction set has: those of 16
 * bytes take 1.2x as long as those of 32 or 64. Other threads see it when finish_streaming has returned. */
#if defined(__SSE2__) || defined(_M_X64)
#include <immintrin.h>
#define CAN_STREAM 1
static inline void stream(char *to, const char *from, ptrdiff_t bytes) {
    ptrdiff_t i;
    for (i = 0; i + 64 <= bytes; i += 64) {
#if defined(__AVX512F__)
        _mm512_stream_si512((__m512i *)(to + i), _mm512_loadu_si512(from + i));
#elif defined(__AVX__)
        _mm256_stream_si256((__m256i *)(to + i), _mm256_loadu_si256((const __m256i *)(from + i)));
        _mm256_stream_si256((__m256i *)(to + i + 32), _mm256_loadu_si256((const __m256i *)(from + i + 32)));
#else
        int k;
        for (k = 0; k < 64; k += 16)
            _mm_stream_si128((__m128i *)(to + i + k), _mm_loadu_si128((const __m128i *)(from + i + k)));
#endif
    }
    memcpy(to + i, from + i, bytes - i);
}
static inline void finish_streaming(void) { _mm_sfence(); }
#else
#define CAN_STREAM 0
static inline void stream(char *to, const char *from, ptrdiff_t bytes) { memcpy(to, from, bytes); }
static inline void finish_streaming(void) { }
#endif

#endif
