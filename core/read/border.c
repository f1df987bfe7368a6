#define _GNU_SOURCE /* memrchr */
#include "../kernels/scan.h"
#include "inside.h"

/* Where a window may be cut: behind a line break that ends a record. What is found is what the steps would find. */

static ew_status ignore(void *owner, uint64_t line, uint64_t byte, const char *why, ew_error *err) {
    (void)owner, (void)line, (void)byte, (void)why, (void)err;
    return EW_OK;
}

/* By the steps themselves, which keep nothing. */
static size_t by_steps(ew_window *window) {
    ew_window probe = *window;
    ew_record record;
    ew_step step = EW_STEP_AGAIN;
    size_t border = window->begin;
    probe.looking = true;
    probe.reject = ignore;
    while (probe.begin < probe.end && ew_window_step(&probe, &record, &step, NULL) == EW_OK && step != EW_STEP_MORE)
        border = probe.begin;
    window->skipping = probe.skipping && border == window->end;
    return border;
}

enum { STRIPE = 64 }; /* words of 64 bytes looked at together */

typedef struct masks { uint64_t quotes[STRIPE], breaks[STRIPE], delimiters[STRIPE], returns[STRIPE]; } masks;

/* What the bytes before a word say about it: 0, or 1 for its first byte; `inside`: 0 or all ones. */
typedef struct before { uint64_t inside, opener, closed, returned; } before;

static uint64_t prefix_xor(uint64_t x) {
    for (int shift = 1; shift < 64; shift *= 2) x ^= x << shift;
    return x;
}

/* The line breaks outside quotes in one word, of which the bytes `valid` count. *bad gets a bit for what no record written by the
 * rules has: a quote that opens in the middle of a field, or one that closes before its end. */
static uint64_t outside(uint64_t q, uint64_t n, uint64_t d, uint64_t r, uint64_t valid, before *b, uint64_t *bad) {
    uint64_t inside = prefix_xor(q) ^ b->inside, opens = q & inside, closes = q & ~inside, border = n | d | q;
    uint64_t behind = closes << 1 | b->closed;   /* bytes behind a closing quote */
    uint64_t returned = (behind & r) << 1 | b->returned; /* bytes behind a \r there */
    *bad |= ((opens & ~(border << 1 | b->opener)) | (behind & ~(border | r)) | (returned & ~n)) & valid;
    *b = (before){.inside = (uint64_t)0 - (inside >> 63), .opener = border >> 63, .closed = closes >> 63,
                  .returned = (behind & r) >> 63};
    return n & ~inside;
}

/* By counting quotes: exact as long as all of them are where they should be. False: some are not. */
static bool by_quotes(const ew_window *window, size_t *border) {
    masks m;
    before b = {.opener = 1};
    ew_scan_fn scan = ew_scan_get();
    size_t n = window->end - window->begin, words = n / 64 + 1;
    const char *p = window->data + window->begin;
    uint64_t bad = 0;
    *border = window->begin;
    for (size_t done = 0; done < words; done += STRIPE) {
        size_t some = words - done < STRIPE ? words - done : STRIPE;
        const unsigned char delimiter = (unsigned char)window->csv.delimiter;
        scan(p + 64 * done, some, (ew_scan_set){'"', '"', '"', 0}, m.quotes);
        scan(p + 64 * done, some, (ew_scan_set){'\n', '\n', '\n', 0}, m.breaks);
        scan(p + 64 * done, some, (ew_scan_set){delimiter, delimiter, delimiter, 0}, m.delimiters);
        scan(p + 64 * done, some, (ew_scan_set){'\r', '\r', '\r', 0}, m.returns);
        for (size_t w = 0; w < some; w++) {
            uint64_t valid = done + w < n / 64 ? UINT64_MAX : ((uint64_t)1 << (n % 64)) - 1;
            uint64_t found = outside(m.quotes[w], m.breaks[w], m.delimiters[w], m.returns[w], valid, &b, &bad);
            if (found) *border = window->begin + 64 * (done + w) + 64 - (size_t)__builtin_clzll(found);
        }
        if (bad) return false;
    }
    return true;
}

/* Where no field begins with a quote, every line of TSV is a record. */
static bool has_enclosed(const ew_window *window) {
    const char *begin = window->data + window->begin, *end = window->data + window->end;
    for (const char *p = begin; (p = memchr(p, '"', (size_t)(end - p))); p++)
        if (p == begin || p[-1] == window->csv.delimiter || p[-1] == '\n') return true;
    return false;
}

static size_t last_line(ew_window *window, size_t old) {
    size_t n = window->end - window->begin;
    const char *from = window->data + window->begin + old, *found = n > old ? memrchr(from, '\n', n - old) : NULL;
    return found ? (size_t)(found - window->data) + 1 : window->begin;
}

size_t ew_border_find(ew_window *window, size_t old) {
    size_t n = window->end - window->begin, border;
    if (window->form == EW_FORM_JSONL) {
        border = last_line(window, old);
        if (window->end - border <= window->max_line) return border;
        window->skipping = true; /* the rest is too long whatever follows */
        return window->end;
    }
    if (n <= window->max_line) {
        if (!window->csv.loose && by_quotes(window, &border)) return border;
        if (window->csv.loose && !has_enclosed(window)) return last_line(window, 0);
    }
    return by_steps(window);
}
