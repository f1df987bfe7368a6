/* What every processor of this kind has. */
#define BLEND ew_blend_serial
#define BLEND_NAME serial
#include "blend_body.h"
