/* One stage alone, from input to file: families, which want the corpus (alone_text.c has the stages that do not). */
#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/output.h"
#include "mining.h"

ew_status ew_alone(const ew_input *inputs, size_t n, const ew_options *options, const char *path, uint64_t *n_out,
                   ew_alone_fn body, ew_error *err) {
    ew_mining m;
    ew_status status = ew_mining_begin(&m, inputs, n, options, err);
    if (status == EW_OK) {
        double begun = ew_wall();
        status = ew_stage_read(&m, err);
        ew_stopwatch_add(&m.run->timings, "read", begun);
    }
    uint64_t written = 0;
    if (status == EW_OK) status = body(&m, path, &written, err);
    if (n_out) *n_out = written;
    if (m.run) ew_remember_timings(&m.run->timings);
    ew_mining_end(&m);
    return status;
}

/* ---- families ---- */

static ew_status family_line(const ew_run *run, uint32_t f, ew_buffer *line, ew_error *err) {
    static const char *const kinds[] = {"copy", "template", "campaign"};
    const ew_families *all = &run->families;
    ew_status status;
    EW_TRY(ew_buffer_printf(line, err, "{\"family\":\"%s\",\"rows\":[", run->family_ids[f]));
    for (uint64_t i = all->start[f]; i < all->start[f + 1]; i++)
        EW_TRY(ew_buffer_printf(line, err, "%s%u", i > all->start[f] ? "," : "", all->rows[i]));
    EW_TRY(ew_buffer_append(line, "],\"ids\":[", 9, err));
    for (uint64_t i = all->start[f]; i < all->start[f + 1]; i++) {
        const char *id = ew_corpus_id(&run->corpus, all->rows[i]);
        if (i > all->start[f]) EW_TRY(ew_buffer_append(line, ",", 1, err));
        EW_TRY(ew_json_string(line, id, strlen(id), err));
    }
    EW_TRY(ew_buffer_printf(line, err, "],\"kind\":\"%s\"}\n", kinds[all->kind[f]]));
done:
    return status;
}

static ew_status families_body(ew_mining *m, const char *path, uint64_t *n_out, ew_error *err) {
    ew_output out = {.file = -1};
    ew_buffer line = EW_BUFFER_INIT(EW_BUFFER_ANY);
    ew_status status;
    EW_TRY(ew_output_open(&out, path, err));
    double begun = ew_wall();
    EW_TRY(ew_mining_tick(m, "families", 0, 0, err));
    EW_TRY(ew_stage_families(m, err));
    ew_stopwatch_add(&m->run->timings, "families", begun);
    EW_TRY(ew_name_families(m->run, err));
    for (uint32_t f = 0; f < m->run->families.n; f++) {
        ew_buffer_clear(&line);
        EW_TRY(family_line(m->run, f, &line, err));
        EW_TRY(ew_output_write(&out, line.data, line.length, err));
    }
    EW_TRY(ew_output_commit(&out, err));
    *n_out = m->run->families.n;
done:
    ew_output_abandon(&out);
    ew_buffer_free(&line);
    return status;
}

ew_status ew_families_file(const ew_input *inputs, size_t n, const ew_options *options, const char *path, uint64_t *n_out,
                           ew_error *err) {
    return ew_alone(inputs, n, options, path, n_out, families_body, err);
}
