#if defined(__x86_64__)
#include <immintrin.h>
#include <stdint.h>

typedef float halves __attribute__((vector_size(64)));
typedef union sixteen { halves f; int32_t i[16]; __m256 half[2]; } sixteen;

/* Each half by its own instruction; sixteen integers -> int16 and int8, the halves of halves put in order again. */
#define BY_HALVES(how, a, b)                                                                                                     \
    (((sixteen){.half = {how(((sixteen){.f = (a)}).half[0], ((sixteen){.f = (b)}).half[0]),                                      \
                         how(((sixteen){.f = (a)}).half[1], ((sixteen){.f = (b)}).half[1])}}).f)
#define HIGHER(a, b) BY_HALVES(_mm256_max_ps, a, b) /* as a > b ? a : b, for zeros and NaN too */
#define LOWER(a, b) BY_HALVES(_mm256_min_ps, a, b)

static inline __m256i shorts_of(const void *x) {
    const __m256i *half = x;
    return _mm256_permute4x64_epi64(_mm256_packs_epi32(_mm256_loadu_si256(half), _mm256_loadu_si256(half + 1)), 0xd8);
}

static inline __m128i bytes_of(const void *x) {
    __m256i s = shorts_of(x);
    return _mm_packs_epi16(_mm256_castsi256_si128(s), _mm256_extracti128_si256(s, 1));
}

#define PUT_BYTES(to, x) _mm_storeu_si128((__m128i *)(to), bytes_of(&(x)))
#define PUT_SHORTS(to, x) _mm256_storeu_si256((__m256i *)(to), shorts_of(&(x)))
#define SMOOTH ew_smooth_avx2
#define SMOOTH_NAME avx2
#include "smooth_body.h"
#else
typedef int ew_smooth_avx2_is_for_x86; /* a translation unit may not be empty */
#endif
