#include "kernels.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "bodies.h"

static const ew_kernels *chosen;
static pthread_once_t once = PTHREAD_ONCE_INIT;

#if defined(__x86_64__)
#include <cpuid.h>

/* Tiles with int8 products (leaf 7, EDX bits 24 and 25), granted by the kernel. */
static int has_amx(void) {
    unsigned a, b, c, d;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d >> 24 & 3) == 3 && ew_kernels_amx_ready();
}
#endif

const ew_kernels *ew_kernels_named(const char *name) {
    if (strcmp(name, "serial") == 0) return &ew_kernels_serial;
#if defined(__x86_64__)
    if (strcmp(name, "avx2") == 0 && __builtin_cpu_supports("avx2")) return &ew_kernels_avx2;
    if (strcmp(name, "avx512") == 0 && __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl"))
        return &ew_kernels_avx512;
    if (strcmp(name, "amx") == 0 && ew_kernels_named("avx512") && has_amx()) return &ew_kernels_amx;
#elif defined(__aarch64__)
    if (strcmp(name, "neon") == 0) return &ew_kernels_neon;
#endif
    return NULL;
}

static void choose(void) {
    static const char *const best[] = {"amx", "avx512", "avx2", "neon", "serial"};
    const char *asked = getenv("EDGEWISE_ISA");
    if (asked) chosen = ew_kernels_named(asked);
    for (size_t i = 0; !chosen; i++) chosen = ew_kernels_named(best[i]);
}

const ew_kernels *ew_kernels_get(void) {
    pthread_once(&once, choose);
    return chosen;
}
