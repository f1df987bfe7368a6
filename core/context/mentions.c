/* Next to which product and competitor a need is voiced. */
#include <stdlib.h>
#include <string.h>

#include "../base/alloc.h"
#include "context_inside.h"

enum { SHOWN = 5 };
static const double COLUMN_SHARE = .2;

/* A name of a list in a comment: its number there; product values without a name in the catalogue follow the catalogue's. */
typedef struct sighting { uint32_t name, comment; int in_text; } sighting;
typedef struct sightings { ew_buffer items; uint32_t comment; int in_text; ew_status status; ew_error *err; } sightings;

static void see(void *data, uint32_t name) {
    sightings *seen = data;
    sighting item = {name, seen->comment, seen->in_text};
    if (seen->status == EW_OK) seen->status = ew_buffer_append(&seen->items, &item, sizeof item, seen->err);
}

static int by_name(const void *a, const void *b) {
    const sighting *x = a, *y = b;
    if (x->name != y->name) return x->name < y->name ? -1 : 1;
    return x->comment < y->comment ? -1 : x->comment > y->comment;
}

typedef struct counted { uint32_t name, comments; int in_text; } counted;

static int by_count(const void *a, const void *b) {
    const counted *x = a, *y = b;
    if (x->comments != y->comments) return x->comments > y->comments ? -1 : 1;
    return x->name < y->name ? -1 : x->name > y->name;
}

/* Names with the comments that hold them, the commonest first; *out is freed by the caller. */
static ew_status count(sightings *seen, counted **out, uint32_t *n, ew_error *err) {
    size_t all = seen->items.length / sizeof(sighting);
    sighting *items = (sighting *)(void *)seen->items.data;
    *n = 0;
    *out = ew_alloc(all, sizeof **out);
    if (!*out) return ew_fail_memory(err, all * sizeof **out, "the names in a need");
    if (all) qsort(items, all, sizeof *items, by_name);
    for (size_t i = 0; i < all; i++) {
        int again = i && items[i].name == items[i - 1].name;
        if (!again) (*out)[(*n)++] = (counted){items[i].name, 0, 0};
        (*out)[*n - 1].comments += !again || items[i].comment != items[i - 1].comment; /* once a comment */
        (*out)[*n - 1].in_text |= items[i].in_text;
    }
    qsort(*out, *n, sizeof **out, by_count);
    return EW_OK;
}

static ew_status scan(const ew_run *run, const ew_names *names, const ew_need *need, sightings *seen, ew_buffer *scratch,
                      ew_error *err) {
    for (uint32_t i = 0; names->n && i < need->size; i++) {
        ew_view text = ew_corpus_text(&run->corpus, need->comments[i]);
        seen->comment = need->comments[i];
        seen->in_text = 1;
        ew_status status = ew_names_scan(names, text.data, text.length, scratch, see, seen, err);
        if (status != EW_OK || seen->status != EW_OK) return status != EW_OK ? status : seen->status;
    }
    return EW_OK;
}

static const char *name_text(const ew_run *run, const ew_names *names, uint32_t name) {
    if (name < names->n) return names->kept + names->at[name];
    return ew_dict_text(&run->corpus.products, name - names->n);
}

static ew_status hand_out(const ew_run *run, const ew_names *names, const counted *found, uint32_t n, const char *const **out,
                          uint32_t *n_out, ew_error *err) {
    uint32_t shown = n < SHOWN ? n : SHOWN;
    if (!shown) return EW_OK;
    const char **list = ew_alloc(shown, sizeof *list);
    if (!list) return ew_fail_memory(err, shown * sizeof *list, "the names in a need");
    for (uint32_t i = 0; i < shown; i++) list[i] = name_text(run, names, found[i].name);
    *out = list;
    *n_out = shown;
    return EW_OK;
}

ew_status ew_mentions_find(const ew_run *run, const ew_names *catalogue, const uint32_t *product_names,
                           const ew_names *competitors, ew_need *need, ew_error *err) {
    ew_buffer scratch = EW_BUFFER_INIT(EW_BUFFER_ANY);
    sightings seen = {.items = EW_BUFFER_INIT(EW_BUFFER_ANY), .err = err};
    counted *found = NULL;
    uint32_t n = 0;
    ew_status status = EW_OK;
    if (!need->comments || !need->size) return EW_OK;
    EW_TRY(scan(run, competitors, need, &seen, &scratch, err));
    EW_TRY(count(&seen, &found, &n, err));
    EW_TRY(hand_out(run, competitors, found, n, &need->competitors, &need->n_competitors, err));

    ew_buffer_clear(&seen.items);
    ew_free(found);
    found = NULL;
    EW_TRY(scan(run, catalogue, need, &seen, &scratch, err));
    seen.in_text = 0;
    for (uint32_t i = 0; run->corpus.product && i < need->size; i++) {
        uint32_t product = run->corpus.product[need->comments[i]];
        if (!product) continue;
        seen.comment = need->comments[i];
        see(&seen, product_names[product] != EW_NONE ? product_names[product] : catalogue->n + product);
        EW_TRY(seen.status);
    }
    EW_TRY(count(&seen, &found, &n, err));
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++)
        if (found[i].in_text || found[i].comments >= COLUMN_SHARE * need->size) found[kept++] = found[i];
    EW_TRY(hand_out(run, catalogue, found, kept, &need->products, &need->n_products, err));
done:
    ew_free(found);
    ew_buffer_free(&seen.items);
    ew_buffer_free(&scratch);
    return status;
}
