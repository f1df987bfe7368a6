/* 64-bit hash of bytes: multiply-and-fold over 8-byte words. Not cryptographic; tables that hold what users send are
 * keyed with a seed and bounded in probes by their load. Same value on every machine (little endian reads). */
#ifndef EW_BASE_HASH_H
#define EW_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t ew_hash(const void *bytes, size_t n, uint64_t seed);

#endif
