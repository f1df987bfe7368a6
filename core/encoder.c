/* Which encoder makes a run's vectors, and why. */
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "cost.h"
#include "mining.h"
#include "vectors/student.h"

/* What all-MiniLM-L6-v2 is: for telling what a deep encoder would take where there is none. */
static const ew_deep_shape COMMON = {.layers = 6, .width = 384, .heads = 12, .inner = 1536, .vocab = 30522, .most_tokens = 256};

static ew_status check_vocabulary(const char *path, const ew_deep_shape *shape, ew_error *err) {
    size_t n = (size_t)(ew_builtin_vocab_end - ew_builtin_vocab);
    if (shape->vocabulary == ew_hash(ew_builtin_vocab, n, 0)) return EW_OK;
    return ew_fail_at(err, EW_INPUT, path, 0, 0,
                      "its vocabulary is not that of bert-base-uncased, which is the one there is a tokenizer for");
}

ew_status ew_encoder_look(const ew_options *options, ew_deep_shape *out, ew_error *err) {
    *out = (ew_deep_shape){0};
    if (!options->deep || options->encoder == EW_ENCODER_STATIC || options->encoder == EW_ENCODER_STUDENT || options->vectors ||
        options->model)
        return EW_OK;
    ew_status status = ew_deep_look(options->deep, out, err);
    return status == EW_OK ? check_vocabulary(options->deep, out, err) : status;
}

ew_status ew_encoder_open(const char *path, ew_deep **out, ew_error *err) {
    ew_status status = ew_deep_open(path, EW_DEEP_INT8, out, err);
    if (status == EW_OK) status = check_vocabulary(path, ew_deep_shape_of(*out), err);
    if (status == EW_OK) return EW_OK;
    ew_deep_close(*out);
    *out = NULL;
    return status;
}

ew_status ew_encoder_start(ew_mining *m, const char *name, const char **digest, ew_error *err) {
    ew_status status = EW_OK;
    *digest = m->model.digest;
    if (strcmp(name, "deep") == 0) {
        EW_TRY(ew_encoder_open(m->run->options.deep, &m->deep, err));
        *digest = ew_deep_digest(m->deep);
    } else if (strcmp(name, "student") == 0) {
        EW_TRY(ew_student_open(NULL, &m->model, &m->student, err));
        *digest = ew_student_digest(m->student);
    }
    m->encoder = (ew_encoder){.model = &m->model, .deep = m->deep, .student = m->student};
done:
    return status;
}

static unsigned long long whole(double x) { return (unsigned long long)(x + .999); }

enum { MOST_TESTED = 200000, FEWEST_TESTED = 5000, STEP = 1000 };

/* Units in the test, whatever the budget: all that are searched exactly; beyond, two in five, so that a group needs 10 for 4 in
 * the sample and ten decoys cost about three times the rest; MOST_TESTED at most. */
static double usual_test(double units) {
    double some = (double)(uint64_t)(units * 2 / 5);
    if (units <= EW_EXACT_ROWS) return units;
    return some < EW_EXACT_ROWS ? EW_EXACT_ROWS : some < MOST_TESTED ? some : MOST_TESTED;
}

/* The largest sample for the test, in steps, with which the deep encoder stays within the budget; the least where none does. */
static double largest_test(const ew_deep_shape *shape, ew_work work, double most, double budget) {
    work.tested = most;
    if (most <= FEWEST_TESTED || ew_cost_of(&work, shape).seconds <= budget) return most;
    double low = FEWEST_TESTED / STEP, high = most / STEP;
    while (high - low > 1) { /* low fits, or is the least; high does not */
        double middle = (double)(uint64_t)((low + high) / 2);
        work.tested = middle * STEP;
        if (ew_cost_of(&work, shape).seconds <= budget) low = middle;
        else high = middle;
    }
    return low * STEP;
}

ew_choice ew_encoder_choose(const ew_options *o, const ew_deep_shape *given, const ew_work *asked) {
    const ew_deep_shape *shape = given->layers ? given : &COMMON;
    ew_work work = *asked;
    double most = usual_test(work.units);
    ew_choice c = {.deep = 0};
    work.tested = most;
    c.cheap = ew_cost_of(&work, NULL);
    work.tested = largest_test(shape, work, most, (double)o->budget);
    c.dear = ew_cost_of(&work, shape);
    unsigned long long seconds = whole(c.dear.seconds), budget = o->budget;
    c.name = "static";
    if (o->vectors) {
        c.name = "vectors";
        snprintf(c.why, sizeof c.why, "vectors: they were given");
    } else if (o->encoder == EW_ENCODER_STATIC) {
        snprintf(c.why, sizeof c.why, "static: as asked");
    } else if (o->encoder == EW_ENCODER_STUDENT) {
        c.name = "student";
        snprintf(c.why, sizeof c.why, "student: as asked");
    } else if (o->model) {
        snprintf(c.why, sizeof c.why, "static: a static model was given");
    } else if (!given->layers) {
        snprintf(c.why, sizeof c.why, "static: no weights of a deep encoder were found");
    } else if (o->encoder == EW_ENCODER_DEEP) {
        c.deep = 1;
        snprintf(c.why, sizeof c.why, "deep: as asked; about %llu s expected", seconds);
    } else if (c.dear.seconds > (double)budget) {
        snprintf(c.why, sizeof c.why, "static: deep would take about %llu s, budget %llu", seconds, budget);
    } else if (o->memory && c.dear.bytes > (double)o->memory) {
        snprintf(c.why, sizeof c.why, "static: deep would need about %llu MB, memory %llu", whole(c.dear.bytes / 1e6),
                 (unsigned long long)(o->memory / 1000000));
    } else {
        c.deep = 1;
        snprintf(c.why, sizeof c.why, "deep: about %llu of %llu s expected", seconds, budget);
    }
    c.test_rows = (uint32_t)most;
    if (!c.deep) return c;
    c.name = "deep";
    c.test_rows = (uint32_t)work.tested;
    if (work.decoys && work.tested < work.units) {
        size_t told = strlen(c.why);
        snprintf(c.why + told, sizeof c.why - told, "; test on a sample of %u rows", c.test_rows);
    }
    return c;
}

ew_status ew_stage_encoder(ew_mining *m, ew_error *err) {
    ew_run *run = m->run;
    const ew_options *o = &run->options;
    ew_work work = {.units = m->units.n, .decoys = o->vectors ? 0 : o->decoys};
    ew_deep_shape shape;
    ew_status status = ew_encoder_look(o, &shape, err);
    if (status != EW_OK) return status;
    uint64_t most = shape.layers ? shape.most_tokens - 2 : UINT64_MAX;
    for (uint32_t i = 0; i < run->corpus.n; i++) work.text_bytes += run->corpus.text_length[i];
    for (uint32_t i = 0; i < m->lists.n; i++) {
        uint64_t n = m->lists.start[i + 1] - m->lists.start[i];
        if (n) work.tokens += (double)(n < most ? n : most) + 2;
    }
    ew_choice choice = ew_encoder_choose(o, &shape, &work);
    const ew_cost *cost = choice.deep ? &choice.dear : &choice.cheap;
    if (o->memory && cost->bytes > (double)o->memory)
        return ew_fail(err, EW_RESOURCE,
                       "the run would need about %.0f MB, --memory allows %.0f MB; give it more, or split the input",
                       cost->bytes / 1e6, (double)o->memory / 1e6);
    run->encoder = choice.name;
    m->test_rows = choice.test_rows;
    return ew_run_keep(run, choice.why, strlen(choice.why), &run->encoder_why, err);
}
