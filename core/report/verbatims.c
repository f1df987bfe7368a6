/* A need's comments as pieces of text, cut where a cue or an exemplar begins or ends. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../base/alloc.h"
#include "../context/describe.h"
#include "page.h"

enum { MOST = 60, LONGEST = 4000, BEFORE = 800 }; /* comments a need; bytes shown of one; of these before its exemplar */

/* A stretch of a comment that has a look of its own. */
typedef struct stretch { uint32_t comment, start, end; int kind; } stretch;
typedef struct stretches { stretch *items; uint32_t n; } stretches;

static int by_place(const void *left, const void *right) {
    const stretch *a = left, *b = right;
    if (a->comment != b->comment) return a->comment < b->comment ? -1 : 1;
    if (a->start != b->start) return a->start < b->start ? -1 : 1;
    if (a->end != b->end) return a->end > b->end ? -1 : 1;
    return (a->kind > b->kind) - (a->kind < b->kind);
}

/* The first that lies in `comment`; n where none does. */
static uint32_t first_of(const stretches *all, uint32_t comment) {
    uint32_t low = 0, high = all->n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (all->items[middle].comment < comment)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Whether the stretch at *at covers `p`; else (or not) *next is pulled to its nearer end. Those behind p are passed. */
static int covers(const stretches *all, uint32_t *at, uint32_t comment, uint32_t p, uint32_t *next) {
    while (*at < all->n && all->items[*at].comment == comment && all->items[*at].end <= p) ++*at;
    if (*at >= all->n || all->items[*at].comment != comment) return 0;
    const stretch *here = &all->items[*at];
    uint32_t edge = here->start <= p ? here->end : here->start;
    if (edge < *next) *next = edge;
    return here->start <= p;
}

static int inside_character(const char *text, uint32_t n, uint32_t at) {
    return at < n && ((unsigned char)text[at] & 0xc0) == 0x80;
}

static void put_pieces(ew_put *put, const ew_run *run, uint32_t comment, const stretches *cues, const stretches *exemplars) {
    char *text = NULL;
    size_t size = 0;
    if (put->status == EW_OK) put->status = ew_run_text(run, comment, 0, 0, &text, &size, put->err);
    uint32_t n = (uint32_t)size, cue = first_of(cues, comment), exemplar = first_of(exemplars, comment), from = 0;
    int has_exemplar = exemplar < exemplars->n && exemplars->items[exemplar].comment == comment;
    if (n > LONGEST && has_exemplar && exemplars->items[exemplar].start > BEFORE && exemplars->items[exemplar].start < n) {
        from = exemplars->items[exemplar].start - BEFORE;
        for (int i = 0; i < 3 && inside_character(text, n, from); i++) from++;
    }
    uint32_t to = n - from > LONGEST ? from + LONGEST : n;
    for (int i = 0; i < 3 && to < n && inside_character(text, n, to); i++) to--;
    ew_put_key(put, "text");
    ew_put_open(put, '[');
    for (uint32_t p = from; p < to && put->status == EW_OK;) {
        uint32_t next = to;
        int in_exemplar = covers(exemplars, &exemplar, comment, p, &next), in_cue = covers(cues, &cue, comment, p, &next);
        int flags = in_exemplar + (in_cue ? 2 * (1 + cues->items[cue].kind) : 0);
        ew_put_open(put, '[');
        ew_put_bytes(put, text + p, next - p);
        if (flags) ew_put_count(put, (uint64_t)flags);
        ew_put_close(put, ']');
        p = next;
    }
    ew_put_close(put, ']');
    if (to - from < n) ew_put_field_count(put, "bytes", n);
    ew_free(text);
}

static void put_verbatim(ew_put *put, const ew_run *run, uint32_t i, const stretches *cues, const stretches *exemplars) {
    ew_comment comment;
    char date[11], customer[32];
    ew_run_comment(run, i, &comment);
    ew_time_date(comment.time, date);
    const struct { const char *key, *text; } fields[] = {
        {"date", date}, {"customer", ew_run_customer(run, i, customer)}, {"segment", comment.segment},
        {"product", comment.product}, {"source", comment.source},
    };
    ew_put_open(put, '{');
    ew_put_field_text(put, "id", comment.id);
    for (size_t k = 0; k < sizeof fields / sizeof fields[0]; k++)
        if (*fields[k].text) ew_put_field_text(put, fields[k].key, fields[k].text);
    if (!isnan(comment.rating)) ew_put_field_number(put, "rating", comment.rating, 2);
    put_pieces(put, run, i, cues, exemplars);
    ew_put_close(put, '}');
}

/* Which comments are shown, in order. */
static uint32_t choose(const ew_need *need, uint32_t chosen[MOST]) {
    uint32_t n = 0;
    for (uint32_t k = 0; k < need->n_exemplars + need->size && n < MOST; k++) {
        uint32_t comment = k < need->n_exemplars ? need->exemplars[k].comment : need->comments[k - need->n_exemplars], i = 0;
        while (i < n && chosen[i] != comment) i++;
        if (i == n) chosen[n++] = comment;
    }
    return n;
}

void ew_page_put_verbatims(ew_put *put, const ew_run *run, const ew_need *need) {
    stretches cues = {ew_alloc(need->n_cues, sizeof(stretch)), need->n_cues};
    stretches exemplars = {ew_alloc(need->n_exemplars, sizeof(stretch)), need->n_exemplars};
    if (!cues.items || !exemplars.items) {
        if (put->status == EW_OK) put->status = ew_fail_memory(put->err, need->n_cues * sizeof(stretch), "a need's evidence");
    } else {
        for (uint32_t i = 0; i < cues.n; i++)
            cues.items[i] = (stretch){need->cues[i].comment, need->cues[i].start, need->cues[i].end, (int)need->cues[i].kind};
        for (uint32_t i = 0; i < exemplars.n; i++)
            exemplars.items[i] = (stretch){need->exemplars[i].comment, need->exemplars[i].start, need->exemplars[i].end, 0};
        qsort(cues.items, cues.n, sizeof(stretch), by_place);
        qsort(exemplars.items, exemplars.n, sizeof(stretch), by_place);
        uint32_t chosen[MOST], n = choose(need, chosen);
        ew_put_open(put, '[');
        for (uint32_t i = 0; i < n && put->status == EW_OK; i++) put_verbatim(put, run, chosen[i], &cues, &exemplars);
        ew_put_close(put, ']');
    }
    ew_free(cues.items);
    ew_free(exemplars.items);
}
