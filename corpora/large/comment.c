/* One comment: what it is about, then its words. Frames carry the grammar, slots the words: text without sense, but with the
 * statistics that an engine meets: Zipf's law, subjects, lengths with a long tail, copies, campaigns, empty phrases, slips. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "large.h"

enum { FOR_COMMENT = 11, FOR_BODY, FOR_CAMPAIGN, FOR_CUSTOMER };
enum { DAYS = 730, FIRST_DAY = 19723 /* 2024-01-01 */, HOT = 1024 };

/* _ a word of the subject, * any word */
static const char *const FRAMES[] = {
    "the _ is _ again", "my _ and the _ are *", "why does the _ need a _", "since the last _ the _ shows *",
    "I ordered a _ and got a _", "we are happy with the _", "the _ of the _ is too *", "nobody told me about the _ *",
    "please look at the _ and the _", "it took * days until the _ was _", "the _ works, the _ does not", "after * the _ was gone",
    "I like the _ but the * is _", "there is a _ in the _", "your _ says * while the _ says *", "once the _ is *, the _ stops",
    "can you send the _ with the _", "the * for _ was late", "all of the _ came without _", "a _ like this should be *",
    "they changed the _ and now _ is *", "the _ looks like a _", "no _ for * and no answer about the _", "great _, simple *",
    "half of the _ was * and the rest _", "the _ on the _ broke", "it says _ everywhere, even in *", "my * asked about the _ too",
    "we paid for _ and not for *", "next time I take the _ without the _", "the _ is fine", "everything about _ is *",
    "the * person was kind about the _", "the _ costs more than the *", "I could not find the _ in the *", "its _ is louder than *"};
static const char *const LIVED[] = {
    "so every morning I put a _ under the _ and wait", "I keep an old _ beside it, otherwise the _ won't do",
    "we gave up on the _ and use a _ from home instead", "by now I carry the _ in a _, it is what it is",
    "I am always afraid that the _ meets the _", "it takes three tries and a _ until the _ sits right",
    "you just learn to live with the _ and the _", "my trick: fold the _ twice and hold it with a _",
    "I write each _ on paper because of the _", "we stopped mentioning the _ long ago, somebody brings a _"};
static const char *const WISHED[] = {
    "please let us choose the _ for the _", "I wish there was a _ with a _", "would be great to have a _ beside the _",
    "it needs an option for _ and _", "why is there no _ for the _? we would pay for it", "add a _ to the _, please"};
static const char *const EMPTY[] = {"ok", "thanks", "wow", "good", "n/a", "-", "very nice", "thank you so much", "no comment", "fine!"};
static const char *const PRODUCTS[] = {"Arbel", "Brisk", "Corvo", "Dulcet", "Ember", "Falt", "Glim", "Hale", "Ister", "Jove", "Kest", "Lune"};
static const char *const SEGMENTS[] = {"free", "basic", "plus", "team", "enterprise"};
static const char *const SOURCES[] = {"ticket", "review", "survey"};

#define COUNT(list) ((uint32_t)(sizeof(list) / sizeof *(list)))
#define ANY(c, list) ((list)[below(c, COUNT(list))])

void put(text *t, const char *bytes, size_t n) {
    if (t->length + n > t->capacity) {
        size_t room = t->capacity ? t->capacity : 4096;
        while (room < t->length + n) room *= 2;
        t->data = need_memory(realloc(t->data, room));
        t->capacity = room;
    }
    memcpy(t->data + t->length, bytes, n);
    t->length += n;
}

void put_string(text *t, const char *string) { put(t, string, strlen(string)); }

void comment_id(uint64_t i, char out[16]) { snprintf(out, 16, "c%09u", (uint32_t)i); }

static const char *any_word(const world *w, chance *c) { return w->words[by_weight(c, w->word_sums, w->n_words)]; }

/* One word of a list, its first ones more often. */
static const char *own_word(const world *w, chance *c, const uint32_t *list, uint32_t n) {
    uint32_t a = below(c, n), b = below(c, n);
    return w->words[list[a < b ? a : b]];
}

/* A sentence; list NULL: about nothing in particular. One word in eighty has a slip: a letter left out. */
static void put_sentence(const world *w, chance *c, const char *frame, const uint32_t *list, uint32_t n, text *out) {
    size_t start = out->length;
    for (const char *p = frame; *p; p++) {
        if (*p != '_' && *p != '*') {
            put(out, p, 1);
            continue;
        }
        const char *word = *p == '_' && list && !one_in(c, 6) ? own_word(w, c, list, n) : any_word(w, c);
        size_t length = strlen(word), slip = one_in(c, 80) ? below(c, (uint32_t)length) : length;
        put(out, word, slip);
        if (slip < length) put(out, word + slip + 1, length - slip - 1);
    }
    if (out->data[start] >= 'a' && out->data[start] <= 'z' && !one_in(c, 4)) out->data[start] = (char)(out->data[start] - 32);
    put_string(out, one_in(c, 9) ? "! " : ". ");
}

