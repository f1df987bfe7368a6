/* A .npy file written a few rows at a time. */
#include <string.h>

#include "inside.h"

ew_status ew_npy_rows_open(ew_npy_rows *rows, const char *path, uint64_t d, ew_error *err) {
    char head[EW_NPY_HEAD] = {0};
    *rows = (ew_npy_rows){.output = {.file = -1}, .spool = {.file = -1}, .d = d};
    ew_status status;
    EW_TRY(ew_output_open(&rows->output, path, err));
    if (rows->output.temporary) /* room for the head, which is written last */
        EW_TRY(ew_output_write(&rows->output, head, sizeof head, err));
    else
        EW_TRY(ew_spool_open(&rows->spool, err));
done:
    if (status != EW_OK) ew_npy_rows_abandon(rows);
    return status;
}

ew_status ew_npy_rows_append(ew_npy_rows *rows, const float *values, uint64_t n, ew_error *err) {
    size_t bytes = n * rows->d * sizeof *values;
    uint64_t at;
    rows->n += n;
    if (rows->output.temporary) return ew_output_write(&rows->output, values, bytes, err);
    return ew_spool_append(&rows->spool, values, bytes, &at, err);
}

ew_status ew_npy_rows_commit(ew_npy_rows *rows, ew_error *err) {
    char head[EW_NPY_HEAD];
    ew_status status;
    ew_npy_head(head, "<f4", rows->n, rows->d, 0);
    if (rows->output.temporary) {
        EW_TRY(ew_output_rewrite(&rows->output, 0, head, sizeof head, err));
    } else {
        EW_TRY(ew_spool_seal(&rows->spool, err));
        EW_TRY(ew_output_write(&rows->output, head, sizeof head, err));
        EW_TRY(ew_output_write(&rows->output, rows->spool.map, rows->spool.size, err));
    }
    EW_TRY(ew_output_commit(&rows->output, err));
done:
    ew_npy_rows_abandon(rows);
    return status;
}

void ew_npy_rows_abandon(ew_npy_rows *rows) {
    if (!rows->d) return; /* zeroed: its spool's file number is not one */
    ew_spool_close(&rows->spool);
    ew_output_abandon(&rows->output);
    *rows = (ew_npy_rows){.output = {.file = -1}, .spool = {.file = -1}};
}
