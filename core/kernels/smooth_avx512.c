#if defined(__x86_64__)
#include <immintrin.h>

#define HIGHER(a, b) ((vf)_mm512_max_ps((__m512)(a), (__m512)(b))) /* as a > b ? a : b, for zeros and NaN too */
#define LOWER(a, b) ((vf)_mm512_min_ps((__m512)(a), (__m512)(b)))
#define HIGHEST(a, b) ((vi)_mm512_max_epi32((__m512i)(a), (__m512i)(b)))
#define TOGETHER 8
#define IN_STEP(x) __asm__ volatile("" : "+v"(x))
#define PUT_BYTES(to, x) _mm_storeu_si128((__m128i *)(to), _mm512_cvtsepi32_epi8((__m512i)(x)))
#define PUT_SHORTS(to, x) _mm256_storeu_si256((__m256i *)(to), _mm512_cvtepi32_epi16((__m512i)(x)))
#define SMOOTH ew_smooth_avx512
#define SMOOTH_NAME avx512
#include "smooth_body.h"
#else
typedef int ew_smooth_avx512_is_for_x86; /* a translation unit may not be empty */
#endif
