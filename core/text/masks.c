/* What of a comment is not its writer's own new words. Line by line; every look ahead is bounded (three lines of an attribution,
 * eight of a header block, a few hundred bytes of each), so the time is linear. */
#include <string.h>

#include "boilerplate.h"
#include "points.h"

enum {
    ATTRIBUTION_BYTES = 400, ATTRIBUTION_LINES = 3,
    HEADER_LINES = 8,
    SIGNATURE_LINES = 6, SIGNATURE_BYTES = 80,
    DEVICE_BYTES = 96
};

typedef struct text_line { size_t start, end, next; } text_line; /* trimmed; where the next one begins */

typedef struct scanner {
    const char *text;
    size_t n;
    ew_ranges *out;
    int own;        /* words of the writer came before */
    int truly;      /* an unmistakable quote was seen */
    int listing;    /* the last line of the writer's own ends with ':' and names no address: a list follows, no quote */
    int attributed; /* an attribution came right before */
    uint32_t quoted_lines;
    ew_pasted pasted;
    ew_error *err;
} scanner;

static text_line line_at(const char *text, size_t n, size_t at) {
    text_line line = {.start = at};
    line.end = ew_text_line_end(text, n, at, &line.next);
    ew_text_trim(text, &line.start, &line.end);
    return line;
}

static char lower(char c) { return (char)(c >= 'A' && c <= 'Z' ? c + 32 : c); }

/* Does text[start .. end) begin with `word` (lower case)? */
static int begins(const char *text, size_t start, size_t end, const char *word) {
    for (; *word; word++, start++)
        if (start >= end || lower(text[start]) != *word) return 0;
    return 1;
}

static int holds(const char *text, size_t start, size_t end, const char *word) {
    for (; start < end; start++)
        if (lower(text[start]) == *word && begins(text, start, end, word)) return 1;
    return 0;
}

static int is_digit(char c) { return c >= '0' && c <= '9'; }

/* ---- runs of '>' ---- */

static int is_quoted(const char *text, text_line line) {
    if (line.start >= line.end || text[line.start] != '>') return 0;
    if (line.start + 1 == line.end) return 1;
    return text[line.end - 1] != '<' && !memchr(":;=.<-_(", text[line.start + 1], 8); /* ">:(", ">.<", ">=", ">> shouted <<" */
}

static ew_status quoted_run(scanner *it, text_line line, size_t *next) {
    size_t start = line.start, end = line.end, lines = 1, after = line.next;
    for (size_t at = line.next; at < it->n;) {
        text_line more = line_at(it->text, it->n, at);
        at = more.next;
        if (more.start >= more.end) continue; /* empty lines between quoted ones */
        if (!is_quoted(it->text, more)) break;
        end = more.end;
        after = more.next;
        lines++;
    }
    *next = after;
    it->quoted_lines += (uint32_t)(lines < 1000 ? lines : 1000);
    int loose = lines == 1 && start + 1 < line.end && it->text[start + 1] != ' ' && it->text[start + 1] != '>'; /* ">100 items" */
    if (!it->attributed && (loose || it->listing)) {
        it->own = 1;
        return EW_OK;
    }
    return ew_ranges_add(it->out, start, end, it->err);
}

/* ---- "On ... wrote:" ---- */

static const struct { const char *first, *verb; } attributions[] = {
    {"on ", "wrote"}, {"am ", "schrieb"}, {"le ", "\xc3\xa9""crit"}, {"el ", "escribi\xc3\xb3"}, {"el ", "escribio"},
    {"le ", "ecrit"}, {"il ", "ha scritto"}, {"em ", "escreveu"}, {"op ", "schreef"},
};

/* *end: where it ends; *strong: it names an address or a date and time, so what follows is a quote even without '>'. */
static int is_attribution(const char *text, size_t n, text_line line, size_t *end, size_t *next, int *strong) {
    const char *verb = NULL;
    size_t far = n - line.start < ATTRIBUTION_BYTES ? n : line.start + ATTRIBUTION_BYTES;
    for (size_t i = 0; i < sizeof attributions / sizeof *attributions && !verb; i++)
        if (begins(text, line.start, line.end, attributions[i].first) && holds(text, line.start, far, attributions[i].verb))
            verb = attributions[i].verb;
    if (!verb) return 0;
    for (int lines = 0; lines < ATTRIBUTION_LINES; lines++) {
        if (line.end > far || line.end == line.start) return 0;
        if (text[line.end - 1] == ':') break;
        if (lines + 1 == ATTRIBUTION_LINES || line.next >= n) return 0;
        size_t start = line.start;
        text_line more = line_at(text, n, line.next);
        line = (text_line){start, more.end, more.next};
        if (more.start >= more.end) return 0;
    }
    int digit = 0, address = 0, clock = 0, run = 0, year = 0;
    for (size_t i = line.start; i < line.end; i++) {
        digit |= is_digit(text[i]);
        run = is_digit(text[i]) ? run + 1 : 0;
        year |= run == 4;
        address |= text[i] == '@';
        clock |= text[i] == ':' && i > line.start && is_digit(text[i - 1]) && i + 1 < line.end && is_digit(text[i + 1]);
    }
    *end = line.end;
    *next = line.next;
    *strong = address || (clock && year);
    return (digit || address) && holds(text, line.start, line.end, verb);
}

