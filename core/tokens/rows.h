/* rows: units with the same tokens are one row of analysis; rows stand in an order that depends on their tokens alone.
 *
 * So whatever follows (ties, seeds by position, sums) is the same for any order of the input's records. */
#ifndef EW_TOKENS_ROWS_H
#define EW_TOKENS_ROWS_H

#include "units.h"

typedef struct ew_rows {
    uint32_t n;
    uint64_t *start;      /* [n + 1] tokens of a row: ids[start[i] .. start[i + 1]) */
    uint32_t *ids;
    uint32_t *unit_start; /* [n + 1] units of a row: unit[unit_start[i] .. unit_start[i + 1]), ascending */
    uint32_t *unit;       /* [units] */
    uint32_t *row_of;     /* [units] */
} ew_rows;

EW_MUST_CHECK ew_status ew_rows_build(const ew_units *units, ew_rows *out, ew_error *err);
/* Row order[i] becomes row i. */
EW_MUST_CHECK ew_status ew_rows_reorder(ew_rows *rows, const uint32_t *order, ew_error *err);
void ew_rows_free(ew_rows *rows);

#endif
