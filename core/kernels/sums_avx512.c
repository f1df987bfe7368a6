#if defined(__x86_64__)
#define SUMS ew_sums_avx512
#define SUMS_NAME avx512
#include "sums_body.h"
#else
typedef int ew_sums_avx512_is_for_x86; /* a translation unit may not be empty */
#endif
