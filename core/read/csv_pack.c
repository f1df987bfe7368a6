#include <stdio.h>

#include "../base/alloc.h"
#include "../base/json.h"
#include "inside.h"

/* Rows of CSV as JSON. */

ew_status ew_csv_key(ew_csv *csv, ew_dict *seen, uint32_t column, const char *name, size_t n, ew_error *err) {
    ew_status status;
    char again[EW_NAME_LENGTH + 16];
    uint32_t before = seen->size, number;
    if (column == 0) {
        ew_free(csv->key_ends);
        csv->keys.max = EW_BUFFER_ANY;
        ew_buffer_clear(&csv->keys);
        csv->key_ends = ew_calloc(csv->n, sizeof *csv->key_ends);
        if (!csv->key_ends) return ew_fail_memory(err, csv->n * sizeof *csv->key_ends, "the columns of a CSV");
    }
    EW_TRY(ew_dict_add(seen, name, n, &number, err));
    if (seen->size == before) { /* two equal names in one object would be one to whoever reads it */
        int length = snprintf(again, sizeof again, "%.*s~%u", (int)(n < EW_NAME_LENGTH ? n : EW_NAME_LENGTH), name, column + 1);
        name = again;
        n = (size_t)length;
    }
    EW_TRY(ew_json_string(&csv->keys, name, n, err));
    EW_TRY(ew_buffer_append(&csv->keys, ":", 1, err));
    csv->key_ends[column] = csv->keys.length;
done:
    return status;
}

ew_status ew_csv_pack(const ew_csv *csv, ew_buffer *out, ew_error *err) {
    ew_status status = EW_OK;
    for (uint32_t i = 0; i < csv->n; i++) {
        const ew_slot *field = &csv->fields[i];
        size_t key = i ? csv->key_ends[i - 1] : 0;
        size_t length = field->escaped ? ew_csv_undouble(field->start, field->length) : field->length;
        EW_TRY(ew_buffer_append(out, i ? "," : "{", 1, err));
        EW_TRY(ew_buffer_append(out, csv->keys.data + key, csv->key_ends[i] - key, err));
        EW_TRY(ew_json_string(out, field->start, length, err));
    }
    EW_TRY(ew_buffer_append(out, "}\n", 2, err));
done:
    return status;
}
