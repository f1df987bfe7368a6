#include "units.h"

#include <string.h>

#include "../base/alloc.h"
#include "../text/points.h"
#include "names.h"

enum { CHUNK = 256, UNIT_TOKENS = 60, FEWEST_TOKENS = 1 };

/* What one chunk of comments yields; joined in order afterwards. */
typedef struct {
    uint32_t n, capacity;
    uint32_t *comment, *start, *end, *count; /* [n] */
    uint32_t *tokens;
    size_t n_tokens, token_capacity;
} part;

typedef struct {
    const ew_corpus *corpus;
    const ew_boilerplate *boilerplate;
    const uint8_t *skip;
    const ew_tokenizer *tokenizer;
    ew_name_counts named;
    ew_token_cache **caches; /* [workers] */
    uint8_t *kind;           /* [vocab] piece_kind */
    ew_units *out;
    part *parts;             /* [chunks] */
} job;

static void part_free(part *p) {
    ew_free(p->comment);
    ew_free(p->start);
    ew_free(p->end);
    ew_free(p->count);
    ew_free(p->tokens);
    *p = (part){0};
}

static ew_status grow32(uint32_t **items, size_t capacity, ew_error *err) {
    uint32_t *more = ew_realloc(*items, capacity, sizeof *more);
    if (!more) return ew_fail_memory(err, capacity * sizeof *more, "units");
    *items = more;
    return EW_OK;
}

typedef enum piece_kind { CONTENT, FILLER, SYMBOL } piece_kind;

/* FILLER: a whole word that says nothing of a subject, digits, a single letter. SYMBOL: no letter and no digit in it. */
static piece_kind kind_of_piece(const ew_tokenizer *tokenizer, uint32_t id) {
    const char *piece = ew_tokenizer_part(tokenizer, id);
    int goes_on = ew_tokenizer_continues(tokenizer, id); /* part of a longer word: that word counts */
    size_t n = strlen(piece), next;
    if (!n || (piece[0] == '[' && n > 2 && !goes_on)) return FILLER;
    uint32_t letters = 0, alone = 0, digits = 0, point;
    for (size_t at = 0; at < n; at = next) {
        ew_point_kind kind = ew_point_at(piece, n, at, &point, &next);
        letters += ew_kind_is_letter(kind) ? 1 : 0;
        alone += kind == EW_POINT_ALONE; /* a word of its own, in scripts without blanks */
        digits += kind == EW_POINT_DIGIT;
    }
    if (!letters && !digits) return SYMBOL;
    if (goes_on || alone) return CONTENT;
    return letters < 2 || ew_text_is_filler(piece, n) ? FILLER : CONTENT;
}

static ew_status add_unit(const job *work, part *p, uint32_t comment, ew_range span, const uint32_t *ids, size_t n,
                          ew_error *err) {
    ew_status status = EW_OK;
    if (p->n == p->capacity) {
        uint32_t capacity = p->capacity * 2 + CHUNK;
        EW_TRY(grow32(&p->comment, capacity, err));
        EW_TRY(grow32(&p->start, capacity, err));
        EW_TRY(grow32(&p->end, capacity, err));
        EW_TRY(grow32(&p->count, capacity, err));
        p->capacity = capacity;
    }
    if (p->n_tokens + n > p->token_capacity) {
        size_t capacity = (p->n_tokens + n) * 2 + 64;
        uint32_t *more = ew_realloc(p->tokens, capacity, sizeof *more);
        if (!more) return ew_fail_memory(err, capacity * sizeof *more, "units");
        p->tokens = more;
        p->token_capacity = capacity;
    }
    uint32_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (ids[i] != ew_tokenizer_unknown(work->tokenizer) && work->kind[ids[i]] != SYMBOL) {
            p->tokens[p->n_tokens++] = ids[i];
            kept++;
        }
    p->comment[p->n] = comment;
    p->start[p->n] = span.start;
    p->end[p->n] = span.end;
    p->count[p->n++] = kept;
done:
    return status;
}

static const char *language_of(const job *work, uint32_t comment, const ew_ranges *sentences) {
    const ew_corpus *corpus = work->corpus;
    if (corpus->lang[comment]) return ew_dict_text(&corpus->langs, corpus->lang[comment]);
    ew_view text = ew_corpus_text(corpus, comment);
    if (!sentences->n) return ew_text_language(text.data, text.length);
    uint32_t from = sentences->items[0].start, to = sentences->items[sentences->n - 1].end;
    return ew_text_language(text.data + from, to - from);
}

/* A sentence's tokens without those of links, addresses and handles, and of its own columns' names: they name a place, a person
 * or a product, and say nothing of a need. */
