/* assign: what was in the run comes back as it was; what was not goes to the nearest; a file that is not whole is refused. */
#define _GNU_SOURCE /* mkdtemp */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "../../core/base/alloc.h"
#include "../../core/base/hash.h"
#include "../../core/base/random.h"
#include "../../core/context/places.h"
#include "../../core/context/places_inside.h"
#include "../../core/vectors/import.h"
#include "leaks.h"

static ew_error err;
static char folder[] = "/tmp/ew-assign-XXXXXX", path[64];

static void begin(void) { cr_assert(mkdtemp(folder)); }

static void end(void) {
    static const char *const names[] = {"needs.jsonl", "themes.jsonl", "comments.jsonl", "run.json", "edgewise.db",
                                        "report.html", "model.bin",    "out",            "other",    "whole"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        remove(path);
    }
    cr_expect(rmdir(folder) == 0, "something else was left in the folder");
}

TestSuite(assign, .init = begin, .fini = end, .timeout = 60);

/* Comments of a few subjects, two groups at the fringe, copies and boilerplate; `head` begins every text. */
static ew_buffer make_comments(uint32_t n, const char *head) {
    static const char *const things[] = {"machine", "app", "grinder", "water tank", "delivery", "milk frother", "invoice"};
    static const char *const states[] = {"leaks", "stopped working", "is far too loud", "arrived late", "looks lovely"};
    static const char *const ends[] = {"since the update", "after two weeks", "in our kitchen", "on mondays"};
    static const char *const edges[] = {"I keep a folded towel under the spout because it drips on the counter",
                                        "My mother cannot read the tiny letters so I turn the knob for her"};
    ew_buffer out = EW_BUFFER_INIT(EW_BUFFER_ANY);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t r = ew_random(7, 1, i, 0);
        const char *thing = things[r % 7], *state = states[r / 8 % 5], *last = ends[r / 64 % 4], *other = things[r / 512 % 7];
        ew_status status = ew_buffer_printf(&out, &err, "{\"id\":\"c%u\",\"customer\":\"u%u\",\"text\":\"%s", i, i / 2, head);
        if (status == EW_OK && i % 50 == 7) status = ew_buffer_printf(&out, &err, "ok");
        else if (status == EW_OK && i % 9 == 4)
            status = ew_buffer_printf(&out, &err, "%s, %s %s.", edges[i / 9 % 2], thing, last);
        else if (status == EW_OK)
            status = ew_buffer_printf(&out, &err, "The %s %s %s. Our %s was fine.", thing, state, last, other);
        if (status == EW_OK && i % 5 == 0)
            status = ew_buffer_printf(&out, &err, "\\nCase number %u was opened by the customer desk of Tarrow", i);
        if (status == EW_OK) status = ew_buffer_append(&out, "\"}\n", 3, &err);
        cr_assert_eq(status, EW_OK);
    }
    return out;
}

static ew_options options_of(int threads) {
    ew_options options;
    ew_options_init(&options);
    options.threads = threads;
    options.decoys = 1;
    return options;
}

static void mine(const ew_buffer *lines) {
    ew_input input = {"made-up.jsonl", lines->data, lines->length};
    ew_options options = options_of(2);
    ew_run *run;
    cr_assert_eq(ew_mine(&input, 1, &options, &run, &err), EW_OK, "%s", err.message);
    cr_assert_eq(ew_run_write(run, folder, &err), EW_OK, "%s", err.message);
    ew_run_free(run);
}

