#if defined(__x86_64__)
#include <immintrin.h>

#define GET_WHOLE(from, x)                                                                                                       \
    do {                                                                                                                         \
        __m256i halves[2] = {_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)(from))),                                     \
                             _mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)((from) + 8)))};                              \
        __builtin_memcpy(&(x), halves, sizeof halves);                                                                           \
    } while (0)
#define SUMS ew_sums_avx2
#define SUMS_NAME avx2
#include "sums_body.h"
#else
typedef int ew_sums_avx2_is_for_x86; /* a translation unit may not be empty */
#endif
