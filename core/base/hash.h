/* Two 64-bit hashes of bytes, both by multiply-and-fold; neither is cryptographic.
 *
 * ew_hash is the same on every machine and in every run (little endian reads): for what reaches the output, such as ids of
 * needs, digests and the canonical order of rows. Whoever knows it can make bytes that collide, so no table's chains and no
 * equality of users' bytes may hang on it.
 * ew_hash_keyed has a key drawn at random when the process starts, so that nobody can prepare colliding bytes: for tables of
 * what users send, and wherever equal hashes are taken for equal bytes. It may never reach the output, nor may the order of
 * such a table's slots. Any thread. */
#ifndef EW_BASE_HASH_H
#define EW_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t ew_hash(const void *bytes, size_t n, uint64_t seed);

/* `purpose` tells uses apart; it need not be secret. */
uint64_t ew_hash_keyed(const void *bytes, size_t n, uint64_t purpose);

/* For tests: the key is made from `seed` from now on; 0 draws a new one. No table may be alive, no other thread hash. */
void ew_hash_rekey(uint64_t seed);

#endif
