#include "sums.h"

#include <stddef.h>

#include "isa.h"

static const void *const bodies[EW_ISA_COUNT] = {
    [EW_ISA_SERIAL] = &ew_sums_serial,
#if defined(__x86_64__)
    [EW_ISA_AVX2] = &ew_sums_avx2, [EW_ISA_AVX512] = &ew_sums_avx512,
#endif
};

const ew_sums *ew_sums_named(const char *name) { return ew_isa_pick_named(bodies, name); }

const ew_sums *ew_sums_get(void) { return ew_isa_pick(bodies, ew_isa_get()); }
