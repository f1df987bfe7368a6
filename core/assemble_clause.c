#include "assemble_clause.h"

#include <string.h>

#include "base/alloc.h"
#include "text/points.h"

enum { FEWEST = 3, LONGEST = 9, ROWS = 40, MOST_BYTES = 110, WORD = 64, NUMBER = 5 /* digits */, UNTOLD = UINT32_MAX };

/* What a word does at the border of a clause. */
enum { LEADS = 1, TRAILS = 2, PARTS = 4, DENIES = 8 }; /* never first; never last; a part of a clause begins with it */

/* A clause that denies tells what is amiss ("no one answers the phone"): where half of the rows deny, it scores more by this. */
static const double AMISS = 1.3;

typedef struct ew_clause_word {
    uint32_t start, end, number; /* number: of the word in ew_row_words; UNTOLD: no subject */
    double score;                /* how much it tells of the group; 0: of one row alone */
    uint8_t border, alone, duty; /* border: something stands between it and the one before; alone: a character without blanks */
} word;

/* Sorted by byte. English, and the commonest of German, French and Spanish. */
static const struct { const char *text; int duty; } DUTIES[] = {
    {"a", TRAILS}, {"aber", LEADS | TRAILS | PARTS}, {"actually", LEADS | TRAILS}, {"after", TRAILS | PARTS},
    {"alors", LEADS | TRAILS}, {"also", LEADS | TRAILS}, {"although", TRAILS | PARTS}, {"am", TRAILS}, {"an", TRAILS},
    {"and", LEADS | TRAILS | PARTS}, {"anyway", LEADS | TRAILS}, {"are", TRAILS}, {"as", TRAILS | PARTS}, {"at", TRAILS},
    {"auf", TRAILS}, {"avec", TRAILS}, {"basically", LEADS | TRAILS}, {"be", TRAILS}, {"because", LEADS | TRAILS | PARTS},
    {"been", TRAILS}, {"before", TRAILS | PARTS}, {"bitte", LEADS | TRAILS}, {"bonjour", LEADS | TRAILS},
    {"btw", LEADS | TRAILS}, {"but", LEADS | TRAILS | PARTS}, {"by", TRAILS}, {"car", PARTS}, {"con", TRAILS},
    {"cuando", TRAILS | PARTS}, {"damn", LEADS}, {"dans", TRAILS}, {"dass", TRAILS | PARTS}, {"de", TRAILS},
    {"dear", LEADS | TRAILS}, {"del", TRAILS}, {"dem", TRAILS}, {"den", TRAILS}, {"der", TRAILS}, {"des", TRAILS},
    {"die", TRAILS}, {"donc", LEADS | TRAILS | PARTS}, {"du", TRAILS}, {"ein", TRAILS}, {"eine", TRAILS}, {"el", TRAILS},
    {"en", TRAILS}, {"et", LEADS | TRAILS | PARTS}, {"even", TRAILS}, {"every", TRAILS}, {"except", PARTS}, {"for", TRAILS},
    {"from", TRAILS}, {"guys", LEADS | TRAILS}, {"had", TRAILS}, {"has", TRAILS}, {"have", TRAILS}, {"he", TRAILS},
    {"hello", LEADS | TRAILS}, {"her", TRAILS}, {"hey", LEADS | TRAILS}, {"hi", LEADS | TRAILS}, {"his", TRAILS},
    {"hola", LEADS | TRAILS}, {"how", TRAILS}, {"however", LEADS | TRAILS}, {"i", TRAILS}, {"i'm", TRAILS}, {"i've", TRAILS},
    {"ich", TRAILS}, {"if", TRAILS | PARTS}, {"il", TRAILS}, {"im", TRAILS}, {"in", TRAILS}, {"into", TRAILS}, {"is", TRAILS},
    {"its", TRAILS}, {"je", TRAILS}, {"just", LEADS | TRAILS}, {"kindly", LEADS | TRAILS}, {"la", TRAILS}, {"las", TRAILS},
    {"le", TRAILS}, {"les", TRAILS}, {"like", TRAILS}, {"literally", LEADS | TRAILS}, {"lol", LEADS | TRAILS},
    {"los", TRAILS}, {"mais", LEADS | TRAILS | PARTS}, {"many", TRAILS}, {"maybe", LEADS | TRAILS}, {"mein", TRAILS},
    {"meine", TRAILS}, {"mi", TRAILS}, {"mit", TRAILS}, {"mon", TRAILS}, {"more", TRAILS}, {"most", TRAILS}, {"mr", TRAILS},
    {"my", TRAILS}, {"nor", TRAILS | PARTS}, {"not", TRAILS}, {"oder", LEADS | TRAILS | PARTS}, {"of", LEADS | TRAILS},
    {"oh", LEADS | TRAILS}, {"ok", LEADS | TRAILS}, {"okay", LEADS | TRAILS}, {"omg", LEADS | TRAILS}, {"on", TRAILS},
    {"or", LEADS | TRAILS | PARTS}, {"ou", LEADS | TRAILS | PARTS}, {"our", TRAILS}, {"par", TRAILS}, {"para", TRAILS},
    {"pero", LEADS | TRAILS | PARTS}, {"please", LEADS | TRAILS}, {"pls", LEADS | TRAILS}, {"plz", LEADS | TRAILS},
    {"por", TRAILS}, {"porque", LEADS | TRAILS | PARTS}, {"pour", TRAILS}, {"que", TRAILS}, {"quite", TRAILS},
    {"really", TRAILS}, {"se", TRAILS}, {"she", TRAILS}, {"si", TRAILS | PARTS}, {"since", TRAILS | PARTS},
    {"so", LEADS | TRAILS | PARTS}, {"some", TRAILS}, {"still", TRAILS}, {"su", TRAILS}, {"such", TRAILS}, {"sur", TRAILS},
    {"than", LEADS | TRAILS}, {"thank", LEADS | TRAILS}, {"thanks", LEADS | TRAILS}, {"that", TRAILS | PARTS},
    {"that's", TRAILS}, {"the", TRAILS}, {"their", TRAILS}, {"then", LEADS | TRAILS | PARTS}, {"there", TRAILS},
    {"these", TRAILS}, {"they", TRAILS}, {"those", TRAILS}, {"though", LEADS | TRAILS | PARTS}, {"through", TRAILS},
    {"till", TRAILS | PARTS}, {"to", TRAILS}, {"too", LEADS}, {"tu", TRAILS}, {"un", TRAILS}, {"una", TRAILS},
    {"und", LEADS | TRAILS | PARTS}, {"une", TRAILS}, {"unless", TRAILS | PARTS}, {"until", TRAILS | PARTS}, {"ur", TRAILS},
    {"very", TRAILS}, {"von", TRAILS}, {"was", TRAILS}, {"we", TRAILS}, {"we're", TRAILS}, {"weil", LEADS | TRAILS | PARTS},
    {"well", LEADS}, {"wenn", TRAILS | PARTS}, {"were", TRAILS}, {"what", TRAILS}, {"when", TRAILS | PARTS},
    {"whenever", TRAILS | PARTS}, {"where", TRAILS | PARTS}, {"whether", TRAILS | PARTS}, {"which", LEADS | TRAILS | PARTS},
    {"while", TRAILS | PARTS}, {"who", TRAILS | PARTS}, {"whose", TRAILS}, {"why", TRAILS}, {"wie", TRAILS}, {"with", TRAILS},
    {"without", TRAILS}, {"wow", LEADS | TRAILS}, {"y", LEADS | TRAILS | PARTS}, {"yeah", LEADS | TRAILS},
    {"yes", LEADS | TRAILS}, {"you", TRAILS}, {"you're", TRAILS}, {"your", TRAILS}, {"zu", TRAILS}, {"zum", TRAILS},
    {"zur", TRAILS},
};

