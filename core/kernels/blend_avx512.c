#if defined(__x86_64__)
#include <immintrin.h>

#define HIGHER(a, b) ((vf)_mm512_max_ps((__m512)(a), (__m512)(b))) /* as a > b ? a : b, for zeros and NaN too */
#define LOWER(a, b) ((vf)_mm512_min_ps((__m512)(a), (__m512)(b)))
#define GET_BYTES(from, x) ((x) = (vf)_mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)(from)))))
#define BLEND ew_blend_avx512
#define BLEND_NAME avx512
#include "blend_body.h"
#else
typedef int ew_blend_avx512_is_for_x86; /* a translation unit may not be empty */
#endif
