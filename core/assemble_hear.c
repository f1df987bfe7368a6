#include "assemble_hear.h"

#include "base/alloc.h"

enum { CHUNK = 256 }; /* units a task */
static const double ASKS = .5;
static const unsigned OPEN = EW_CUES_QUIET | 1u << EW_CUE_ABSENCE;

_Static_assert(EW_CUE_KINDS <= 8, "kinds of a unit are bits of a byte");

typedef struct listening { const ew_mining *m; const uint32_t *units; uint32_t kept; ew_hearing *out; } listening;

static ew_status listen(const listening *l, uint32_t i, ew_range sentence, ew_error *err) {
    const ew_mining *m = l->m;
    uint32_t comment = m->units.comment[l->units[i]];
    ew_view text = ew_corpus_text(&m->run->corpus, comment);
    ew_heard *unit = &l->out->units[i];
    ew_sentence_signals said;
    ew_status status;
    EW_TRY(ew_signals_of(m->signals, text.data, text.length, sentence.start, sentence.end, m->run->lang[comment], &said, err));
    unit->asks |= (double)said.need >= ASKS;
    unit->denies |= ew_text_denies(text.data + sentence.start, sentence.end - sentence.start) != 0;
    unit->open |= unit->asks;
    for (uint32_t c = 0; c < said.n_cues; c++) {
        unit->kinds |= (uint8_t)(1u << said.cues[c].kind);
        unit->open |= (unit->kinds & OPEN) != 0;
        if (i >= l->kept) continue;
        ew_cue cue = {comment, said.cues[c].start, said.cues[c].end, said.cues[c].kind};
        EW_TRY(ew_buffer_append(&l->out->cues[i / CHUNK], &cue, sizeof cue, err));
        unit->n++;
    }
done:
    return status;
}

static ew_status hear_chunk(void *context, uint64_t task, int worker, ew_error *err) {
    (void)worker;
    const listening *l = context;
    const ew_mining *m = l->m;
    ew_ranges sentences = {0};
    uint32_t cut = EW_NONE, at = 0; /* the comment that is cut into sentences; the first that was not heard yet */
    ew_status status = EW_OK;
    for (uint32_t i = (uint32_t)(task * CHUNK); i < ew_chunk_end(task, CHUNK, l->out->n); i++) {
        uint32_t unit = l->units[i], comment = m->units.comment[unit];
        l->out->units[i].first = (uint32_t)(l->out->cues[task].length / sizeof(ew_cue));
        if (cut != comment) {
            sentences.n = at = 0;
            EW_TRY(ew_sentences_of(&m->run->corpus, m->boilerplate, comment, &sentences, err));
            cut = comment;
        }
        while (at < sentences.n && sentences.items[at].start < m->units.start[unit]) at++;
        for (; at < sentences.n && sentences.items[at].end <= m->units.end[unit]; at++)
            EW_TRY(listen(l, i, sentences.items[at], err));
    }
done:
    ew_ranges_free(&sentences);
    return status;
}

ew_status ew_hear(const ew_mining *m, const uint32_t *units, uint32_t n, uint32_t kept, ew_hearing *out, ew_error *err) {
    listening l = {m, units, kept, out};
    *out = (ew_hearing){.n = n, .n_chunks = (uint32_t)ew_chunks(n, CHUNK)};
    out->units = ew_calloc(n, sizeof *out->units);
    out->cues = ew_calloc(out->n_chunks, sizeof *out->cues);
    if (!out->units || !out->cues) return ew_fail_memory(err, n * sizeof *out->units, "what is heard");
    for (uint32_t t = 0; t < out->n_chunks; t++) out->cues[t] = (ew_buffer)EW_BUFFER_INIT(EW_BUFFER_ANY);
    return ew_pool_run(m->pool, out->n_chunks, hear_chunk, &l, err);
}

const ew_cue *ew_heard_cues(const ew_hearing *hearing, uint32_t i) {
    const ew_cue *cues = (const ew_cue *)(const void *)hearing->cues[i / CHUNK].data;
    return hearing->units[i].n ? cues + hearing->units[i].first : NULL;
}

void ew_hearing_free(ew_hearing *hearing) {
    for (uint32_t t = 0; hearing->cues && t < hearing->n_chunks; t++) ew_buffer_free(&hearing->cues[t]);
    ew_free(hearing->cues);
    ew_free(hearing->units);
}
