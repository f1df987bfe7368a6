/* scan: which bytes of a text matter to a grammar, 64 at a time.
 *
 * Bit i of out[w] tells whether byte 64 w + i is a, b or c, or below `below` (0: none is). All 64 * words bytes are read; no
 * alignment is asked for. The serial body is the oracle. No state, any thread. */
#ifndef EW_KERNELS_SCAN_H
#define EW_KERNELS_SCAN_H

#include <stddef.h>
#include <stdint.h>

typedef struct ew_scan_set { unsigned char a, b, c, below; } ew_scan_set; /* below: at most 128 */

typedef void (*ew_scan_fn)(const char *text, size_t words, ew_scan_set set, uint64_t *out);

ew_scan_fn ew_scan_get(void);
/* By the name of an instruction set, NULL if this build or processor lacks it: for tests that compare them all. */
ew_scan_fn ew_scan_named(const char *name);

/* The bodies; scan.c picks. */
void ew_scan_serial(const char *text, size_t words, ew_scan_set set, uint64_t *out);
#if defined(__x86_64__)
void ew_scan_avx2(const char *text, size_t words, ew_scan_set set, uint64_t *out);
void ew_scan_avx512(const char *text, size_t words, ew_scan_set set, uint64_t *out);
#elif defined(__aarch64__)
void ew_scan_neon(const char *text, size_t words, ew_scan_set set, uint64_t *out);
#endif

#endif
