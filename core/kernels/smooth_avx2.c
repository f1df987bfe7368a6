#if defined(__x86_64__)
#define SMOOTH ew_smooth_avx2
#define SMOOTH_NAME avx2
#include "smooth_body.h"
#else
typedef int ew_smooth_avx2_is_for_x86; /* a translation unit may not be empty */
#endif
