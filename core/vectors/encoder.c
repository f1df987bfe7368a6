/* Token lists -> vectors by whichever encoder there is. */
#include "deep.h"

uint32_t ew_encoder_width(const ew_encoder *encoder) {
    return encoder->deep ? ew_deep_shape_of(encoder->deep)->width : encoder->model->d;
}

ew_status ew_encode(const ew_encoder *encoder, const ew_token_lists *lists, ew_pool *pool, float *out, ew_error *err) {
    if (!encoder->deep) return ew_static_embed(encoder->model, lists, pool, out, err);
    return ew_deep_embed(encoder->deep, lists, pool, encoder->progress, encoder->progress_data, out, err);
}
