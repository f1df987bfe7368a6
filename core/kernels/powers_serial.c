/* What every processor of this kind has. */
#define POWERS ew_powers_serial
#define POWERS_NAME serial
#include "powers_body.h"