/* ---- headers of an earlier message ---- */

static int is_separator(const char *text, text_line line) {
    static const char *const titles[] = {
        "original message", "forwarded message", "urspr\xc3\xbcngliche nachricht", "originalnachricht",
        "weitergeleitete nachricht", "message d'origine", "message original", "message transf\xc3\xa9r\xc3\xa9",
        "mensaje original", "mensaje reenviado", "messaggio originale", "mensagem original", "oorspronkelijk bericht",
        "reply above this line", "reply message",
    };
    size_t at = line.start;
    if (line.end - line.start > 120) return 0;
    if (begins(text, at, line.end, "begin forwarded message:")) return 1;
    size_t dashes = 0;
    while (at < line.end && (text[at] == '-' || text[at] == ' ' || text[at] == '#')) dashes += text[at++] != ' ';
    if (dashes < 2) return 0;
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        if (holds(text, at, at + 24 < line.end ? at + 48 < line.end ? at + 48 : line.end : line.end, titles[i])) return 1;
    return 0;
}

enum { HEAD_FROM = 1, HEAD_SENT = 2, HEAD_TO = 4, HEAD_SUBJECT = 8, HEAD_OTHER = 16 };

static int header_key(const char *text, text_line line) {
    static const struct { const char *key; int what; } keys[] = {
        {"from", HEAD_FROM}, {"von", HEAD_FROM}, {"de", HEAD_FROM}, {"da", HEAD_FROM}, {"van", HEAD_FROM}, {"sent", HEAD_SENT},
        {"date", HEAD_SENT}, {"gesendet", HEAD_SENT}, {"datum", HEAD_SENT}, {"envoy\xc3\xa9", HEAD_SENT},
        {"envoy\xc3\xa9 le", HEAD_SENT}, {"enviado", HEAD_SENT}, {"enviado el", HEAD_SENT}, {"fecha", HEAD_SENT},
        {"inviato", HEAD_SENT}, {"to", HEAD_TO}, {"an", HEAD_TO}, {"\xc3\xa0", HEAD_TO}, {"\xc3\x80", HEAD_TO},
        {"para", HEAD_TO}, {"a", HEAD_TO}, {"aan", HEAD_TO}, {"subject", HEAD_SUBJECT}, {"betreff", HEAD_SUBJECT},
        {"objet", HEAD_SUBJECT}, {"asunto", HEAD_SUBJECT}, {"assunto", HEAD_SUBJECT}, {"oggetto", HEAD_SUBJECT},
        {"onderwerp", HEAD_SUBJECT}, {"cc", HEAD_OTHER}, {"bcc", HEAD_OTHER}, {"reply-to", HEAD_OTHER},
        {"importance", HEAD_OTHER},
    };
    size_t at = line.start;
    while (at < line.end && text[at] == '*') at++; /* bold in mails turned to text */
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (!begins(text, at, line.end, keys[i].key)) continue;
        size_t colon = at + strlen(keys[i].key);
        while (colon < line.end && (text[colon] == ' ' || text[colon] == '*' || text[colon] == '\xc2' || text[colon] == '\xa0'))
            colon++;
        if (colon < line.end && text[colon] == ':') return keys[i].what;
    }
    return 0;
}

/* Two of date, recipient and subject below a sender make a header; "From: ... To: ... Date: ..." alone may be about a journey. */
static int is_header(const char *text, size_t n, text_line line, size_t *end, size_t *next) {
    if (header_key(text, line) != HEAD_FROM) return 0;
    int seen = HEAD_FROM, address = 0, gaps = 0;
    text_line at = line;
    for (int i = 0; i < HEADER_LINES; i++) {
        int key = at.start < at.end ? header_key(text, at) : 0;
        if (!key && (at.start < at.end || ++gaps > 2)) break;
        if (key) {
            seen |= key;
            *end = at.end;
            *next = at.next;
            address |= memchr(text + at.start, '@', at.end - at.start < 400 ? at.end - at.start : 400) != NULL;
        }
        if (at.next >= n) break;
        at = line_at(text, n, at.next);
    }
    int parts = !!(seen & HEAD_SENT) + !!(seen & HEAD_TO) + !!(seen & HEAD_SUBJECT);
    return parts >= 2 && (address || (seen & HEAD_SUBJECT));
}

