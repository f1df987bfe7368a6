/* What this core could do at best with bytes: multiply-adds a second in a loop of nothing else; 0: no such instruction here.
 *
 *     build/release/bench/products */
#include <stdio.h>

#if defined(__AVX512VNNI__)
#include <time.h>

static double cpu(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Sixteen sums, none waiting for another. */
static double peak(void) {
    enum { STEPS = 20000000 };
    double best = 0;
    for (int repeat = 0; repeat < 5; repeat++) {
        double begun = cpu();
        long n = STEPS;
#define SUM(i) "vpdpbusd %%zmm30, %%zmm31, %%zmm" #i "\n\t"
        __asm__ volatile("1:\n\t" SUM(0) SUM(1) SUM(2) SUM(3) SUM(4) SUM(5) SUM(6) SUM(7) SUM(8) SUM(9) SUM(10) SUM(11) SUM(12)
                             SUM(13) SUM(14) SUM(15) "dec %0\n\tjnz 1b"
                         : "+r"(n)
                         :
                         : "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11",
                           "xmm12", "xmm13", "xmm14", "xmm15");
        double rate = STEPS * 16.0 * 64 / (cpu() - begun);
        best = rate > best ? rate : best;
    }
    return best;
}
#else
static double peak(void) { return 0; }
#endif

int main(void) {
    printf("%.4g\n", peak());
    return 0;
}
