/* What every processor of this kind has. */
#define SMOOTH ew_smooth_serial
#define SMOOTH_NAME serial
#include "smooth_body.h"
