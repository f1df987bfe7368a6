#include "sift.h"

#include "isa.h"

static const void *const bodies[EW_ISA_COUNT] = {
    [EW_ISA_SERIAL] = &ew_sift_serial,
#if defined(__x86_64__)
    [EW_ISA_AVX2] = &ew_sift_avx2, [EW_ISA_AVX512] = &ew_sift_avx512, [EW_ISA_AMX] = &ew_sift_amx,
#elif defined(__aarch64__)
    [EW_ISA_NEON] = &ew_sift_neon,
#endif
};

const ew_sift *ew_sift_named(const char *name) { return ew_isa_pick_named(bodies, name); }

const ew_sift *ew_sift_get(void) { return ew_isa_pick(bodies, ew_isa_get()); }
