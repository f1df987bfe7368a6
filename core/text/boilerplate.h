/* The look-up half of boilerplate.c, for masks.c only. */
#ifndef EW_TEXT_BOILERPLATE_H
#define EW_TEXT_BOILERPLATE_H

#include "text.h"

/* Working memory of one text: the normalised line and the sentences of a line. */
typedef struct ew_line_scratch {
    ew_buffer normal;
    ew_ranges sentences;
} ew_line_scratch;
#define EW_LINE_SCRATCH_INIT {.normal = EW_BUFFER_INIT(EW_BUFFER_ANY)}
void ew_line_scratch_free(ew_line_scratch *scratch);

/* Adds to `out` the line text[start .. end) if it is boilerplate, or those of its sentences that are. */
EW_MUST_CHECK ew_status ew_boilerplate_mask_line(const ew_boilerplate *all, const char *text, size_t start, size_t end,
                                                 ew_line_scratch *scratch, ew_ranges *out, ew_error *err);

#endif
