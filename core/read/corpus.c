#include <math.h>
#include <string.h>

#include "../base/alloc.h"
#include "inside.h"

enum { FIRST = 4096, DAY = 24 * 60 * 60 };
#define CORPUS_MAX ((uint32_t)1 << 31)

static ew_status resize(ew_corpus *corpus, uint32_t capacity, ew_error *err) {
    void **columns[] = {(void **)&corpus->text_at,  (void **)&corpus->text_length, (void **)&corpus->id_at,
                        (void **)&corpus->time,     (void **)&corpus->rating,      (void **)&corpus->product,
                        (void **)&corpus->customer, (void **)&corpus->segment,     (void **)&corpus->source,
                        (void **)&corpus->lang};
    size_t sizes[] = {sizeof *corpus->text_at,  sizeof *corpus->text_length, sizeof *corpus->id_at,
                      sizeof *corpus->time,     sizeof *corpus->rating,      sizeof *corpus->product,
                      sizeof *corpus->customer, sizeof *corpus->segment,     sizeof *corpus->source,
                      sizeof *corpus->lang};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        void *column = ew_realloc_spilled(*columns[i], corpus->n * sizes[i], capacity, sizes[i]);
        if (!column) return ew_fail_memory(err, capacity * sizes[i], "a column of the corpus");
        *columns[i] = column;
    }
    corpus->capacity = capacity;
    return EW_OK;
}

uint32_t ew_record_text(const ew_record *record, ew_view parts[EW_TEXT_PARTS]) {
    ew_view title = record->fields[EW_COL_TITLE], text = record->fields[EW_COL_TEXT];
    uint32_t n = 0;
    /* an export that has joined them already repeats the title at the head of the text: twice would count its words double */
    int repeated = title.length && title.length <= text.length && memcmp(title.data, text.data, title.length) == 0;
    if (title.length && !repeated) {
        parts[n++] = title;
        if (text.length) parts[n++] = (ew_view){"\n", 1};
    }
    if (text.length) parts[n++] = text;
    return n;
}

static ew_status append_text(ew_corpus *corpus, const ew_record *record, ew_error *err) {
    ew_view parts[EW_TEXT_PARTS];
    uint32_t i = corpus->n, n = ew_record_text(record, parts);
    uint64_t at;
    ew_status status = EW_OK;
    corpus->text_at[i] = corpus->spool.size;
    for (uint32_t p = 0; p < n; p++) EW_TRY(ew_spool_append(&corpus->spool, parts[p].data, parts[p].length, &at, err));
    corpus->text_length[i] = (uint32_t)(corpus->spool.size - corpus->text_at[i]);
done:
    return status;
}

typedef struct reading { ew_corpus *corpus; ew_ids *ids; int64_t from, to; } reading; /* from, to: INT64_MIN: any time */

static int is_outside(const reading *r, int64_t time) {
    if (r->from == INT64_MIN && r->to == INT64_MIN) return 0;
    return time == INT64_MIN || (r->from != INT64_MIN && time < r->from) || (r->to != INT64_MIN && time > r->to);
}

static ew_status append(const reading *r, const ew_record *record, ew_error *err) {
    ew_status status;
    ew_corpus *corpus = r->corpus;
    const ew_view *fields = record->fields, *time = &fields[EW_COL_TIME], *rating = &fields[EW_COL_RATING];
    int64_t at = time->data ? ew_time_parse(time->data, time->length) : INT64_MIN;
    uint32_t i = corpus->n;
    if (is_outside(r, at)) return corpus->outside++, EW_OK;
    if (i == corpus->capacity) {
        if (i >= CORPUS_MAX)
            return ew_fail(err, EW_RESOURCE, "more than %u comments; split the input", CORPUS_MAX);
        EW_TRY(resize(corpus, i ? i * 2 : FIRST, err));
    }
    EW_TRY(ew_ids_add(r->ids, corpus, fields[EW_COL_ID], err));
    EW_TRY(append_text(corpus, record, err));
    corpus->time[i] = at;
    corpus->rating[i] = rating->data ? ew_rating_parse(rating->data, rating->length) : NAN;
    struct { ew_column column; ew_dict *dict; uint32_t *out; } named[] = {
        {EW_COL_PRODUCT, &corpus->products, corpus->product},   {EW_COL_CUSTOMER, &corpus->customers, corpus->customer},
        {EW_COL_SEGMENT, &corpus->segments, corpus->segment},   {EW_COL_SOURCE, &corpus->sources, corpus->source},
        {EW_COL_LANG, &corpus->langs, corpus->lang},
    };
    for (size_t k = 0; k < sizeof named / sizeof *named; k++) {
        const ew_view *field = &fields[named[k].column];
        named[k].out[i] = 0;
        if (field->length) EW_TRY(ew_dict_add(named[k].dict, field->data, field->length, &named[k].out[i], err));
    }
    corpus->n++;
done:
    return status;
}

