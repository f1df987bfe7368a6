/* Which words a need's comments have more or less often than the theme around them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/alloc.h"
#include "../base/dict.h"
#include "../needs/pattern_words.h"
#include "../text/text.h"
#include "explain.h"

enum { SHOWN = 8, MOST = 20000 /* comments of the theme that are read */ };
static const double BEYOND = 2; /* deviations of a share from the other one that are worth a word */

/* The theme it lies in; where it lies in none, the one most of its comments' neighbours lie in. */
static const char theme_sql[] =
    "SELECT t.theme, t.id, t.name, t.size FROM themes t WHERE t.theme = coalesce((SELECT theme FROM needs WHERE rank = ?1),"
    " (SELECT o.theme FROM need_comments m JOIN comments c ON c.row = m.comment, json_each(c.near) j JOIN comments o ON"
    " o.id = json_extract(j.value, '$.id') WHERE m.need = ?1 AND o.theme IS NOT NULL GROUP BY o.theme ORDER BY count(*) DESC,"
    " o.theme LIMIT 1))";

/* Parts of comments, in order: what was compared, so copies, quotes and boilerplate are not in it. */
static const char here_sql[] =
    "SELECT p.comment, c.text, p.start, p.\"end\" FROM parts p JOIN comments c ON c.row = p.comment WHERE"
    " p.comment IN (SELECT comment FROM need_comments WHERE need = ?1) ORDER BY p.comment, p.place";
static const char there_sql[] =
    "SELECT p.comment, c.text, p.start, p.\"end\" FROM comments c JOIN parts p ON p.comment = c.row WHERE c.theme = ?2 AND"
    " c.row % ?3 = 0 AND c.row NOT IN (SELECT comment FROM need_comments WHERE need = ?1) ORDER BY p.comment, p.place";

typedef struct {
    uint32_t count[2];
    int64_t last;
} tally; /* last: the comment that was counted last, of the other side negative */
typedef struct {
    uint32_t word;
    double z;
} lean;
typedef struct {
    ew_talk *talk;
    ew_dict words;
    tally *tallies; /* [words.size], by number */
    uint32_t capacity;
    uint32_t comments[2]; /* counted: of the need, of the theme */
} contrast;

static ew_status count_word(contrast *c, const ew_word *word, int side, int64_t comment, ew_error *err) {
    uint32_t number;
    ew_status status = ew_dict_add(&c->words, word->text, word->n, &number, err);
    if (status != EW_OK) return status;
    if (number >= c->capacity) {
        uint32_t capacity = number * 2 + 256;
        tally *more = ew_realloc(c->tallies, capacity, sizeof *more);
        if (!more) return ew_fail_memory(err, capacity * sizeof *more, "words");
        memset(more + c->capacity, 0, (capacity - c->capacity) * sizeof *more);
        c->tallies = more;
        c->capacity = capacity;
    }
    int64_t stamp = side ? -1 - comment : comment + 1; /* a word counts once a comment */
    if (c->tallies[number].last != stamp) c->tallies[number].count[side]++;
    c->tallies[number].last = stamp;
    return EW_OK;
}

static ew_status count_side(contrast *c, ew_query *row, int side, ew_error *err) {
    int64_t before = -1;
    while (ew_query_next(row)) {
        int64_t comment = ew_query_whole(row, 0);
        const char *text = ew_query_column(row, 1);
        uint32_t n = (uint32_t)strlen(text), at = (uint32_t)ew_query_whole(row, 2), end = (uint32_t)ew_query_whole(row, 3);
        c->comments[side] += comment != before;
        before = comment;
        ew_word word;
        while (at < n && ew_words_next(NULL, text, end < n ? end : n, &at, &word)) {
            if (!word.n || ew_text_is_filler(word.text, word.n)) continue;
            ew_status status = count_word(c, &word, side, comment, err);
            if (status != EW_OK) return status;
        }
    }
    return row->db->status;
}

/* How many deviations the share here is above the one there. */
static double deviations(const contrast *c, const tally *t) {
    double n = c->comments[0], m = c->comments[1], p = (t->count[0] + t->count[1]) / (n + m);
    double spread = sqrt(p * (1 - p) * (1 / n + 1 / m));
    return spread > 0 ? (t->count[0] / n - t->count[1] / m) / spread : 0;
}

static int by_lean(const void *a, const void *b) {
    const lean *x = a, *y = b;
    if (x->z != y->z) return x->z < y->z ? 1 : -1;
    return x->word < y->word ? -1 : x->word > y->word;
}

