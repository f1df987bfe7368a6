#include "scan.h"

#include "../base/bytes.h"
#include "isa.h"

#define ONES UINT64_C(0x0101010101010101)
#define TOPS UINT64_C(0x8080808080808080)

/* A top bit at each byte that is zero; no borrow runs from one byte into the next. */
static inline uint64_t zeros(uint64_t word) { return ~(((word & ~TOPS) + ~TOPS) | word) & TOPS; }
static inline uint64_t less(uint64_t word, unsigned char n) { return ~(((word & ~TOPS) + ONES * (0x80u - n)) | word) & TOPS; }

void ew_scan_serial(const char *text, size_t words, ew_scan_set set, uint64_t *out) {
    for (size_t w = 0; w < words; w++) {
        uint64_t bits = 0;
        for (unsigned i = 0; i < 8; i++) {
            uint64_t word = ew_load64(text + 64 * w + 8 * i);
            uint64_t hits = zeros(word ^ ONES * set.a) | zeros(word ^ ONES * set.b) | zeros(word ^ ONES * set.c);
            if (set.below) hits |= less(word, set.below);
            bits |= ((hits >> 7) * UINT64_C(0x0102040810204080) >> 56) << 8 * i; /* eight top bits to the eight lowest */
        }
        out[w] = bits;
    }
}

/* Pointers to functions are no pointers to objects, so the table holds where they lie. */
static const ew_scan_fn serial = ew_scan_serial;
#if defined(__x86_64__)
static const ew_scan_fn avx2 = ew_scan_avx2, avx512 = ew_scan_avx512;
#elif defined(__aarch64__)
static const ew_scan_fn neon = ew_scan_neon;
#endif

static const void *const bodies[EW_ISA_COUNT] = {
    [EW_ISA_SERIAL] = &serial,
#if defined(__x86_64__)
    [EW_ISA_AVX2] = &avx2, [EW_ISA_AVX512] = &avx512,
#elif defined(__aarch64__)
    [EW_ISA_NEON] = &neon,
#endif
};

ew_scan_fn ew_scan_named(const char *name) {
    const ew_scan_fn *body = ew_isa_pick_named(bodies, name);
    return body ? *body : NULL;
}

ew_scan_fn ew_scan_get(void) { return *(const ew_scan_fn *)ew_isa_pick(bodies, ew_isa_get()); }