static uint8_t duty_of(const char *text, uint32_t n) {
    char low[WORD];
    uint32_t length = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (length + 1 >= WORD) return 0;
        if (n - i >= 3 && memcmp(text + i, "\xe2\x80\x99", 3) == 0) { /* the curly apostrophe */
            low[length++] = '\'';
            i += 2;
        } else {
            low[length++] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] + 32) : text[i];
        }
    }
    low[length] = 0;
    size_t from = 0, to = sizeof DUTIES / sizeof *DUTIES;
    if (length > 3 && memcmp(low + length - 3, "n't", 3) == 0) return TRAILS;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = strcmp(low, DUTIES[middle].text);
        if (order == 0) return (uint8_t)DUTIES[middle].duty;
        if (order < 0) to = middle;
        else from = middle + 1;
    }
    return 0;
}

ew_status ew_clauses_begin(ew_mining *m, ew_clauses *out, ew_error *err) {
    *out = (ew_clauses){.m = m};
    return ew_token_cache_create(m->tokenizer, &out->cache, err);
}

void ew_clauses_end(ew_clauses *c) {
    ew_token_cache_free(c->cache);
    ew_ids_free(&c->ids);
    ew_free(c->telling);
    ew_free(c->words);
    *c = (ew_clauses){0};
}