/* ---- signatures ---- */

/* *end, *next: of the lines that belong to it. Without the blank of "-- " all that follows must be short. */
static int is_signature(const char *text, size_t n, text_line line, size_t raw_end, size_t *end, size_t *next) {
    if (line.end - line.start != 2 || text[line.start] != '-' || text[line.start + 1] != '-') return 0;
    int exact = raw_end - line.start == 3 && text[line.start + 2] == ' ', lines = 0;
    *end = line.end;
    *next = line.next;
    for (size_t at = line.next; at < n;) {
        text_line more = line_at(text, n, at);
        size_t unused;
        int strong;
        at = more.next;
        if (more.start >= more.end) continue;
        if (is_quoted(text, more) || is_separator(text, more) || is_attribution(text, n, more, &unused, &unused, &strong))
            return 1;
        if (more.end - more.start > SIGNATURE_BYTES || lines == SIGNATURE_LINES) return exact;
        *end = more.end;
        *next = more.next;
        lines++;
    }
    return 1;
}

/* "Sent from my iPhone" and its kin. */
static int is_device_line(const char *text, text_line line) {
    static const char *const always[] = {
        "get outlook for ", "sent from yahoo mail", "sent from mail for windows", "sent from outlook", "outlook f\xc3\xbcr ",
        "obtenir outlook pour ", "obtenez outlook pour ", "t\xc3\xa9l\xc3\xa9" "charger outlook pour ", "obtener outlook para ",
        "gesendet von mail f\xc3\xbcr ", "gesendet von outlook", "envoy\xc3\xa9 \xc3\xa0 partir de outlook",
        "provenance : courrier pour windows", "enviado desde outlook", "enviado desde correo para windows",
        "holen sie sich outlook f\xc3\xbcr ", "beziehen sie outlook f\xc3\xbcr ", "descargar outlook para ",
        "sent from proton mail", "sent from aol",
    };
    static const char *const perhaps[] = {
        "sent from my ",     "sent from a",           "sent via ",
        "sent using ",       "von meinem ",           "von meiner ",
        "gesendet von ",     "gesendet mit ",         "diese nachricht wurde von mein",
        "envoy\xc3\xa9 de ", "envoy\xc3\xa9 depuis ", "envoy\xc3\xa9 \xc3\xa0 partir d",
        "enviado desde ",    "enviado de ",           "mobil gesendet",
    };
    static const char *const devices[] = {
        "iphone", "ipad", "ipod", "android", "samsung", "galaxy", "phone", "mobile", "device", "tablet", "blackberry", "huawei",
        "pixel", "xiaomi", "redmi", "nokia", "windows", "mail", "outlook", "yahoo", "gmail", "verizon", "t-mobile", "at&t",
        "motorola", "handy", "t\xc3\xa9l\xc3\xa9phone", "tel\xc3\xa9" "fono", "m\xc3\xb3vil", "dispositivo", "appareil",
        "portable", "ger\xc3\xa4t", "gmx", "web.de", "orange", "oneplus", "smartphone",
    };
    if (line.end - line.start > DEVICE_BYTES) return 0;
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        if (begins(text, line.start, line.end, always[i])) return 1;
    for (size_t i = 0; i < sizeof perhaps / sizeof *perhaps; i++) {
        if (!begins(text, line.start, line.end, perhaps[i]) || ew_text_count_words(text, line.start, line.end, 11) > 10) continue;
        for (size_t k = 0; k < sizeof devices / sizeof *devices; k++)
            if (holds(text, line.start + strlen(perhaps[i]), line.end, devices[k])) return 1;
    }
    return 0;
}

/* ---- a line of the writer's own ---- */

static ew_status own_line(scanner *it, text_line line) {
    ew_status status = EW_OK;
    size_t from = line.start;
    ew_range repost;
    for (size_t at = from; status == EW_OK && ew_text_next_repost(it->text, line.end, &at, &repost); from = at) {
        if (!it->own) it->own = ew_text_has_content(it->text, from, repost.start);
        it->truly = 1;
        status = ew_ranges_add(it->out, repost.start, repost.end, it->err);
    }
    if (!it->own) it->own = ew_text_has_content(it->text, from, line.end);
    it->listing = it->text[line.end - 1] == ':' && !memchr(it->text + line.start, '@', line.end - line.start);
    return status;
}

