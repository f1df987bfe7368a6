/* What every processor of this kind has. */
#define SUMS ew_sums_serial
#define SUMS_NAME serial
#include "sums_body.h"