static const char *in_folder(const char *name) {
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static ew_bytes slurp(const char *name) {
    ew_bytes bytes;
    cr_assert_eq(ew_bytes_read(in_folder(name), "made", &bytes, &err), EW_OK, "%s", err.message);
    return bytes;
}

static void spill(const char *name, const void *bytes, size_t n) {
    FILE *file = fopen(in_folder(name), "wb");
    cr_assert(file);
    cr_assert_eq(fwrite(bytes, 1, n, file), n);
    fclose(file);
}

static ew_status assign(const ew_buffer *lines, const ew_options *options, const char *name, uint64_t *n) {
    ew_input input = {"later.jsonl", lines->data, lines->length};
    char out[64];
    snprintf(out, sizeof out, "%s/%s", folder, name);
    return ew_assign_file(folder, &input, 1, options, out, n, &err);
}

/* The value of a field of the line at *at, up to the next comma or brace, lists included. */
static void field(const char *line, const char *key, char out[512]) {
    char want[40];
    snprintf(want, sizeof want, "\"%s\":", key);
    const char *stop = strchr(line, '\n'), *from = strstr(line, want);
    out[0] = 0;
    if (!from || from > stop) return;
    from += strlen(want);
    size_t n = *from == '[' ? strcspn(from, "]") + 1 : *from == '"' ? strcspn(from + 1, "\"") + 2 : strcspn(from, ",}");
    cr_assert_lt(n, 512);
    memcpy(out, from, n);
    out[n] = 0;
}

/* alone: only comments that are in no family of the run a, and in a theme. */
static uint32_t count_same(const ew_bytes *a, const ew_bytes *b, const char *key, int alone, uint32_t *lines) {
    const char *x = a->data, *y = b->data;
    uint32_t same = 0;
    *lines = 0;
    while (x < a->data + a->n && y < b->data + b->n) {
        char left[512], right[512], family[512], theme[512];
        field(x, "family", family);
        field(x, "theme", theme);
        field(x, key, left);
        field(y, key, right);
        int counts = !alone || (strcmp(family, "null") == 0 && strcmp(theme, "null") != 0);
        *lines += (uint32_t)counts;
        same += counts && strcmp(left, right) == 0;
        x = strchr(x, '\n') + 1;
        y = strchr(y, '\n') + 1;
    }
    cr_assert(x == a->data + a->n && y == b->data + b->n, "different numbers of lines");
    return same;
}

static ew_bytes terminated(const char *name) {
    ew_bytes bytes = slurp(name);
    char *more = ew_realloc(bytes.data, bytes.n + 1, 1);
    cr_assert(more);
    more[bytes.n] = 0;
    return (ew_bytes){more, bytes.n};
}

Test(assign, what_was_in_the_run_comes_back_as_it_was) {
    ew_buffer lines = make_comments(900, "");
    mine(&lines);
    ew_options options = options_of(2);
    uint64_t n;
    cr_assert_eq(assign(&lines, &options, "out", &n), EW_OK, "%s", err.message);
    cr_assert_eq(n, 900);
    ew_bytes run = terminated("comments.jsonl"), got = terminated("out");
    static const char *const keys[] = {"id", "theme", "need", "needs", "noise", "fringe", "lang"};
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
        uint32_t all, same = count_same(&run, &got, keys[k], 0, &all);
        cr_expect(same == 900 && all == 900, "%s: %u of %u", keys[k], same, all);
    }
    cr_expect(strstr(run.data, "\"need\":\"n_") && strstr(got.data, "\"known\":true") && !strstr(got.data, "\"known\":false"));
    ew_bytes_free(&run);
    ew_bytes_free(&got);
    ew_buffer_free(&lines);
    assert_no_leaks();
}

Test(assign, what_says_the_same_in_other_bytes_goes_to_the_same_place) {
    ew_buffer lines = make_comments(900, ""), other = make_comments(900, "\xe2\x98\x85 "); /* a star is no token */
    mine(&lines);
    ew_options options = options_of(2);
    cr_assert_eq(assign(&other, &options, "out", NULL), EW_OK, "%s", err.message);
    ew_bytes run = terminated("comments.jsonl"), got = terminated("out");
    uint32_t all, themes = count_same(&run, &got, "theme", 1, &all), needs = count_same(&run, &got, "need", 1, &all);
    cr_expect(!strstr(got.data, "\"known\":true"));
    cr_expect(all > 100 && themes * 10 >= all * 9 && needs * 10 >= all * 9, "themes %u, needs %u of %u", themes, needs, all);
    ew_bytes_free(&run);
    ew_bytes_free(&got);
    ew_buffer_free(&lines);
    ew_buffer_free(&other);
    assert_no_leaks();
}

