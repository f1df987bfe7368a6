#if defined(__x86_64__)
#include <immintrin.h>

#define GET_WHOLE(from, x) (x) = (vi)_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)(from)))
#define SUMS ew_sums_avx512
#define SUMS_NAME avx512
#include "sums_body.h"
#else
typedef int ew_sums_avx512_is_for_x86; /* a translation unit may not be empty */
#endif
