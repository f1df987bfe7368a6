/* AVX-512 with VNNI (vpdpbusd: unsigned times signed bytes, exact in int32). Sixteen rows fill the lanes of a register, four
 * bytes of each side by side, against four bytes of a target in every lane. The rows' sign is moved out of the way by a xor
 * (+ 128 as unsigned); the sums begin at - 128 * sum(target). */
#if defined(__x86_64__)
#include <immintrin.h>

#include "hits512.h"
#include "pack512.h"
#include "sift.h"
#include "vnni512.h"

enum { AT_ONCE = EW_VNNI_ROWS, /* targets */ LANES = EW_SIFT_LANES };

static void pack(const int8_t *const *rows, uint32_t n, uint32_t stride, int8_t *packed) {
    const __m512i flip = _mm512_set1_epi8((char)0x80);
    for (uint32_t i = 0; i < n; i += LANES, packed += (size_t)LANES * stride)
        for (uint32_t k = 0; k < stride; k += 64) {
            __m512i lanes[16];
            for (uint32_t l = 0; l < LANES; l++)
                lanes[l] = i + l < n ? _mm512_xor_si512(_mm512_load_si512(rows[i + l] + k), flip) : _mm512_setzero_si512();
            ew_turn64(lanes, (__m512i *)(packed + (size_t)k * LANES));
        }
}

typedef struct {
    const int8_t *target[AT_ONCE]; /* the first again where they are fewer */
    uint32_t first, n;      /* of them */
    int32_t begin[AT_ONCE]; /* of a sum */
} some;

/* Where the sums of up to eight targets begin: - 128 times the sum of a target's bytes. Four of them are folded at a time. */
static inline void begin_at(some *t, uint32_t stride) {
    const __m512i lift = _mm512_set1_epi8((char)0x80); /* as unsigned: 128 */
    for (uint32_t from = 0; from < t->n; from += 4) {
        const int8_t *const *row = t->target + from;
        __m512i s[4] = {_mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512()};
        for (uint32_t k = 0; k < stride; k += 64)
            for (uint32_t r = 0; r < 4; r++) s[r] = _mm512_dpbusd_epi32(s[r], lift, _mm512_load_si512(row[r] + k));
        __m512i low = _mm512_add_epi32(_mm512_unpacklo_epi32(s[0], s[1]), _mm512_unpackhi_epi32(s[0], s[1])),
                high = _mm512_add_epi32(_mm512_unpacklo_epi32(s[2], s[3]), _mm512_unpackhi_epi32(s[2], s[3])),
                all = _mm512_add_epi32(_mm512_unpacklo_epi64(low, high), _mm512_unpackhi_epi64(low, high));
        __m256i half = _mm256_add_epi32(_mm512_castsi512_si256(all), _mm512_extracti64x4_epi64(all, 1));
        __m128i four = _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
        _mm_storeu_si128((__m128i *)(t->begin + from), _mm_sub_epi32(_mm_setzero_si128(), four));
    }
}

EW_VNNI_BODY(eight_by_two, AT_ONCE, 2)
EW_VNNI_BODY(eight_by_one, AT_ONCE, 1)
EW_VNNI_BODY(four_by_two, AT_ONCE / 2, 2)
EW_VNNI_BODY(four_by_one, AT_ONCE / 2, 1)

/* `many` targets by 16 * `wide` rows: constants, once inlined, so that the sums stay in registers. Beyond t->n nothing counts. */
static inline __attribute__((always_inline)) uint32_t tile(const __m512i *packed, const int32_t *floor, uint32_t row,
                                                           uint32_t rows, uint32_t wide, const some *t, uint32_t many,
                                                           uint32_t stride, ew_sift_hit *hits) {
    __m512i low[AT_ONCE], high[AT_ONCE];
    (many < AT_ONCE ? wide > 1 ? four_by_two : four_by_one
     : wide > 1     ? eight_by_two
                    : eight_by_one)(packed, packed + stride / 4, t->target, t->begin, stride, low, high);
    uint32_t mask[AT_ONCE], any = 0, lanes = rows < 2 * LANES ? (1u << rows) - 1 : UINT32_MAX;
    __m512i floors = _mm512_maskz_loadu_epi32((__mmask16)lanes, floor),
            others = _mm512_maskz_loadu_epi32((__mmask16)(lanes >> 16), floor + LANES);
    for (uint32_t r = 0; r < many; r++) {
        mask[r] = _mm512_cmpge_epi32_mask(low[r], floors);
        if (wide > 1) mask[r] |= (uint32_t)_mm512_cmpge_epi32_mask(high[r], others) << 16;
        any |= mask[r] = r < t->n ? mask[r] & lanes : 0;
    }
    uint32_t found = 0;
    if (__builtin_expect(any == 0, 1)) return 0;
    for (uint32_t r = 0; r < many; r++) {
        if (mask[r] & 0xffff) found += ew_hits16((__mmask16)mask[r], low[r], row, t->first + r, hits + found);
        if (mask[r] >> 16) found += ew_hits16((__mmask16)(mask[r] >> 16), high[r], row + LANES, t->first + r, hits + found);
    }
    return found;
}

static inline __attribute__((always_inline)) uint32_t block(const int8_t *packed, const int32_t *floor, uint32_t n, const some *t,
                                                            uint32_t many, uint32_t stride, ew_sift_hit *hits) {
    uint32_t found = 0, i = 0;
    for (; i + LANES < n; i += 2 * LANES)
        found += tile((const __m512i *)(packed + (size_t)i * stride), floor + i, i, n - i, 2, t, many, stride, hits + found);
    if (i < n)
        found += tile((const __m512i *)(packed + (size_t)i * stride), floor + i, i, n - i, 1, t, many, stride, hits + found);
    return found;
}

static uint32_t sift(const int8_t *packed, const int32_t *floor, uint32_t n, const int8_t *targets, const uint32_t *which,
                     uint32_t m, uint32_t stride, ew_sift_hit *hits) {
    uint32_t found = 0;
    for (uint32_t j = 0; j < m; j += AT_ONCE) {
        some t = {.first = j, .n = m - j < AT_ONCE ? m - j : AT_ONCE};
        for (uint32_t r = 0; r < AT_ONCE; r++) {
            uint32_t at = j + (r < t.n ? r : 0), next = at + AT_ONCE < m ? at + AT_ONCE : at;
            const int8_t *ahead = targets + (size_t)(which ? which[next] : next) * stride;
            t.target[r] = targets + (size_t)(which ? which[at] : at) * stride;
            for (uint32_t b = 0; b < stride; b += 64) __builtin_prefetch(ahead + b);
        }
        begin_at(&t, stride);
        if (t.n > AT_ONCE / 2)
            found += block(packed, floor, n, &t, AT_ONCE, stride, hits + found);
        else
            found += block(packed, floor, n, &t, AT_ONCE / 2, stride, hits + found);
    }
    return found;
}

const ew_sift ew_sift_avx512 = {"avx512", 1, pack, sift};
#else
typedef int ew_sift_avx512_is_for_x86; /* a translation unit may not be empty */
#endif
