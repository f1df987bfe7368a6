/* SHA-256 (FIPS 180-4) of a page's own script and style, for its content security policy. */
#ifndef EW_REPORT_SHA256_H
#define EW_REPORT_SHA256_H

#include <stddef.h>

enum { EW_SHA256_BYTES = 32, EW_SHA256_BASE64 = 45 };

void ew_sha256(const void *bytes, size_t n, unsigned char out[EW_SHA256_BYTES]);
/* The digest in base64, padded and NUL-terminated: what stands behind "sha256-" in a policy. */
void ew_sha256_base64(const void *bytes, size_t n, char out[EW_SHA256_BASE64]);

#endif
