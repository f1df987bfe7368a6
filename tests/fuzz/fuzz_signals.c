/* Any bytes as a sentence, and any bytes as a pattern file: cues lie inside the sentence on the borders of characters, the
 * same call gives the same answer, and what compiles also runs. The first byte chooses which. */
#include <stdlib.h>
#include <string.h>

#include "../../core/needs/cue_files.h"
#include "../../core/needs/signals.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds) {
    if (!holds) abort();
}

typedef struct seen { uint32_t start, end, n; uint64_t sum; } seen;

static void note(void *context, uint32_t number, const ew_pattern *pattern, uint32_t start, uint32_t end) {
    seen *s = context;
    must(start >= s->start && start <= end && end <= s->end);
    must(pattern->kind >= 0 && pattern->kind < EW_PATTERN_KINDS && pattern->line > 0);
    s->sum = s->sum * 31 + number + start * 7u + end;
    s->n++;
}

static void compile(const char *text, size_t n) {
    ew_patterns *patterns = NULL;
    ew_error err = {0};
    size_t half = n / 2; /* the second half is matched with the first */
    ew_pattern_lines lines = {"fuzz", text, half, 0, 0};
    ew_status status = ew_patterns_compile(&lines, 1, &patterns, &err);
    must((status == EW_OK) == (patterns != NULL));
    must(status == EW_OK || (status == EW_INPUT && err.message[0]) || status == EW_RESOURCE);
    if (!patterns) return;
    seen first = {(uint32_t)half, (uint32_t)n, 0, 0}, again = first;
    ew_patterns_match(patterns, text, (uint32_t)half, (uint32_t)n, note, &first);
    ew_patterns_match(patterns, text, (uint32_t)half, (uint32_t)n, note, &again);
    must(first.n == again.n && first.sum == again.sum);
    ew_patterns_free(patterns);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const languages[] = {"en", "fr", "es", "de", "ja", "", "xx"};
    static ew_signals *signals;
    if (!signals) must(ew_signals_create(NULL, &signals, NULL) == EW_OK);
    if (size < 2) return 0;
    char *text = malloc(size); /* of its own, so that a read beyond it is seen */
    must(text != NULL);
    size_t n = size - 2;
    memcpy(text, data + 2, n);
    if (data[0] % 8 == 7) {
        compile(text, n);
        ew_cue_languages own;
        ew_error err = {0};
        ew_status status = ew_cue_languages_build(&own, "fuzz", text, n, &err);
        must(status == EW_OK || (status == EW_INPUT && err.message[0]) || status == EW_RESOURCE);
        ew_cue_languages_free(&own);
    } else {
        uint32_t start = n ? data[1] % (uint32_t)n : 0;
        ew_sentence_signals got, again;
        must(ew_signals_of(signals, text, n, start, (uint32_t)n, languages[data[0] % 8], &got, NULL) == EW_OK);
        must(ew_signals_of(signals, text, n, start, (uint32_t)n, languages[data[0] % 8], &again, NULL) == EW_OK);
        must(memcmp(&got, &again, sizeof got) == 0);
        must(got.need >= 0 && got.need <= 1 && got.n_cues <= 16);
        for (uint32_t i = 0; i < got.n_cues; i++) {
            ew_cue_span cue = got.cues[i];
            must(cue.start >= start && cue.start < cue.end && cue.end <= n && cue.kind >= 0 && cue.kind < EW_CUE_KINDS);
            must((text[cue.start] & 0xc0) != 0x80); /* words begin with a whole character */
        }
    }
    free(text);
    return 0;
}
