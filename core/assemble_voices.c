/* Of a need's comments, how many speak for themselves: copied wordings and further comments of one customer count once. */
#include <stdlib.h>

#include "assemble.h"
#include "base/alloc.h"
#include "base/hash.h"

/* Two people hardly come upon the same three words in a row again and again: where a third of the shorter text's threes stand in
 * the other as well, one form letter speaks. Below LEAST tokens people do say the same. */
enum { LEAST = 12, SHARED = 3 };

typedef struct threes { uint64_t *items; uint32_t n; } threes; /* hashes of three tokens in a row, ascending, each once */

static int ascending(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* items has room for the row's tokens. */
static threes threes_of(const ew_token_lists *lists, uint32_t row, uint64_t *items) {
    uint64_t from = lists->start[row], n = lists->start[row + 1] - from;
    threes out = {items, 0};
    if (n < LEAST) return out;
    for (uint64_t i = 0; i + 3 <= n; i++) items[i] = ew_hash(lists->ids + from + i, 3 * sizeof *lists->ids, 3);
    qsort(items, n - 2, sizeof *items, ascending);
    for (uint64_t i = 0; i + 3 <= n; i++)
        if (!i || items[i] != items[i - 1]) items[out.n++] = items[i];
    return out;
}

static int is_copy(threes a, threes b) {
    uint32_t common = 0, least = a.n < b.n ? a.n : b.n;
    for (uint32_t i = 0, j = 0; i < a.n && j < b.n;) {
        common += a.items[i] == b.items[j];
        if (a.items[i] <= b.items[j]) i++;
        else j++;
    }
    return least && common * SHARED >= least;
}

/* Comments of the row that nobody counted yet, and how many customers among them are new. seen: who was heard. */
static void hear_row(const ew_mining *m, uint32_t row, ew_heard_marks *seen, uint32_t *comments, uint32_t *customers) {
    *comments = *customers = 0;
    for (uint32_t u = m->rows.unit_start[row]; u < m->rows.unit_start[row + 1]; u++) {
        uint32_t comment = m->units.comment[m->rows.unit[u]], customer = m->run->corpus.customer[comment];
        if (seen->comment[comment] == seen->mark) continue;
        seen->comment[comment] = seen->mark;
        ++*comments;
        if (customer && seen->customer[customer] == seen->mark) continue;
        if (customer) seen->customer[customer] = seen->mark;
        ++*customers;
    }
}

ew_status ew_voices_of(const ew_mining *m, const ew_found *found, ew_heard_marks *seen, ew_own *out, ew_error *err) {
    uint32_t n = found->group.size, leaders = 0, comments, customers;
    uint64_t tokens = 0;
    *out = (ew_own){0};
    for (uint32_t i = 0; i < n; i++) tokens += m->lists.start[found->rows[i] + 1] - m->lists.start[found->rows[i]];
    uint64_t *room = ew_alloc(tokens, sizeof *room), *next = room;
    threes *led = ew_alloc(n, sizeof *led);
    if (!room || !led) {
        ew_free(room);
        ew_free(led);
        return ew_fail_memory(err, tokens * sizeof *room, "voices");
    }
    seen->mark++;
    for (uint32_t i = 0; i < n; i++) {
        threes mine = threes_of(&m->lists, found->rows[i], next);
        int copy = 0;
        for (uint32_t l = 0; l < leaders && !copy; l++) copy = is_copy(led[l], mine);
        hear_row(m, found->rows[i], seen, &comments, &customers);
        out->comments += comments;
        if (copy) continue;
        out->voices += mine.n && customers ? 1 : customers; /* of a long text many have, one wrote it */
        if (!mine.n) continue;
        led[leaders++] = mine;
        next += m->lists.start[found->rows[i] + 1] - m->lists.start[found->rows[i]];
    }
    ew_free(room);
    ew_free(led);
    return EW_OK;
}
