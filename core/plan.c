/* What a run would take, from a sample of the input. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/json.h"
#include "mining.h"

enum { SAMPLE = 4096, COST_TOKENS = 60 };

static const double TOKEN_BYTES = 4.5; /* about */

typedef struct {
    uint64_t records, texts, text_bytes, bytes, input_bytes, total_bytes; /* total 0: unknown */
    char format[16], compression[16];
    char *columns[EW_COLUMNS];
    char **others; size_t n_others;
} sample;

static void sample_free(sample *s) {
    for (int c = 0; c < EW_COLUMNS; c++) ew_free(s->columns[c]);
    for (size_t i = 0; i < s->n_others; i++) ew_free(s->others[i]);
    ew_free(s->others);
}

static uint64_t size_of(const ew_input *input) {
    struct stat info;
    if (input->data) return input->size;
    return stat(input->name, &info) == 0 && S_ISREG(info.st_mode) ? (uint64_t)info.st_size : 0;
}

static ew_status keep_names(sample *s, const ew_reader *reader, ew_error *err) {
    const char *const *others;
    size_t n = ew_reader_others(reader, &others);
    for (int c = 0; c < EW_COLUMNS; c++) {
        const char *name = ew_reader_column(reader, (ew_column)c);
        if (name && !s->columns[c] && !(s->columns[c] = ew_strndup(name, strlen(name))))
            return ew_fail_memory(err, strlen(name), "a plan");
    }
    if (!(s->others = ew_calloc(n, sizeof *s->others))) return ew_fail_memory(err, n * sizeof *s->others, "a plan");
    for (; s->n_others < n; s->n_others++)
        if (!(s->others[s->n_others] = ew_strndup(others[s->n_others], strlen(others[s->n_others]))))
            return ew_fail_memory(err, 64, "a plan");
    return EW_OK;
}

static ew_status look(const ew_input *inputs, size_t n, const ew_options *options, sample *s, ew_error *err) {
    ew_reader *reader = NULL;
    ew_batch batch;
    ew_status status;
    EW_TRY(ew_reader_open(inputs, n, options, &reader, err));
    do {
        EW_TRY(ew_reader_next(reader, &batch, err));
        for (uint32_t i = 0; i < batch.n; i++) {
            const ew_view *text = &batch.records[i].fields[EW_COL_TEXT], *title = &batch.records[i].fields[EW_COL_TITLE];
            s->records++;
            s->texts += text->data != NULL && text->length;
            s->text_bytes += text->length + title->length;
        }
    } while (batch.n && s->records < SAMPLE);
    s->bytes = ew_reader_bytes(reader);
    s->input_bytes = ew_reader_input_bytes(reader);
    for (size_t i = 0; i < n; i++) s->total_bytes += size_of(&inputs[i]);
    if (!batch.n) s->total_bytes = s->input_bytes; /* it was read to its end */
    const char *format = ew_reader_format(reader), *compression = ew_reader_compression(reader);
    strncpy(s->format, format ? format : "", sizeof s->format - 1);
    strncpy(s->compression, compression ? compression : "none", sizeof s->compression - 1);
    EW_TRY(keep_names(s, reader, err));
done:
    ew_reader_close(reader);
    return status;
}

static ew_status write_plan(const sample *s, const ew_options *options, const ew_deep_shape *shape, ew_buffer *out,
                            ew_error *err) {
    static const char *const names[EW_COLUMNS] = {"id",      "text",     "title",   "time",   "rating",
                                                  "product", "customer", "segment", "source", "lang"};
    double grow = s->total_bytes > s->input_bytes && s->input_bytes ? (double)s->total_bytes / (double)s->input_bytes : 1;
    double comments = (double)s->records * grow, text = (double)s->text_bytes * grow;
    double per_unit = s->records ? (double)s->text_bytes / (double)s->records / TOKEN_BYTES / COST_TOKENS : 0;
    double units = comments * (per_unit > 1 ? per_unit : 1);
    ew_work work = {.units = units, .tokens = text / TOKEN_BYTES + 2 * units, .text_bytes = text,
                    .decoys = options->vectors ? 0 : options->decoys};
    ew_choice choice = ew_encoder_choose(options, shape, &work);
    const ew_cost *cost = choice.deep ? &choice.dear : &choice.cheap;
    ew_status status;
    EW_TRY(ew_buffer_printf(out, err, "{\"format\":"));
    EW_TRY(ew_json_string(out, s->format, strlen(s->format), err));
    EW_TRY(ew_buffer_printf(out, err, ",\"compression\":"));
    EW_TRY(ew_json_string(out, s->compression, strlen(s->compression), err));
    EW_TRY(ew_buffer_printf(out, err, ",\"columns\":{"));
    for (int c = 0, first = 1; c < EW_COLUMNS; c++) {
        if (!s->columns[c]) continue;
        EW_TRY(ew_buffer_printf(out, err, "%s\"%s\":", first ? "" : ",", names[c]));
        EW_TRY(ew_json_string(out, s->columns[c], strlen(s->columns[c]), err));
        first = 0;
    }
    EW_TRY(ew_buffer_printf(out, err, "},\"unused_columns\":["));
    for (size_t i = 0; i < s->n_others; i++) {
        if (i) EW_TRY(ew_buffer_append(out, ",", 1, err));
        EW_TRY(ew_json_string(out, s->others[i], strlen(s->others[i]), err));
    }
    EW_TRY(ew_buffer_printf(
        out, err, "],\"sampled\":%llu,\"comments\":%.0f,\"text_bytes\":%.0f,\"units\":%.0f,\"memory_bytes\":%.0f,\"seconds\":",
        (unsigned long long)s->records, comments, text, units, cost->bytes));
    EW_TRY(ew_json_fixed(out, cost->seconds, 1, err));
    EW_TRY(ew_buffer_printf(out, err, ",\"encoder\":\"%s\",\"encoder_why\":\"%s\",\"with_static_seconds\":", choice.name,
                            choice.why));
    EW_TRY(ew_json_fixed(out, choice.cheap.seconds, 1, err));
    EW_TRY(ew_buffer_printf(out, err, ",\"with_deep_seconds\":"));
    EW_TRY(ew_json_fixed(out, choice.dear.seconds, 1, err));
    EW_TRY(ew_buffer_printf(
        out, err, ",\"exact\":%s,\"fits\":%s}", grow == 1 ? "true" : "false",
        (!options->memory || cost->bytes <= (double)options->memory) && units <= (double)options->max_units ? "true" : "false"));
done:
    return status;
}

ew_status ew_plan(const ew_input *inputs, size_t n, const ew_options *options, char **json, ew_error *err) {
    sample s = {0};
    ew_deep_shape shape;
    ew_buffer out = EW_BUFFER_INIT(EW_BUFFER_ANY);
    *json = NULL;
    if (!n) return ew_fail(err, EW_USAGE, "no input was given");
    ew_status status;
    EW_TRY(ew_options_check(options, err));
    EW_TRY(ew_encoder_look(options, &shape, err));
    EW_TRY(look(inputs, n, options, &s, err));
    EW_TRY(write_plan(&s, options, &shape, &out, err));
    EW_TRY(ew_buffer_append(&out, "", 1, err));
    *json = out.data;
    out.data = NULL;
done:
    sample_free(&s);
    ew_buffer_free(&out);
    return status;
}
