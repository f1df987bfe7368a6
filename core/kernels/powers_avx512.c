#if defined(__x86_64__)
#define POWERS ew_powers_avx512
#define POWERS_NAME avx512
#include "powers_body.h"
#else
typedef int ew_powers_avx512_is_for_x86; /* a translation unit may not be empty */
#endif
