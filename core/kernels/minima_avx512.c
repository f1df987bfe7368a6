#if defined(__x86_64__)
#include <immintrin.h>

#include "minima.h"

static void minima(const uint64_t *hashes, size_t n, uint32_t out[EW_MINIMA_GROUPS][EW_MINIMA_SLOTS]) {
    __m512i c = _mm512_loadu_si512(ew_minima_constants);
    __m512i a = _mm512_set1_epi32(-1), b = a, d = a;
    for (size_t i = 0; i < n; i++) {
        const char *hash = (const char *)&hashes[i];
        int x, y, z; /* loads that spread to all lanes by themselves */
        __builtin_memcpy(&x, hash, 4);
        __builtin_memcpy(&y, hash + 2, 4);
        __builtin_memcpy(&z, hash + 4, 4);
        a = _mm512_min_epu32(a, _mm512_xor_si512(c, _mm512_set1_epi32(x)));
        b = _mm512_min_epu32(b, _mm512_xor_si512(c, _mm512_set1_epi32(y)));
        d = _mm512_min_epu32(d, _mm512_xor_si512(c, _mm512_set1_epi32(z)));
    }
    _mm512_storeu_si512(out[0], a);
    _mm512_storeu_si512(out[1], b);
    _mm512_storeu_si512(out[2], d);
}

const ew_minima ew_minima_avx512 = {"avx512", minima};
#else
typedef int ew_minima_avx512_is_for_x86; /* a translation unit may not be empty */
#endif
