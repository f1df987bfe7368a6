#include "fold.h"

#include "isa.h"

static const void *const bodies[EW_ISA_COUNT] = {
    [EW_ISA_SERIAL] = &ew_fold_serial,
#if defined(__x86_64__)
    [EW_ISA_AVX2] = &ew_fold_avx2, [EW_ISA_AVX512] = &ew_fold_avx512,
#elif defined(__aarch64__)
    [EW_ISA_NEON] = &ew_fold_neon,
#endif
};

const ew_fold *ew_fold_named(const char *name) { return ew_isa_pick_named(bodies, name); }

const ew_fold *ew_fold_get(void) { return ew_isa_pick(bodies, ew_isa_get()); }
