/* Which sentence of a long comment is shown. */
#include "../../core/assemble.h"
#include "../../core/base/alloc.h"
#include "leaks.h"
#include "make_corpus.h"

/* What is shown of the text, a comment of one unit, for the words. */
static void assert_shown(const char *text, const char *const *words, uint32_t n_words, const char *expected) {
    ew_error err;
    ew_run run = {.corpus = make_corpus(&text, NULL, 1)};
    uint32_t zero = 0, end = (uint32_t)strlen(text);
    ew_mining m = {.run = &run, .units = {.n = 1, .comment = &zero, .start = &zero, .end = &end}};
    ew_span span;
    cr_assert_eq(ew_best_sentence(&m, 0, words, n_words, &span, &err), EW_OK, "%s", err.message);
    cr_expect(span.end - span.start >= strlen(expected) && memcmp(text + span.start, expected, strlen(expected)) == 0, "%.*s",
              (int)(span.end - span.start), text + span.start);
    ew_ranges_free(&m.sentences[0]);
    ew_free(m.sentences);
    ew_corpus_free(&run.corpus);
}

#define LONG "Each of them taught us how to reach the beach, the peach trees and the coach that teaches patience to all. "
#define MORE "Nothing else happened on that day, and we went home by the road that we had come by in the morning. "

Test(exemplars, a_word_is_no_part_of_another) {
    assert_shown(LONG MORE "The ach draft came twice. " MORE, (const char *const[]){"ach", "draft"}, 2, "The ach draft");
    assert_shown(LONG MORE "The ACH came twice. " MORE, (const char *const[]){"ach", "draft"}, 2, "The ACH came");
    assert_shown(LONG MORE MORE, (const char *const[]){"ach"}, 1, "Each of them"); /* no sentence has it: the first */
    assert_no_leaks();
}

Test(exemplars, in_other_forms_of_writing) {
    assert_shown(LONG MORE "Those pop-ups again. " MORE, (const char *const[]){"ups"}, 1, "Those pop-ups");
    assert_shown(LONG MORE "It can't be. " MORE, (const char *const[]){"can"}, 1, "It can't");
    assert_shown(LONG MORE "On me pr\xc3\xa9l\xc3\xa8ve encore. " MORE, (const char *const[]){"preleve"}, 1, "On me pr");
    assert_shown(LONG MORE "The first weighs most. Ach and draft. " MORE, (const char *const[]){"first", "draft", "ach"}, 3,
                 "The first");
    assert_no_leaks();
}