Test(assign, something_else_is_a_lone_voice_and_nothing_is_nothing) {
    ew_buffer lines = make_comments(300, ""), later = EW_BUFFER_INIT(EW_BUFFER_ANY), none = EW_BUFFER_INIT(EW_BUFFER_ANY);
    mine(&lines);
    ew_options options = options_of(1);
    uint64_t n;
    static const char text[] = "{\"text\":\"astronomers photographed a comet beyond Jupiter\"}\n{\"text\":\"\"}\n"
                               "{\"id\":\"x\",\"text\":\"the grinder is far too loud\"}\n";
    cr_assert_eq(ew_buffer_append(&later, text, sizeof text - 1, &err), EW_OK);
    cr_assert_eq(assign(&later, &options, "out", &n), EW_OK, "%s", err.message);
    ew_bytes got = terminated("out");
    cr_expect_eq(n, 3);
#define NOWHERE "\"theme\":null,\"fringe\":null,\"need\":null,\"noise\":"
    cr_expect(strstr(got.data, "{\"id\":\"row-0\"," NOWHERE "\"lone voice\""), "%s", got.data);
    cr_expect(strstr(got.data, "{\"id\":\"row-1\"," NOWHERE "\"empty\""), "%s", got.data);
    cr_expect(strstr(got.data, "{\"id\":\"x\",\"theme\":\"t_"), "%s", got.data);
    ew_bytes_free(&got);
    cr_assert_eq(ew_buffer_printf(&none, &err, "{\"text\":\"\"}\n"), EW_OK);
    mine(&none); /* a run of one empty comment has no theme at all */
    cr_assert_eq(assign(&later, &options, "out", &n), EW_OK, "%s", err.message);
    cr_expect_eq(n, 3);
    ew_buffer_free(&lines);
    ew_buffer_free(&later);
    ew_buffer_free(&none);
    assert_no_leaks();
}

Test(assign, the_same_bytes_for_any_number_of_threads) {
    ew_buffer lines = make_comments(300, ""), other = make_comments(9000, "Again. ");
    mine(&lines);
    ew_options one = options_of(1);
    cr_assert_eq(assign(&other, &one, "out", NULL), EW_OK, "%s", err.message);
    ew_bytes want = slurp("out");
    for (int threads = 2; threads <= 8; threads += 3) {
        ew_options options = options_of(threads);
        cr_assert_eq(assign(&other, &options, "other", NULL), EW_OK, "%s", err.message);
        ew_bytes got = slurp("other");
        cr_expect(got.n == want.n && memcmp(got.data, want.data, got.n) == 0, "%d threads", threads);
        ew_bytes_free(&got);
    }
    ew_bytes_free(&want);
    ew_buffer_free(&lines);
    ew_buffer_free(&other);
    assert_no_leaks();
}

/* ---- hostile ---- */

static void refused(const ew_buffer *lines, const char *why) {
    ew_options options = options_of(1);
    uint64_t n = 1;
    err.message[0] = 0;
    cr_expect_eq(assign(lines, &options, "out", &n), EW_INPUT, "%s", why);
    cr_expect(strstr(err.message, why) && n == 0, "wanted '%s': %s", why, err.message);
}

/* Gives a changed file the digest of its bytes, so that what follows the digest is reached. */
static void spill_with_digest(char *bytes, size_t n) {
    uint64_t digest = ew_places_digest(0, bytes, n - 8);
    memcpy(bytes + n - 8, &digest, 8);
    spill("model.bin", bytes, n);
}

