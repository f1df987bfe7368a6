#include "minima.h"

#include "isa.h"

/* The highest four bits count; the others are a generator's. */
const uint32_t ew_minima_constants[EW_MINIMA_SLOTS] = {
    0x06a09e66, 0x1b67ae85, 0x2c6ef372, 0x354ff53a, 0x410e527f, 0x5b05688c, 0x6f83d9ab, 0x7be0cd19,
    0x8bbb9d5d, 0x929a292a, 0xa159015a, 0xb52fecd8, 0xc7332667, 0xdeb44a87, 0xeb0c2e0d, 0xf7b5481d,
};

static const void *const bodies[EW_ISA_COUNT] = {
    [EW_ISA_SERIAL] = &ew_minima_serial,
#if defined(__x86_64__)
    [EW_ISA_AVX2] = &ew_minima_avx2, [EW_ISA_AVX512] = &ew_minima_avx512,
#elif defined(__aarch64__)
    [EW_ISA_NEON] = &ew_minima_neon,
#endif
};

const ew_minima *ew_minima_named(const char *name) { return ew_isa_pick_named(bodies, name); }

const ew_minima *ew_minima_get(void) { return ew_isa_pick(bodies, ew_isa_get()); }