/* The first part of a word that is known to tell something of the group ("can't" has two). */
static ew_status look_up(ew_clauses *c, const char *text, word *w, ew_error *err) {
    char joined[WORD];
    c->ids.n = 0;
    w->number = UNTOLD;
    ew_status status = ew_tokenize(c->m->tokenizer, c->cache, text + w->start, w->end - w->start, &c->ids, err);
    for (uint64_t at = 0; status == EW_OK && at < c->ids.n;) {
        size_t n = ew_pieces_word(c->m->tokenizer, c->ids.items, &at, c->ids.n, joined);
        uint32_t number = n ? ew_dict_find(&c->m->words.words, joined, n) : EW_NONE, low = 0, high = c->n_telling;
        if (number == EW_NONE || !number) continue;
        while (low < high) {
            uint32_t middle = low + (high - low) / 2;
            if (c->telling[middle].word < number) low = middle + 1;
            else high = middle;
        }
        if (low == c->n_telling || c->telling[low].word != number) continue;
        w->number = number;
        w->score = c->telling[low].score;
        break;
    }
    return status;
}

/* Whether text between two words parts clauses. A point or comma between digits belongs to the number. */
static int parts_clauses(const char *text, size_t n, uint32_t from, uint32_t to) {
    size_t next;
    uint32_t point;
    if (to - from == 1 && from && text[from - 1] >= '0' && text[from - 1] <= '9' && text[to] >= '0' && text[to] <= '9' &&
        strchr(".,:", text[from]))
        return 0;
    for (size_t at = from; at < to; at = next) {
        ew_point_at(text, n, at, &point, &next);
        int fine = point < 0x80 ? point && strchr(" \t-#\"'&/%$+", (int)point) != NULL
                                : point == 0xa0 || (point >= 0x2018 && point <= 0x201d) || point == 0x20ac || point == 0xa3;
        if (!fine) return 1;
    }
    return 0;
}

/* "XXXX", "xx/xx": what somebody else has masked before us; or the number of one customer's case, order or flight. */
static int is_masked(const char *text, const word *w) {
    uint32_t crosses = 0, digits = 0, n = w->end - w->start;
    for (uint32_t i = w->start; i < w->end; i++) {
        crosses += (text[i] | 32) == 'x';
        digits += text[i] >= '0' && text[i] <= '9';
    }
    return (crosses == n && n >= 2) || (digits == n && n >= NUMBER);
}

static ew_status push(ew_clauses *c, word w, ew_error *err) {
    if (c->n_words == c->capacity) {
        uint32_t capacity = c->capacity * 2 + 64;
        word *more = ew_realloc(c->words, capacity, sizeof *more);
        if (!more) return ew_fail_memory(err, capacity * sizeof *more, "a name");
        c->words = more;
        c->capacity = capacity;
    }
    c->words[c->n_words++] = w;
    return EW_OK;
}

/* Words of a unit's text with what stands between them. */
static ew_status cut(ew_clauses *c, const char *text, size_t n, ew_error *err) {
    ew_range address = {0, 0}, found;
    size_t at = 0, addresses = 0;
    uint32_t last = 0;
    int border = 1, more = ew_text_next_address(text, n, &addresses, &address);
    ew_status status = EW_OK;
    c->n_words = 0;
    while (ew_text_next_word(text, n, &at, &found)) {
        word w = {.start = found.start, .end = found.end, .border = 1};
        while (more && address.end <= found.start) more = ew_text_next_address(text, n, &addresses, &address);
        int hidden = (more && address.start < found.end) || is_masked(text, &w);
        if (!hidden) {
            w.border = (uint8_t)(border || parts_clauses(text, n, last, found.start));
            size_t next;
            uint32_t point;
            w.alone = ew_point_at(text, n, found.start, &point, &next) == EW_POINT_ALONE;
            w.duty = duty_of(text + w.start, w.end - w.start);
            if (ew_text_denies(text + w.start, w.end - w.start)) w.duty |= DENIES;
            EW_TRY(look_up(c, text, &w, err));
            EW_TRY(push(c, w, err));
        }
        border = hidden;
        last = found.end;
    }
done:
    return status;
}

/* Half words are characters of scripts without blanks. */
static uint32_t half_words(const word *words, uint32_t n) {
    uint32_t sum = 0;
    for (uint32_t i = 0; i < n; i++) sum += words[i].alone ? 1 : 2;
    return sum;
}

typedef struct { double score; uint32_t row, first, end; } best; /* words of that row */

static double score_of(const word *words, uint32_t n, int natural) {
    double sum = 0, shared = 0, strange = 0;
    for (uint32_t i = 0; i < n; i++) {
        int seen = 0;
        if (words[i].number == UNTOLD) continue;
        for (uint32_t k = 0; k < i && !seen; k++) seen = words[k].number == words[i].number;
        if (seen) continue;
        sum += words[i].score;
        shared += words[i].score > 0;
        strange += !(words[i].score > 0);
    }
    if (!(shared > 0)) return 0;
    return sum *
           (natural == 2   ? 1
            : natural == 1 ? .85
                           : .7) /
           (5 + half_words(words, n) * .5) * shared / (shared + .5 * strange);
}

