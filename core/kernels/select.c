#include "bodies.h"
#include "isa.h"

static const void *const bodies[EW_ISA_COUNT] = {
    [EW_ISA_SERIAL] = &ew_kernels_serial,
#if defined(__x86_64__)
    [EW_ISA_AVX2] = &ew_kernels_avx2, [EW_ISA_AVX512] = &ew_kernels_avx512, [EW_ISA_AMX] = &ew_kernels_amx,
#elif defined(__aarch64__)
    [EW_ISA_NEON] = &ew_kernels_neon,
#endif
};

const ew_kernels *ew_kernels_named(const char *name) { return ew_isa_pick_named(bodies, name); }

const ew_kernels *ew_kernels_get(void) { return ew_isa_pick(bodies, ew_isa_get()); }
