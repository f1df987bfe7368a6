#include "isa.h"

#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "bodies.h"

static const char *const names[EW_ISA_COUNT] = {"serial", "neon", "avx2", "avx512", "amx"};

#if defined(__x86_64__)
#include <cpuid.h>

/* Tiles with int8 products (leaf 7, EDX bits 24 and 25), granted by the kernel. */
static bool has_amx(void) {
    unsigned a, b, c, d;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d >> 24 & 3) == 3 && ew_kernels_amx_ready();
}
#endif

bool ew_isa_usable(ew_isa isa) {
    switch (isa) {
    case EW_ISA_SERIAL: return true;
#if defined(__x86_64__)
    case EW_ISA_AVX2: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case EW_ISA_AVX512:
        return ew_isa_usable(EW_ISA_AVX2) && __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512vl");
    case EW_ISA_AMX: return ew_isa_usable(EW_ISA_AVX512) && has_amx();
#elif defined(__aarch64__)
    case EW_ISA_NEON: return true;
#endif
    default: return false;
    }
}

const char *ew_isa_name(ew_isa isa) { return names[isa]; }

ew_isa ew_isa_named(const char *name) {
    for (int isa = 0; isa < EW_ISA_COUNT; isa++)
        if (strcmp(name, names[isa]) == 0) return (ew_isa)isa;
    return EW_ISA_COUNT;
}

static ew_isa chosen;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void choose(void) {
    const char *asked = getenv("EDGEWISE_ISA");
    chosen = asked ? ew_isa_named(asked) : EW_ISA_COUNT;
    if (chosen < EW_ISA_COUNT && ew_isa_usable(chosen)) return;
    chosen = EW_ISA_AMX;
    while (!ew_isa_usable(chosen)) chosen--;
}

ew_isa ew_isa_get(void) {
    pthread_once(&once, choose);
    return chosen;
}

const void *ew_isa_pick(const void *const bodies[EW_ISA_COUNT], ew_isa isa) {
    while (isa > EW_ISA_SERIAL && (isa >= EW_ISA_COUNT || !bodies[isa])) isa--;
    return bodies[isa];
}

const void *ew_isa_pick_named(const void *const bodies[EW_ISA_COUNT], const char *name) {
    ew_isa isa = ew_isa_named(name);
    return ew_isa_usable(isa) ? ew_isa_pick(bodies, isa) : NULL;
}