/* The words of comment i as if it were nobody's copy; its theme. */
static int32_t put_body(const world *w, uint64_t i, text *out) {
    chance c = chance_of(w->seed, FOR_BODY, i);
    uint32_t need = world_need(w, i), theme = by_weight(&c, w->theme_sums, THEMES), sentences = 1;
    if (need != UINT32_MAX) {
        for (uint32_t s = 1 + below(&c, 2); s > 0; s--) {
            const char *frame = need_is_wish(w, need) ? ANY(&c, WISHED) : ANY(&c, LIVED);
            put_sentence(w, &c, frame, w->need_words[need], NEED_WORDS, out);
        }
        if (one_in(&c, 6)) put_sentence(w, &c, ANY(&c, FRAMES), w->theme_words[theme], THEME_WORDS, out);
        return LABEL_NONE;
    }
    int lone = one_in(&c, 30); /* a voice of its own */
    while (sentences < 8 && below(&c, 100) < 48) sentences++;
    if (one_in(&c, 200)) sentences += 10 + below(&c, 30);
    for (uint32_t s = 0; s < sentences; s++) {
        uint32_t about = s && one_in(&c, 8) ? by_weight(&c, w->theme_sums, THEMES) : theme;
        put_sentence(w, &c, ANY(&c, FRAMES), lone ? NULL : w->theme_words[about], THEME_WORDS, out);
    }
    return lone ? LABEL_NONE : (int32_t)theme;
}

/* An earlier comment, word for word but for one: of a few that are copied often, or of any. */
static int32_t put_copy(const world *w, chance *c, uint64_t i, text *out) {
    uint64_t back = 1 + below(c, i < 100000 ? (uint32_t)i : 100000), original = one_in(c, 3) ? (i - back) / HOT * HOT : i - back;
    size_t start = out->length;
    int32_t theme = put_body(w, original, out);
    size_t length = out->length - start, at = start + below(c, (uint32_t)length);
    if (one_in(c, 3)) return theme;
    while (at > start && out->data[at - 1] != ' ') at--;
    size_t end = at;
    while (end < out->length && out->data[end] != ' ') end++;
    const char *word = any_word(w, c);
    size_t n = strlen(word), tail = out->length - end;
    put(out, word, n); /* room; then the tail is moved and the word set in */
    memmove(out->data + at + n, out->data + end, tail);
    memcpy(out->data + at, word, n);
    out->length = at + n + tail;
    return theme;
}

/* The same call of many within two days; one word is each one's own. Its day. */
static uint32_t put_campaign(const world *w, chance *c, text *out) {
    uint32_t which = below(c, w->n_campaigns);
    chance same = chance_of(w->seed, FOR_CAMPAIGN, which);
    uint32_t day = below(&same, DAYS - 2), theme = by_weight(&same, w->theme_sums, THEMES);
    for (int s = 0; s < 3; s++) put_sentence(w, &same, ANY(&same, FRAMES), w->theme_words[theme], THEME_WORDS, out);
    put_string(out, "We of ");
    put_string(out, any_word(w, c));
    put_string(out, " say so.");
    return day + below(c, 2);
}

/* Days since 1970 -> "YYYY-MM-DD"; civil_from_days (Hinnant 2013), for the years from 1970 on. */
static void put_time(text *out, uint32_t day, uint32_t second) {
    uint32_t z = day + FIRST_DAY + 719468, era = z / 146097, doe = z - era * 146097;
    uint32_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365, doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    uint32_t mp = (5 * doy + 2) / 153, d = doy - (153 * mp + 2) / 5 + 1, m = mp < 10 ? mp + 3 : mp - 9;
    char line[40];
    put(out, line, (size_t)snprintf(line, sizeof line, "%04u-%02u-%02uT%02u:%02u:%02u", yoe + era * 400 + (m <= 2), m, d,
                                    second / 3600, second / 60 % 60, second % 60));
}

int32_t comment_line(const world *w, uint64_t i, text *out) {
    chance c = chance_of(w->seed, FOR_COMMENT, i);
    uint32_t kind = below(&c, 1000), day = below(&c, DAYS);
    int32_t theme = LABEL_NONE;
    int in_need = world_need(w, i) != UINT32_MAX;
    char line[200], id[16];
    comment_id(i, id);
    put(out, line, (size_t)snprintf(line, sizeof line, "{\"id\":\"%s\",\"text\":\"", id));
    if (in_need || kind >= 110)
        theme = put_body(w, i, out);
    else if (kind < 25)
        put_string(out, ANY(&c, EMPTY));
    else if (kind < 35)
        day = put_campaign(w, &c, out);
    else if (i)
        theme = put_copy(w, &c, i, out);
    else
        theme = put_body(w, i, out);
    while (out->data[out->length - 1] == ' ') out->length--;
    /* half of all comments are by a tenth of the customers; the needs by everyone alike */
    uint32_t customers = 2 + (uint32_t)(w->n / 5), customer = below(&c, !in_need && one_in(&c, 2) ? 1 + customers / 10 : customers);
    chance who = chance_of(w->seed, FOR_CUSTOMER, customer);
    put_string(out, "\",\"time\":\"");
    put_time(out, day, below(&c, 86400));
    if (!one_in(&c, 4)) put(out, line, (size_t)snprintf(line, sizeof line, "\",\"rating\":%u,\"product\":\"%s", 1 + below(&c, 5), ANY(&c, PRODUCTS)));
    else put(out, line, (size_t)snprintf(line, sizeof line, "\",\"product\":\"%s", ANY(&c, PRODUCTS)));
    put(out, line, (size_t)snprintf(line, sizeof line, "\",\"customer\":\"u%08u\",\"segment\":\"%s\",\"source\":\"%s\"}\n", customer,
                                    ANY(&who, SEGMENTS), ANY(&c, SOURCES)));
    return theme;
}
