#define _GNU_SOURCE
#include "clock.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static double seconds(clockid_t id) {
    struct timespec t;
    clock_gettime(id, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

double ew_wall(void) { return seconds(CLOCK_MONOTONIC); }
double ew_cpu(void) { return seconds(CLOCK_PROCESS_CPUTIME_ID); }

/* "VmHWM:   1234 kB" where there is /proc: what getrusage says begins, after a fork and exec, with the peak of whoever forked. */
static uint64_t peak_of_proc(void) {
    char text[4096];
    int file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    ssize_t n = read(file, text, sizeof text - 1);
    close(file);
    text[n > 0 ? n : 0] = 0;
    const char *found = strstr(text, "\nVmHWM:");
    return found ? strtoull(found + 7, NULL, 10) * 1024 : 0;
}

uint64_t ew_peak_memory(void) {
    struct rusage usage;
    uint64_t peak = peak_of_proc();
    if (peak) return peak;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? (uint64_t)usage.ru_maxrss * 1024 : 0;
}

void ew_stopwatch_start(ew_stopwatch *timings) { *timings = (ew_stopwatch){.started = ew_wall(), .cpu = ew_cpu()}; }

void ew_stopwatch_add(ew_stopwatch *timings, const char *stage, double begun) {
    size_t i = 0;
    while (i < timings->n && strcmp(timings->stages[i].stage, stage) != 0) i++;
    if (i == sizeof timings->stages / sizeof *timings->stages) return;
    if (i == timings->n) {
        timings->stages[i].stage = stage;
        timings->n++;
    }
    double cpu = ew_cpu();
    timings->stages[i].seconds += ew_wall() - begun;
    timings->stages[i].cpu += cpu - timings->cpu;
    timings->cpu = cpu;
}