static ew_status open_corpus(ew_corpus *corpus, ew_error *err) {
    ew_status status;
    *corpus = (ew_corpus){.spool = {.file = -1}};
    EW_TRY(ew_dict_init(&corpus->products, err));
    EW_TRY(ew_dict_init(&corpus->customers, err));
    EW_TRY(ew_dict_init(&corpus->segments, err));
    EW_TRY(ew_dict_init(&corpus->sources, err));
    EW_TRY(ew_dict_init(&corpus->langs, err));
    EW_TRY(ew_spool_open(&corpus->spool, err));
    EW_TRY(resize(corpus, FIRST, err));
done:
    return status;
}

static ew_status close_reading(ew_corpus *corpus, ew_reader *reader, ew_error *err) {
    ew_status status;
    corpus->bytes = ew_reader_bytes(reader);
    for (int c = 0; c < EW_COLUMNS; c++) {
        const char *name = ew_reader_column(reader, (ew_column)c);
        if (name && !(corpus->columns[c] = ew_strndup(name, strlen(name))))
            EW_TRY(ew_fail_memory(err, strlen(name) + 1, "a column name"));
    }
    corpus->rejects = reader->rejects;
    reader->rejects = (ew_rejects){0};
    EW_TRY(resize(corpus, corpus->n ? corpus->n : 1, err));
    EW_TRY(ew_spool_seal(&corpus->spool, err));
done:
    return status;
}

static ew_status append_block(void *context, const ew_block *block, ew_error *err) {
    const reading *r = context;
    ew_status status = EW_OK;
    for (uint32_t i = 0; i < block->n && status == EW_OK; i++) status = append(r, &block->records[i], err);
    return status;
}

ew_status ew_corpus_read(const ew_input *inputs, size_t n, const ew_options *options, ew_corpus *out, ew_error *err) {
    ew_status status;
    ew_reader *reader = NULL;
    ew_pool *pool = NULL;
    ew_ids ids = {0};
    reading r = {out, &ids, INT64_MIN, INT64_MIN};
    ew_stream_calls calls = {.done = append_block, .context = &r};
    if (options && options->since) r.from = ew_time_of_day(options->since);
    if (options && options->until) r.to = ew_time_of_day(options->until) + DAY - 1;
    EW_TRY(open_corpus(out, err));
    EW_TRY(ew_ids_open(&ids, err));
    EW_TRY(ew_reader_open(inputs, n, options, &reader, err));
    EW_TRY(ew_pool_create(options ? options->threads : 0, &pool, err));
    EW_TRY(ew_stream(reader, pool, &calls, err));
    EW_TRY(close_reading(out, reader, err));
    if (!out->n && out->outside)
        EW_TRY(ew_fail(err, EW_INPUT, "none of %llu comments is of the days asked for%s", (unsigned long long)out->outside,
                       out->columns[EW_COL_TIME] ? "" : ": no column holds a time; name it with --time"));
done:
    ew_pool_free(pool);
    ew_reader_close(reader);
    ew_ids_close(&ids);
    if (status != EW_OK) ew_corpus_free(out);
    return status;
}

void ew_corpus_free(ew_corpus *corpus) {
    ew_dict *dicts[] = {&corpus->products, &corpus->customers, &corpus->segments, &corpus->sources, &corpus->langs};
    bool opened = corpus->products.starts != NULL; /* a zeroed corpus has no file, though its number is 0 */
    for (size_t i = 0; i < sizeof dicts / sizeof *dicts; i++)
        if (dicts[i]->starts) ew_dict_free(dicts[i]);
    if (opened) ew_spool_close(&corpus->spool);
    for (uint32_t i = 0; i < corpus->rejects.kept; i++) ew_free(corpus->rejects.messages[i]);
    ew_free(corpus->rejects.messages);
    for (int c = 0; c < EW_COLUMNS; c++) ew_free(corpus->columns[c]);
    void *columns[] = {corpus->text_at, corpus->text_length, corpus->id_at,   corpus->time,   corpus->rating,
                       corpus->product, corpus->customer,    corpus->segment, corpus->source, corpus->lang};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) ew_free(columns[i]);
    *corpus = (ew_corpus){.spool = {.file = -1}};
}
