#include "cost.h"

#include "needs/needs.h"

/* Fitted with bench/plan.py and bench/scale.py on 1,000 to 1,000,000 comments of some ten to twenty words, two threads, AVX-512
 * with VNNI: bytes a unit of analysis that is searched exactly; of all and each where an index is asked and large arrays lie in
 * files; of a unit, and of one in the test, while there are decoys (two at a time); bytes a byte of text;
 * seconds a unit of what is done once, and of each pass (the corpus, its sample, and each decoy, is one) a unit, a pair, or
 * a unit that asks the index; the deep encoder's, seconds a multiplication of a token's way through it. */
static const double FIXED_BYTES = 26e6, UNIT_BYTES = 3100, INDEX_BYTES = 85e6, INDEXED_BYTES = 720, KEPT_BYTES = 300;
static const double TRIAL_BYTES = 2400, TEXT_BYTES = 1.2, INDEXED_TEXT_BYTES = .3;
static const double ONCE_SECONDS = 3.2e-5, UNIT_SECONDS = 1.4e-5, PAIR_SECONDS = 1.8e-9, INDEX_SECONDS = 1.7e-5;
static const double TRIAL_INDEX_SECONDS = 6e-6; /* in the test, which asks less of it: shorter lists, no fringe, no stability */
static const double STEP_SECONDS = 1.8e-12;
static const double OPEN_BYTES = 20e6; /* of a run that only begins: beside the weights in both forms while they are read */

/* Multiplications of one token: four square matrices and two of the inner width a layer, and attention to the others. */
static double steps(const ew_deep_shape *s, double tokens_a_text) {
    double w = s->width;
    return s->layers * (4 * w * w + 2 * w * s->inner + 2 * w * tokens_a_text);
}

/* The fullest moment: when the weights are read, floats in, int8 and int16 out; or later, with the rest of the run. */
static double deep_bytes(const ew_work *work, const ew_deep_shape *s, double with_static) {
    double w = s->width, layers = s->layers * (4 * w * w + 2 * w * s->inner), words = (double)s->vocab * w;
    double packed = layers + 2 * words, first = OPEN_BYTES + work->text_bytes + packed + (double)sizeof(float) * (layers + words);
    double later = with_static + packed + work->units * w * (double)sizeof(float);
    return first > later ? first : later;
}

/* How many corpora of the size of the test are gone through beside the whole: the decoys, and the sample itself. */
static double trials(const ew_work *work) { return work->decoys ? work->decoys + (work->tested < work->units) : 0; }

/* Seconds of one pass over so many units, without its encoder: all pairs, or an index, of which a unit asks only so much. */
static double pass(double units, double exact, double index) {
    return units * (UNIT_SECONDS + (units <= exact ? units * PAIR_SECONDS : index));
}
static double trial(const ew_work *work) {
    return pass(work->tested, work->tested < work->units ? EW_EXACT_SAMPLE : EW_EXACT_ROWS, TRIAL_INDEX_SECONDS);
}

/* The fullest moment is a graph of all units, or a few decoys beside what is kept of them. */
static double static_bytes(const ew_work *work) {
    int indexed = work->units > EW_EXACT_ROWS;
    double graphs = indexed ? INDEX_BYTES + work->units * INDEXED_BYTES : work->units * UNIT_BYTES;
    double trial = work->decoys ? work->units * KEPT_BYTES + work->tested * TRIAL_BYTES : 0;
    return FIXED_BYTES + (graphs > trial ? graphs : trial) + work->text_bytes * (indexed ? INDEXED_TEXT_BYTES : TEXT_BYTES);
}

ew_cost ew_cost_of(const ew_work *work, const ew_deep_shape *shape) {
    double units = work->units;
    ew_cost cost = {.seconds = units * ONCE_SECONDS + pass(units, EW_EXACT_ROWS, INDEX_SECONDS) + trials(work) * trial(work),
                    .bytes = static_bytes(work)};
    if (shape) {
        double most = shape->most_tokens, mean = units > 0 ? work->tokens / units : 0;
        if (mean > most) mean = most;
        cost.seconds += (units + trials(work) * work->tested) * mean * steps(shape, mean) * STEP_SECONDS;
        cost.bytes = deep_bytes(work, shape, cost.bytes);
    }
    return cost;
}
