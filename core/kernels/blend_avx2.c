#if defined(__x86_64__)
#include <immintrin.h>

static inline void eight(const void *from, float *out) {
    _mm256_storeu_ps(out, _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64(from))));
}

#define GET_BYTES(from, x) (eight(from, (float *)&(x)), eight((from) + 8, (float *)&(x) + 8))
#define BLEND ew_blend_avx2
#define BLEND_NAME avx2
#include "blend_body.h"
#else
typedef int ew_blend_avx2_is_for_x86; /* a translation unit may not be empty */
#endif
