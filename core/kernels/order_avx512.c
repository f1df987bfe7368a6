/* Keys are parted by compressing eight at a time to either side, and few are sorted by counting who is above each. */
#if defined(__x86_64__)
#include <immintrin.h>

#include "order.h"

enum { LANES = 8, PIVOTS = 16, ASIDE = 512 /* keys that wait beside the list */ };

static inline __mmask8 lanes(uint32_t n) { return (__mmask8)(n < LANES ? (1u << n) - 1 : 0xff); }

static uint64_t pivot(const uint64_t *keys, uint32_t n, uint32_t above) {
    uint64_t some[PIVOTS], share = (uint64_t)above * (PIVOTS + 1) / n;
    uint32_t chance = ew_order_chance(keys, n);
    for (uint32_t i = 0; i < PIVOTS; i++) some[i] = keys[((uint64_t)i * n + chance) / PIVOTS];
    __m512i a = _mm512_loadu_si512(some), b = _mm512_loadu_si512(some + LANES), one = _mm512_set1_epi64(1);
    __m512i before = _mm512_setzero_si512(), behind = before;
    for (uint32_t i = 0; i < PIVOTS; i++) {
        __m512i x = _mm512_set1_epi64((long long)some[i]);
        before = _mm512_mask_add_epi64(before, _mm512_cmpgt_epu64_mask(x, a), before, one);
        behind = _mm512_mask_add_epi64(behind, _mm512_cmpgt_epu64_mask(x, b), behind, one);
    }
    __m512i wanted = _mm512_set1_epi64(share < PIVOTS ? (long long)share : PIVOTS - 1);
    uint32_t found = _mm512_cmpeq_epi64_mask(before, wanted) | (uint32_t)_mm512_cmpeq_epi64_mask(behind, wanted) << LANES;
    return found ? some[__builtin_ctz(found)] : some[0]; /* of a few keys some are asked twice, and none may stand there */
}

static uint32_t part(uint64_t *keys, uint32_t n, uint64_t pivot) {
    if (n > ASIDE) return ew_order_serial.part(keys, n, pivot);
    uint64_t aside[ASIDE + LANES];
    const __m512i border = _mm512_set1_epi64((long long)pivot);
    uint32_t above = 0, below = 0;
    for (uint32_t i = 0; i < n; i += LANES) {
        __mmask8 real = lanes(n - i);
        __m512i x = _mm512_maskz_loadu_epi64(real, keys + i);
        __mmask8 high = _mm512_mask_cmpgt_epu64_mask(real, x, border), low = (__mmask8)(real & ~high);
        uint32_t many = (uint32_t)__builtin_popcount(high);
        _mm512_mask_storeu_epi64(keys + above, lanes(many), _mm512_maskz_compress_epi64(high, x));
        _mm512_storeu_si512(aside + below, _mm512_maskz_compress_epi64(low, x));
        above += many;
        below += (uint32_t)__builtin_popcount(low);
    }
    for (uint32_t i = 0; i < below; i += LANES)
        _mm512_mask_storeu_epi64(keys + above + i, lanes(below - i), _mm512_loadu_si512(aside + i));
    return above;
}

static void sort(uint64_t *keys, uint32_t n) {
    uint64_t was[EW_ORDER_FEW], place[LANES];
    const __m512i one = _mm512_set1_epi64(1);
    for (uint32_t i = 0; i < n; i += LANES) _mm512_storeu_si512(was + i, _mm512_maskz_loadu_epi64(lanes(n - i), keys + i));
    for (uint32_t i = 0; i < n; i += LANES) {
        __m512i x = _mm512_loadu_si512(was + i), above = _mm512_setzero_si512(), more = above;
        uint32_t j = 0;
        for (; j + 1 < n; j += 2) {
            above = _mm512_mask_add_epi64(above, _mm512_cmpgt_epu64_mask(_mm512_set1_epi64((long long)was[j]), x), above, one);
            more = _mm512_mask_add_epi64(more, _mm512_cmpgt_epu64_mask(_mm512_set1_epi64((long long)was[j + 1]), x), more, one);
        }
        if (j < n)
            above = _mm512_mask_add_epi64(above, _mm512_cmpgt_epu64_mask(_mm512_set1_epi64((long long)was[j]), x), above, one);
        _mm512_storeu_si512(place, _mm512_add_epi64(above, more));
        for (uint32_t l = 0; l < LANES && i + l < n; l++) keys[place[l]] = was[i + l];
    }
}

const ew_order ew_order_avx512 = {"avx512", pivot, part, sort};
#else
typedef int ew_order_avx512_is_for_x86; /* a translation unit may not be empty */
#endif