static ew_status tokenize_words(const job *work, ew_token_cache *cache, const char *text, size_t n, const ew_names *names,
                                ew_ids *ids, ew_error *err) {
    size_t from = 0, at_address = 0, at_name = 0;
    ew_range address, name;
    int addresses = ew_text_next_address(text, n, &at_address, &address), named = ew_names_next(names, text, n, &at_name, &name);
    while (addresses || named) {
        int first = addresses && (!named || address.start <= name.start);
        ew_range next = first ? address : name;
        if (next.start >= from) {
            ew_status status = ew_tokenize(work->tokenizer, cache, text + from, next.start - from, ids, err);
            if (status != EW_OK) return status;
        }
        if (next.end > from) from = next.end;
        if (first) addresses = ew_text_next_address(text, n, &at_address, &address);
        else named = ew_names_next(names, text, n, &at_name, &name);
    }
    return ew_tokenize(work->tokenizer, cache, text + from, n - from, ids, err);
}

static ew_status one_comment(job *work, part *p, uint32_t comment, ew_token_cache *cache, ew_ids *ids, ew_ranges *masks,
                             ew_ranges *sentences, ew_error *err) {
    ew_view text = ew_corpus_text(work->corpus, comment);
    uint32_t unknown = ew_tokenizer_unknown(work->tokenizer), unit_from = 0, content = 0, first_unit = p->n;
    ew_status status;
    masks->n = sentences->n = 0;
    EW_TRY(ew_text_masks(text.data, text.length, work->boilerplate, masks, err));
    EW_TRY(ew_text_sentences(text.data, text.length, masks, sentences, err));
    work->out->lang[comment] = language_of(work, comment, sentences);
    if (work->skip && work->skip[comment]) return EW_OK;
    if (!sentences->n) {
        work->out->noise[comment] = masks->n ? EW_NOISE_BOILERPLATE : EW_NOISE_EMPTY;
        for (uint32_t i = 0; i < text.length && !masks->n; i++) /* symbols are no sentence, but not nothing */
            if ((unsigned char)text.data[i] > ' ') work->out->noise[comment] = EW_NOISE_NO_CONTENT;
        return EW_OK;
    }
    ew_names names;
    ew_names_of(work->corpus, &work->named, comment, &names);
    ids->n = 0;
    size_t unit_ids = 0, all = 0;
    for (uint32_t s = 0; s < sentences->n; s++) {
        ew_range sentence = sentences->items[s];
        size_t before = ids->n;
        /* with the blank before it, by which some tokenizers know a word's beginning */
        uint32_t from = sentence.start - (sentence.start && (unsigned char)text.data[sentence.start - 1] <= ' ');
        EW_TRY(tokenize_words(work, cache, text.data + from, sentence.end - from, &names, ids, err));
        for (size_t t = before; t < ids->n; t++)
            if (ids->items[t] != unknown && work->kind[ids->items[t]] == CONTENT) content++;
        if (!content && ids->n > before)
            content = (uint32_t)ew_text_has_substance(text.data + sentence.start, sentence.end - sentence.start);
        if (before > unit_ids && ids->n - unit_ids > UNIT_TOKENS) { /* this one begins the next unit */
            ew_range span = {sentences->items[unit_from].start, sentences->items[s - 1].end};
            EW_TRY(add_unit(work, p, comment, span, ids->items + unit_ids, before - unit_ids, err));
            unit_ids = before;
            unit_from = s;
        }
    }
    all = ids->n;
    ew_range span = {sentences->items[unit_from].start, sentences->items[sentences->n - 1].end};
    EW_TRY(add_unit(work, p, comment, span, ids->items + unit_ids, all - unit_ids, err));
    uint32_t known = 0;
    for (uint32_t u = first_unit; u < p->n; u++) known += p->count[u];
    ew_noise noise = known < FEWEST_TOKENS ? EW_NOISE_TOO_SHORT : content ? EW_NOISE_NONE : EW_NOISE_NO_CONTENT;
    work->out->noise[comment] = (uint8_t)noise;
    uint32_t kept = first_unit; /* units without a token, and all of a comment without content, are no evidence */
    for (uint32_t u = first_unit; u < p->n; u++) {
        if (noise != EW_NOISE_NONE) p->n_tokens -= p->count[u];
        if (noise != EW_NOISE_NONE || !p->count[u]) continue;
        p->comment[kept] = p->comment[u];
        p->start[kept] = p->start[u];
        p->end[kept] = p->end[u];
        p->count[kept++] = p->count[u];
    }
    p->n = kept;
done:
    return status;
}

static ew_status chunk_task(void *context, uint64_t task, int worker, ew_error *err) {
    job *work = context;
    ew_ids ids = {0};
    ew_ranges masks = {0}, sentences = {0};
    ew_status status = EW_OK;
    if (!work->caches[worker]) EW_TRY(ew_token_cache_create(work->tokenizer, &work->caches[worker], err));
    for (uint64_t i = task * CHUNK; i < ew_chunk_end(task, CHUNK, work->corpus->n); i++)
        EW_TRY(one_comment(work, &work->parts[task], (uint32_t)i, work->caches[worker], &ids, &masks, &sentences, err));
done:
    ew_ids_free(&ids);
    ew_ranges_free(&masks);
    ew_ranges_free(&sentences);
    return status;
}

