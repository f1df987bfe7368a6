/* Where the time goes: wall seconds by stage, and what the process has used. */
#ifndef EW_BASE_CLOCK_H
#define EW_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

typedef struct ew_stopwatch {
    struct { const char *stage; double seconds, cpu; } stages[24]; /* names are literals; cpu: since the stage before ended */
    size_t n;
    double started; /* ew_wall() at the beginning */
    double cpu;     /* ew_cpu() at the end of the last stage */
} ew_stopwatch;

double ew_wall(void); /* monotonic seconds */
double ew_cpu(void);  /* CPU seconds of the process, all threads */
uint64_t ew_peak_memory(void); /* peak resident bytes of the process */

void ew_stopwatch_start(ew_stopwatch *timings);
/* Adds the seconds since `begun` to a stage (made at first sight). */
void ew_stopwatch_add(ew_stopwatch *timings, const char *stage, double begun);

#endif
