#include "gemm.h"

#include <string.h>

#include "gemm_bodies.h"
#include "isa.h"

static const void *const bodies[EW_ISA_COUNT] = {
    [EW_ISA_SERIAL] = &ew_gemm_serial,
#if defined(__x86_64__)
    [EW_ISA_AVX2] = &ew_gemm_avx2, [EW_ISA_AVX512] = &ew_gemm_avx512, [EW_ISA_AMX] = &ew_gemm_amx,
#elif defined(__aarch64__)
    [EW_ISA_NEON] = &ew_gemm_neon,
#endif
};

const ew_gemm *ew_gemm_named(const char *name) { return ew_isa_pick_named(bodies, name); }

const ew_gemm *ew_gemm_get(void) { return ew_isa_pick(bodies, ew_isa_get()); }

void ew_gemm_pack(const int8_t *w, uint32_t n, uint32_t k, int8_t *packed) {
    uint32_t deep = ew_gemm_up(k, EW_GEMM_DEPTH);
    memset(packed, 0, (size_t)ew_gemm_up(n, EW_GEMM_COLUMNS) * deep);
    for (uint32_t j = 0; j < n; j++) {
        int8_t *block = packed + (size_t)(j / 16) * 16 * deep + j % 16 * 4;
        for (uint32_t c = 0; c < k; c++) block[(size_t)(c / 4) * 64 + c % 4] = w[(size_t)j * k + c];
    }
}