/* Up to SHOWN words from leans[0 ..), or backwards from its end. */
static void put_words(const contrast *c, const lean *leans, uint32_t n, int backwards, const char *key, const char *title) {
    ew_talk *talk = c->talk;
    if (talk->json) {
        ew_put_key(&talk->put, key);
        ew_put_open(&talk->put, '[');
    }
    uint32_t shown = 0;
    for (uint32_t i = 0; i < n && shown < SHOWN; i++) {
        const lean *l = &leans[backwards ? n - 1 - i : i];
        const tally *t = &c->tallies[l->word];
        const char *word = ew_dict_text(&c->words, l->word);
        if ((backwards ? -l->z : l->z) < BEYOND) break;
        if (!backwards && t->count[0] < 2) continue; /* one comment's word is not the need's */
        shown++;
        if (talk->json) {
            ew_put_open(&talk->put, '{');
            ew_put_field_text(&talk->put, "word", word);
            ew_put_field_count(&talk->put, "here", t->count[0]);
            ew_put_field_count(&talk->put, "there", t->count[1]);
            ew_put_close(&talk->put, '}');
        } else {
            char counts[64];
            ew_put_raw(&talk->put, shown == 1 ? title : ", ");
            ew_talk_words(talk, word, EW_WORD_MAX);
            snprintf(counts, sizeof counts, " %u:%u", t->count[0], t->count[1]);
            ew_put_raw(&talk->put, counts);
        }
    }
    if (talk->json)
        ew_put_close(&talk->put, ']');
    else if (shown)
        ew_put_raw(&talk->put, "\n");
}

static void tell(const contrast *c, const ew_query *theme, lean *leans) {
    ew_talk *talk = c->talk;
    uint32_t n = 0;
    for (uint32_t w = 1; w < c->words.size; w++) leans[n++] = (lean){w, deviations(c, &c->tallies[w])};
    qsort(leans, n, sizeof *leans, by_lean);
    if (talk->json) {
        ew_put_open(&talk->put, '{');
        ew_put_field_text(&talk->put, "theme", ew_query_column(theme, 1));
        ew_put_field_text(&talk->put, "theme_name", ew_query_column(theme, 2));
        ew_put_field_count(&talk->put, "here", c->comments[0]);
        ew_put_field_count(&talk->put, "there", c->comments[1]);
    } else {
        ew_put_raw(&talk->put, "\n");
        ew_talk_line(talk, "against theme %s: %s", ew_query_column(theme, 1),
                     ew_query_column(theme, 2) ? ew_query_column(theme, 2) : "");
        ew_talk_line(talk, "  comments that have the word, of %u here : of %u there", c->comments[0], c->comments[1]);
    }
    put_words(c, leans, n, 0, "more", "  more often here: ");
    put_words(c, leans, n, 1, "less", "  less often here: ");
    if (talk->json) ew_put_close(&talk->put, '}');
}

static ew_status compare(contrast *c, int64_t rank, const ew_query *theme, ew_error *err) {
    lean *leans = NULL;
    ew_status status;
    ew_query here = ew_db_query(c->talk->db, here_sql), there = ew_db_query(c->talk->db, there_sql);
    ew_query_integer(&here, rank);
    ew_query_integer(&there, rank);
    ew_query_integer(&there, ew_query_whole(theme, 0));
    ew_query_integer(&there, 1 + ew_query_whole(theme, 3) / MOST);
    EW_TRY(ew_dict_init(&c->words, err));
    EW_TRY(count_side(c, &here, 0, err));
    EW_TRY(count_side(c, &there, 1, err));
    if (!c->comments[0] || !c->comments[1]) {
        if (c->talk->json) ew_put_null(&c->talk->put);
        goto done;
    }
    if (!(leans = ew_alloc(c->words.size, sizeof *leans))) {
        status = ew_fail_memory(err, c->words.size * sizeof *leans, "words");
        goto done;
    }
    tell(c, theme, leans);
done:
    ew_query_end(&here);
    ew_query_end(&there);
    ew_free(leans);
    return status;
}

void ew_explain_contrast(ew_talk *talk, int64_t rank) {
    contrast c = {.talk = talk, .words = {.bytes = EW_BUFFER_INIT(EW_BUFFER_ANY)}};
    if (talk->json) ew_put_key(&talk->put, "contrast");
    ew_query theme = ew_db_query(talk->db, theme_sql);
    ew_query_integer(&theme, rank);
    if (ew_query_next(&theme)) {
        ew_status status = compare(&c, rank, &theme, talk->put.err);
        if (status != EW_OK && talk->put.status == EW_OK) talk->put.status = status;
    } else if (talk->json) {
        ew_put_null(&talk->put);
    }
    ew_query_end(&theme);
    ew_dict_free(&c.words);
    ew_free(c.tallies);
}