/* ---- the pass ---- */

/* A message of someone else begins: all of it where own words came before, else (a forwarded mail) its head only. */
static ew_status earlier_message(scanner *it, size_t start, size_t end, size_t *next) {
    if (it->own) *next = it->n;
    return ew_ranges_add(it->out, start, it->own ? it->n : end, it->err);
}

static ew_status quotes(scanner *it) {
    ew_status status = EW_OK;
    size_t next;
    for (size_t at = 0; status == EW_OK && at < it->n; at = next) {
        text_line line = line_at(it->text, it->n, at);
        size_t end = line.end, unused, raw_end = ew_text_line_end(it->text, it->n, at, &unused);
        int strong = 0, attributed = 0;
        next = line.next;
        if (line.start >= line.end) continue;
        size_t pasted = ew_text_pasted_end(it->text, it->n, line.start, line.end, &it->pasted);
        if (pasted) {
            next = pasted;
            status = ew_ranges_add(it->out, line.start, pasted, it->err);
        } else if (is_quoted(it->text, line)) {
            status = quoted_run(it, line, &next);
        } else if (is_separator(it->text, line) || is_header(it->text, it->n, line, &end, &next)) {
            status = earlier_message(it, line.start, end, &next);
        } else if (is_attribution(it->text, it->n, line, &end, &next, &strong)) {
            text_line below = line_at(it->text, it->n, next);
            if (below.start >= below.end && below.next < it->n) below = line_at(it->text, it->n, below.next);
            if (is_quoted(it->text, below)) {
                it->truly = attributed = 1;
                status = ew_ranges_add(it->out, line.start, end, it->err);
            } else if (strong) {
                status = earlier_message(it, line.start, end, &next);
            } else {
                next = line.next;
                it->own = 1;
            }
        } else if (is_device_line(it->text, line)) {
            it->truly = 1;
            status = ew_ranges_add(it->out, line.start, end, it->err);
        } else if (it->own && is_signature(it->text, it->n, line, raw_end, &end, &next)) {
            status = ew_ranges_add(it->out, line.start, end, it->err);
        } else if (ew_text_is_printed(it->text, line.start, line.end)) {
            status = ew_ranges_add(it->out, line.start, line.end, it->err);
        } else {
            status = own_line(it, line);
        }
        it->attributed = attributed;
    }
    return status;
}

static int content_outside(const char *text, size_t n, const ew_ranges *ranges) {
    size_t at = 0;
    for (uint32_t i = 0; i < ranges->n; i++) {
        if (ew_text_has_content(text, at, ranges->items[i].start)) return 1;
        at = ranges->items[i].end;
    }
    return ew_text_has_content(text, at, n);
}

/* Boilerplate lines of what the quotes leave, merged with them into `out`. */
static ew_status add_boilerplate(const char *text, size_t n, const ew_boilerplate *all, const ew_ranges *quoted, ew_ranges *out,
                                 ew_error *err) {
    ew_line_scratch scratch = EW_LINE_SCRATCH_INIT;
    ew_status status = EW_OK;
    uint32_t k = 0;
    out->n = 0;
    for (size_t at = 0, next; status == EW_OK && at < n; at = next) {
        if (k < quoted->n && at >= quoted->items[k].start) {
            status = ew_ranges_add(out, quoted->items[k].start, quoted->items[k].end, err);
            next = quoted->items[k++].end;
            continue;
        }
        size_t far = k < quoted->n ? quoted->items[k].start : n;
        size_t start = at, end = ew_text_line_end(text, far, at, &next);
        ew_text_trim(text, &start, &end);
        if (start < end) status = ew_boilerplate_mask_line(all, text, start, end, &scratch, out, err);
    }
    ew_line_scratch_free(&scratch);
    return status;
}

ew_status ew_text_masks(const char *text, size_t n, const ew_boilerplate *boilerplate, ew_ranges *out, ew_error *err) {
    ew_ranges quoted = {NULL, 0, 0};
    int lines = boilerplate && ew_boilerplate_lines(boilerplate);
    scanner it = {.text = text, .n = n, .out = lines ? &quoted : out, .err = err};
    out->n = 0;
    ew_status status = quotes(&it);
    /* one line of '>', a signature or code is not all of a comment */
    if (status == EW_OK && it.out->n && !it.truly && it.quoted_lines < 2 && !content_outside(text, n, it.out)) it.out->n = 0;
    if (status == EW_OK && lines) status = add_boilerplate(text, n, boilerplate, &quoted, out, err);
    ew_ranges_free(&quoted);
    return status;
}