Test(assign, a_file_that_is_not_whole_is_refused) {
    ew_buffer lines = make_comments(300, "");
    mine(&lines);
    ew_bytes good = slurp("model.bin");
    ew_places_head head;
    memcpy(&head, good.data, sizeof head);
    char *bad = malloc(good.n);
    cr_assert(bad);
    for (size_t cut = 1; cut < good.n; cut += 1 + good.n / 40) {
        spill("model.bin", good.data, cut);
        refused(&lines, "is not whole");
    }
    for (size_t at = sizeof head; at < good.n; at += 1 + good.n / 40) {
        memcpy(bad, good.data, good.n);
        bad[at] ^= 4;
        spill("model.bin", bad, good.n);
        refused(&lines, "its digest");
    }
    memcpy(bad, good.data, good.n);
    bad[0] ^= 1;
    spill_with_digest(bad, good.n);
    refused(&lines, "its first bytes");
    memcpy(bad, good.data, good.n);
    memcpy(bad + offsetof(ew_places_head, version), "9.9", 4);
    spill_with_digest(bad, good.n);
    refused(&lines, "another version");
    memcpy(bad, good.data, good.n);
    float nan = NAN;
    memcpy(bad + sizeof head, &nan, 4);
    spill_with_digest(bad, good.n);
    refused(&lines, "a number");
    memcpy(bad, good.data, good.n);
    memcpy(bad + offsetof(ew_places_head, model), "0123456789abcdef", 16);
    spill_with_digest(bad, good.n);
    refused(&lines, "was made with model 0123456789abcdef");
    uint64_t many[] = {0, 1, 0xfffffffe, 0xffffffff, (uint64_t)1 << 40, UINT64_MAX};
    for (size_t i = 0; i < sizeof many / sizeof *many; i++)
        for (size_t at = offsetof(ew_places_head, n_terms); at < sizeof head; at += 8) {
            memcpy(bad, good.data, good.n);
            if (memcmp(bad + at, &many[i], 8) == 0) continue;
            memcpy(bad + at, &many[i], 8);
            spill_with_digest(bad, good.n);
            refused(&lines, "is not whole");
        }
    remove(in_folder("model.bin"));
    refused(&lines, "cannot open");
    ew_bytes_free(&good);
    free(bad);
    ew_buffer_free(&lines);
    assert_no_leaks();
}

Test(assign, other_encoders_are_asked_for) {
    ew_buffer lines = make_comments(300, "");
    mine(&lines);
    ew_bytes good = slurp("model.bin");
    memcpy(good.data + offsetof(ew_places_head, encoder), "deep\0\0\0", 8);
    spill_with_digest(good.data, good.n);
    refused(&lines, "--weights");
    memcpy(good.data + offsetof(ew_places_head, encoder), "vectors", 8);
    spill_with_digest(good.data, good.n);
    refused(&lines, "vectors given in");
    ew_bytes_free(&good);
    ew_buffer_free(&lines);
    assert_no_leaks();
}

Test(assign, fails_cleanly_wherever_memory_ends) {
    ew_buffer lines = make_comments(120, ""), other = make_comments(40, "Also. ");
    mine(&lines);
    ew_options options = options_of(2);
    ew_status status = EW_RESOURCE;
    int tries = 0;
    for (uint64_t nth = 1; status != EW_OK; nth += 1 + nth / 12, tries++) {
        ew_alloc_fail_after(nth);
        status = assign(&other, &options, "out", NULL);
        ew_alloc_fail_after(0);
        cr_assert(status == EW_OK || status == EW_RESOURCE, "the %d-th: %d, %s", (int)nth, (int)status, err.message);
    }
    cr_assert_gt(tries, 20);
    ew_buffer_free(&lines);
    ew_buffer_free(&other);
    assert_no_leaks();
}

/* ---- boilerplate by name ---- */

Test(assign, a_line_is_known_by_its_name) {
    ew_boilerplate *all, *named;
    uint64_t name;
    const char *text = "I am asking again.\nTicket 1234 was opened by our customer desk";
    cr_assert_eq(ew_boilerplate_create(&all, &err), EW_OK);
    for (uint32_t i = 0; i < 40; i++) cr_assert_eq(ew_boilerplate_add(all, text, strlen(text), i + 1, i, &err), EW_OK);
    ew_boilerplate_close(all, 40);
    cr_assert_eq(ew_boilerplate_lines(all), 1);
    ew_boilerplate_names(all, &name);
    cr_assert_eq(ew_boilerplate_of_names(&name, 1, &named, &err), EW_OK);
    const char *later = "Ticket 77 was opened by our customer desk\nMy own words.";
    ew_ranges masks = {0}, want = {0};
    cr_assert_eq(ew_text_masks(later, strlen(later), all, &want, &err), EW_OK);
    cr_assert_eq(ew_text_masks(later, strlen(later), named, &masks, &err), EW_OK);
    cr_expect(masks.n == 1 && want.n == 1 && masks.items[0].start == want.items[0].start && masks.items[0].end == 41);
    ew_ranges_free(&masks);
    ew_ranges_free(&want);
    ew_boilerplate_free(all);
    ew_boilerplate_free(named);
    assert_no_leaks();
}
