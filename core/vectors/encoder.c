/* Token lists -> vectors by whichever encoder there is. */
#include "deep.h"
#include "student.h"

uint32_t ew_encoder_width(const ew_encoder *encoder) {
    return encoder->deep ? ew_deep_shape_of(encoder->deep)->width : encoder->model->d; /* the student's is the static model's */
}

/* What a student has learned of meaning is soon drowned by the words that a subject has in common; a table needs these more, and
 * the deep encoder bears them (docs/decisions.md). */
float ew_encoder_corpus_weight(const ew_encoder *encoder) { return encoder->student ? .4f : .5f; }

ew_status ew_encode(const ew_encoder *e, const ew_token_lists *lists, ew_pool *pool, float *out, ew_error *err) {
    if (e->deep) return ew_deep_embed(e->deep, lists, pool, e->progress, e->progress_data, out, err);
    if (e->student) return ew_student_embed(e->student, lists, pool, e->progress, e->progress_data, out, err);
    return ew_static_embed(e->model, lists, pool, out, err);
}