static ew_status join_parts(const job *work, uint64_t chunks, ew_units *out, ew_error *err) {
    uint64_t n = 0, tokens = 0;
    for (uint64_t c = 0; c < chunks; c++) {
        n += work->parts[c].n;
        tokens += work->parts[c].n_tokens;
    }
    if (n >= EW_NONE) return ew_fail(err, EW_RESOURCE, "more than %u units of analysis; split the corpus", EW_NONE - 1);
    out->comment = ew_alloc_spilled(n, sizeof *out->comment);
    out->start = ew_alloc_spilled(n, sizeof *out->start);
    out->end = ew_alloc_spilled(n, sizeof *out->end);
    out->token_start = ew_calloc_spilled(n + 1, sizeof *out->token_start);
    out->tokens = ew_alloc_spilled(tokens, sizeof *out->tokens);
    if (!out->comment || !out->start || !out->end || !out->token_start || !out->tokens)
        return ew_fail_memory(err, n * 20 + tokens * 4, "units");
    for (uint64_t c = 0; c < chunks; c++) {
        const part *p = &work->parts[c];
        if (!p->n) continue;
        memcpy(out->comment + out->n, p->comment, p->n * sizeof *p->comment);
        memcpy(out->start + out->n, p->start, p->n * sizeof *p->start);
        memcpy(out->end + out->n, p->end, p->n * sizeof *p->end);
        memcpy(out->tokens + out->token_start[out->n], p->tokens, p->n_tokens * sizeof *p->tokens);
        for (uint32_t u = 0; u < p->n; u++) out->token_start[out->n + u + 1] = out->token_start[out->n + u] + p->count[u];
        out->n += p->n;
    }
    return EW_OK;
}

ew_status ew_units_build(const ew_corpus *corpus, const ew_boilerplate *boilerplate, const uint8_t *skip,
                         const ew_tokenizer *tokenizer, ew_pool *pool, ew_units *out, ew_error *err) {
    *out = (ew_units){0};
    uint64_t chunks = ew_chunks(corpus->n, CHUNK);
    uint32_t vocab = ew_tokenizer_size(tokenizer);
    int workers = ew_pool_threads(pool);
    job work = {.corpus = corpus, .boilerplate = boilerplate, .skip = skip, .tokenizer = tokenizer, .out = out};
    ew_status status = EW_OK;
    work.caches = ew_calloc((size_t)workers, sizeof *work.caches);
    work.kind = ew_alloc(vocab, 1);
    work.parts = ew_calloc(chunks, sizeof *work.parts);
    out->lang = ew_calloc_spilled(corpus->n, sizeof *out->lang);
    out->noise = ew_calloc(corpus->n, 1);
    if (!work.caches || !work.kind || !work.parts || !out->lang || !out->noise) {
        status = ew_fail_memory(err, corpus->n * 9, "units");
        goto done;
    }
    EW_TRY(ew_name_counts_take(corpus, &work.named, err));
    for (uint32_t id = 0; id < vocab; id++) work.kind[id] = (uint8_t)kind_of_piece(tokenizer, id);
    EW_TRY(ew_pool_run(pool, chunks, chunk_task, &work, err));
    EW_TRY(join_parts(&work, chunks, out, err));
done:
    for (int i = 0; work.caches && i < workers; i++) ew_token_cache_free(work.caches[i]);
    for (uint64_t c = 0; work.parts && c < chunks; c++) part_free(&work.parts[c]);
    ew_name_counts_free(&work.named);
    ew_free(work.caches);
    ew_free(work.kind);
    ew_free(work.parts);
    if (status != EW_OK) ew_units_free(out);
    return status;
}

void ew_units_free(ew_units *units) {
    ew_free(units->comment);
    ew_free(units->start);
    ew_free(units->end);
    ew_free(units->token_start);
    ew_free(units->tokens);
    ew_free(units->lang);
    ew_free(units->noise);
    *units = (ew_units){0};
}

ew_status ew_sentences_of(const ew_corpus *corpus, const ew_boilerplate *boilerplate, uint32_t comment, ew_ranges *out,
                          ew_error *err) {
    ew_view text = ew_corpus_text(corpus, comment);
    ew_ranges masks = {0};
    out->n = 0;
    ew_status status = ew_text_masks(text.data, text.length, boilerplate, &masks, err);
    if (status == EW_OK) status = ew_text_sentences(text.data, text.length, &masks, out, err);
    ew_ranges_free(&masks);
    return status;
}
