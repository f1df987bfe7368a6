/* .npy files written: a few rows at a time, or all at once. */
#include <stdio.h>
#include <string.h>

#include "inside.h"

void ew_npy_head(char head[EW_NPY_HEAD], const char *descr, uint64_t n, uint64_t k, int flat) {
    char shape[64];
    if (flat)
        snprintf(shape, sizeof shape, "(%llu,)", (unsigned long long)n);
    else
        snprintf(shape, sizeof shape, "(%llu, %llu)", (unsigned long long)n, (unsigned long long)k);
    int length = 10 + snprintf(head + 10, EW_NPY_HEAD - 10, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }", descr,
                               shape);
    memset(head + length, ' ', (size_t)(EW_NPY_HEAD - length));
    head[EW_NPY_HEAD - 1] = '\n';
    memcpy(head, "\x93NUMPY\x01", 8);
    head[8] = (char)((EW_NPY_HEAD - 10) & 255);
    head[9] = (char)((EW_NPY_HEAD - 10) >> 8);
}

/* The values' four bytes each go out as they lie in memory. */
static ew_status write_npy(const char *path, const char *descr, const void *values, uint64_t n, uint64_t k, int flat,
                           ew_error *err) {
    ew_status status;
    ew_output output = {0};
    char head[EW_NPY_HEAD];
    ew_npy_head(head, descr, n, k, flat);
    EW_TRY(ew_output_open(&output, path, err));
    EW_TRY(ew_output_write(&output, head, sizeof head, err));
    EW_TRY(ew_output_write(&output, values, n * (flat ? 1 : k) * 4, err));
    EW_TRY(ew_output_commit(&output, err));
done:
    if (status != EW_OK) ew_output_abandon(&output);
    return status;
}

ew_status ew_npy_write_f32(const char *path, const float *rows, uint64_t n, uint64_t d, ew_error *err) {
    return write_npy(path, "<f4", rows, n, d, 0, err);
}

ew_status ew_npy_write_i32(const char *path, const int32_t *rows, uint64_t n, uint64_t k, ew_error *err) {
    return write_npy(path, "<i4", rows, n, k, k == 0, err);
}

/* ---- a few rows at a time ---- */

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
