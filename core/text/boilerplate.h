/* The look-up half of boilerplate.c, for masks.c only. */
#ifndef EW_TEXT_BOILERPLATE_H
#define EW_TEXT_BOILERPLATE_H

#include "text.h"

/* Adds to `out` the line text[start .. end) if it is boilerplate, or those of its sentences that are. */
EW_MUST_CHECK ew_status ew_boilerplate_mask_line(const ew_boilerplate *all, const char *text, size_t start, size_t end,
                                                 ew_line_scratch *scratch, ew_ranges *out, ew_error *err);

#endif