/* All runs of words within a clause, [first, end). top: of those that deny nothing, and of those that do, but not with their last
 * word. */
static void try_clause(const ew_clauses *c, uint32_t row, double central, uint32_t first, uint32_t end, best top[2]) {
    for (uint32_t a = first; a < end; a++) {
        int denies = 0;
        uint32_t looked = a;
        if (c->words[a].duty & LEADS && a + FEWEST <= end && a == first) continue;
        for (uint32_t b = a + FEWEST; b <= end; b++) {
            const word *words = c->words + a;
            if (half_words(words, b - a) > 2 * LONGEST || words[b - a - 1].end - words->start > MOST_BYTES) break;
            if (words->duty & LEADS || words[b - a - 1].duty & TRAILS) continue;
            for (; looked + 1 < b; looked++) denies |= c->words[looked].duty & DENIES;
            if (!denies && words[b - a - 1].duty & DENIES) continue;
            int begins = a == first || words->duty & PARTS, ends = b == end || c->words[b].duty & PARTS;
            for (uint32_t k = first; k < a && !begins; k++) begins = k + 1 == a && c->words[k].duty & LEADS;
            double score = score_of(words, b - a, begins + ends) * central;
            best *best_of = &top[denies != 0];
            if (score > best_of->score) *best_of = (best){score, row, a, b};
        }
    }
}

/* The masked text of the row's first unit. */
static ew_status text_of(const ew_mining *m, uint32_t row, char **out, size_t *n, ew_error *err) {
    uint32_t unit = m->rows.unit[m->rows.unit_start[row]];
    return ew_run_text(m->run, m->units.comment[unit], m->units.start[unit], m->units.end[unit], out, n, err);
}

/* Appends words [a, b) as they stand, without signs of quotation and hashtags; a clause of capitals in lower case. */
static ew_status spell(const char *text, const word *words, uint32_t n, ew_buffer *out, ew_error *err) {
    uint32_t capitals = 0, smalls = 0;
    size_t next;
    ew_status status = EW_OK;
    for (uint32_t i = words->start; i < words[n - 1].end; i++) {
        capitals += text[i] >= 'A' && text[i] <= 'Z';
        smalls += text[i] >= 'a' && text[i] <= 'z';
    }
    int loud = capitals > 4 && capitals > 2 * smalls, blank = 1;
    for (size_t at = words->start; at < words[n - 1].end; at = next) {
        uint32_t point;
        ew_point_kind kind = ew_point_at(text, words[n - 1].end, at, &point, &next);
        int space = kind == EW_POINT_SPACE || kind == EW_POINT_CONTROL;
        if (point == '#' || point == '"' || point == 0x201c || point == 0x201d || (space && blank)) continue;
        blank = space;
        char small = (char)(text[at] + 32);
        if (space) EW_TRY(ew_buffer_append(out, " ", 1, err));
        else if (loud && point >= 'A' && point <= 'Z') EW_TRY(ew_buffer_append(out, &small, 1, err));
        else EW_TRY(ew_buffer_append(out, text + at, next - at, err));
    }
done:
    return status;
}

ew_status ew_central_clause(ew_clauses *c, const uint32_t *rows, uint32_t n_rows, ew_buffer *out, uint32_t numbers[9],
                            uint32_t *n, ew_error *err) {
    best tops[2] = {0}, top;
    uint32_t deny = 0;
    char *text = NULL;
    size_t length;
    ew_status status;
    *n = 0;
    ew_free(c->telling);
    c->telling = NULL;
    EW_TRY(ew_telling_scores(&c->m->words, rows, n_rows, &c->telling, &c->n_telling, err));
    uint32_t looked = n_rows < ROWS ? n_rows : ROWS;
    for (uint32_t i = 0; i < looked; i++) {
        EW_TRY(text_of(c->m, rows[i], &text, &length, err));
        EW_TRY(cut(c, text, length, err));
        deny += ew_text_denies(text, length) != 0;
        for (uint32_t a = 0, b; a < c->n_words; a = b) {
            for (b = a + 1; b < c->n_words && !c->words[b].border;) b++;
            try_clause(c, i, 1.2 - .2 * i / looked, a, b, tops);
        }
        ew_free(text);
        text = NULL;
    }
    top = tops[2 * deny >= looked ? tops[1].score * AMISS > tops[0].score : tops[1].score > tops[0].score];
    if (!(top.score > 0)) goto done;
    EW_TRY(text_of(c->m, rows[top.row], &text, &length, err));
    EW_TRY(cut(c, text, length, err));
    EW_TRY(spell(text, c->words + top.first, top.end - top.first, out, err));
    for (uint32_t i = top.first; i < top.end && *n < LONGEST; i++)
        if (c->words[i].number != UNTOLD) numbers[(*n)++] = c->words[i].number;
done:
    ew_free(text);
    return status;
}
