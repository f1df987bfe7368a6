#if defined(__x86_64__)
#define SUMS ew_sums_avx2
#define SUMS_NAME avx2
#include "sums_body.h"
#else
typedef int ew_sums_avx2_is_for_x86; /* a translation unit may not be empty */
#endif
