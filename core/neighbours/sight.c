#include "sight.h"

#include <string.h>

#include "../base/alloc.h"
#include "../kernels/kernels.h"

enum { WANTED = 2048, /* tiles in sight */ WIDE = 512 /* groups of one product */ };

void ew_sight_free(ew_sight *sight) {
    ew_free(sight->memory);
    ew_free(sight->memory_of_tiles);
    *sight = (ew_sight){0};
}

ew_status ew_sight_init(const ew_vectors *vectors, const ew_tiles *index, ew_sight *out, ew_error *err) {
    size_t rows = (size_t)EW_SIGHT_MOST * vectors->stride,
           bytes = rows + index->n_groups * (sizeof *out->group + sizeof *out->place) + 64;
    *out = (ew_sight){.vectors = vectors, .index = index, .memory = ew_alloc(bytes, 1)};
    if (!out->memory) return ew_fail_memory(err, bytes, "neighbour lists");
    out->rows = (int8_t *)(((uintptr_t)out->memory + 63) & ~(uintptr_t)63);
    out->group = (uint64_t *)(void *)(out->rows + rows);
    out->place = (uint32_t *)(void *)(out->group + index->n_groups);
    return EW_OK;
}

ew_status ew_sight_runs(const ew_tiles *index, uint32_t **begin, uint32_t *n, ew_error *err) {
    *begin = ew_alloc((size_t)index->n_tiles + 1, sizeof **begin);
    if (!*begin) return ew_fail_memory(err, ((size_t)index->n_tiles + 1) * sizeof **begin, "neighbour lists");
    *n = 0;
    for (uint32_t c = 0; c < index->n_tiles;) {
        (*begin)[(*n)++] = c;
        uint32_t first = index->tile[c];
        while (c < index->n_tiles && index->tile[c] - first < EW_SIGHT_ROWS) c++;
    }
    (*begin)[*n] = index->n_tiles;
    return EW_OK;
}

/* group [groups]: those nearest to any of the tiles first. */
static void rank_groups(ew_sight *s, uint32_t begin, uint32_t end) {
    const ew_tiles *t = s->index;
    uint32_t stride = s->vectors->stride, groups = t->n_groups, most = groups < WANTED ? groups : WANTED;
    int32_t dots[WIDE];
    memset(s->place, 0xff, groups * sizeof *s->place); /* the best that any tile gave it */
    for (uint32_t c = begin; c < end; c++) {
        for (uint32_t g = 0; g < groups; g += WIDE) {
            uint32_t wide = groups - g < WIDE ? groups - g : WIDE;
            ew_kernels_get()->dot_i8(t->tiles.rows + (size_t)c * stride, 1, t->groups.rows + (size_t)g * stride, wide, stride,
                                     dots);
            for (uint32_t i = 0; i < wide; i++) s->group[g + i] = ew_near_key(dots[i], g + i);
        }
        ew_near_select(s->group, groups, most);
        ew_near_sort(s->group, most);
        for (uint32_t i = 0; i < most; i++) {
            uint32_t g = ew_near_row(s->group[i]);
            if (i < s->place[g]) s->place[g] = i;
        }
    }
    for (uint32_t g = 0; g < groups; g++)
        s->group[g] = ew_near_key(s->place[g] == EW_NONE ? INT32_MIN : -(int32_t)s->place[g], g);
    ew_near_sort(s->group, groups);
}

static ew_status make_room(ew_sight *s, uint32_t tiles, ew_error *err) {
    if (tiles <= s->room) return EW_OK;
    size_t middles = (size_t)tiles * s->vectors->stride, dots = (size_t)tiles * EW_SIGHT_BLOCK * sizeof *s->dots,
           bytes = 64 + middles + dots + tiles * (sizeof *s->nearest + sizeof *s->tile + sizeof *s->hits);
    ew_free(s->memory_of_tiles);
    s->room = 0;
    if (!(s->memory_of_tiles = ew_alloc(bytes, 1))) return ew_fail_memory(err, bytes, "neighbour lists");
    s->middles = (int8_t *)(((uintptr_t)s->memory_of_tiles + 63) & ~(uintptr_t)63);
    s->nearest = (uint64_t *)(void *)(s->middles + middles);
    s->dots = (int32_t *)(void *)(s->nearest + tiles);
    s->tile = (uint32_t *)(s->dots + (size_t)tiles * EW_SIGHT_BLOCK);
    s->hits = s->tile + tiles;
    s->room = tiles;
    return EW_OK;
}

ew_status ew_sight_turn(ew_sight *s, uint32_t begin, uint32_t end, uint64_t least, ew_error *err) {
    const ew_tiles *t = s->index;
    uint32_t stride = s->vectors->stride, tiles = 0;
    uint64_t rows = 0;
    s->first = t->tile[begin];
    s->n_rows = t->tile[end] - s->first;
    s->floor = INT32_MIN;
    for (uint32_t i = 0; i < s->n_rows; i++)
        memcpy(s->rows + (size_t)i * stride, s->vectors->rows + (size_t)t->rows[s->first + i] * stride, stride);
    if (t->n_tiles <= WANTED) {
        tiles = t->n_tiles;
        memset(s->place, 0, t->n_groups * sizeof *s->place);
    } else {
        rank_groups(s, begin, end);
        memset(s->place, 0xff, t->n_groups * sizeof *s->place);
        for (uint32_t i = 0; i < t->n_groups && (tiles < WANTED || rows <= least); i++) {
            uint32_t g = ew_near_row(s->group[i]);
            s->place[g] = 0;
            tiles += t->group[g + 1] - t->group[g];
            rows += t->tile[t->group[g + 1]] - t->tile[t->group[g]];
        }
    }
    ew_status status = make_room(s, tiles, err);
    if (status != EW_OK) return status;
    s->n = 0;
    for (uint32_t g = 0; g < t->n_groups; g++) {
        uint32_t c = t->group[g], many = t->group[g + 1] - c;
        if (s->place[g]) continue;
        memcpy(s->middles + (size_t)s->n * stride, t->tiles.rows + (size_t)c * stride, (size_t)many * stride);
        while (many--) s->tile[s->n++] = c++;
    }
    return EW_OK;
}

void ew_sight_look(ew_sight *s, uint32_t at, uint32_t n) {
    uint32_t stride = s->vectors->stride;
    ew_kernels_get()->dot_i8(s->rows + (size_t)at * stride, n, s->middles, s->n, stride, s->dots);
}

/* Rows ask in the order of their tiles, so that one is much like the one before: what is near enough for that is nearly all that
 * has to be looked at. Where it is too little, everything is. */
void ew_sight_nearest(ew_sight *s, uint32_t i, uint32_t most) {
    const int32_t *dots = s->dots + (size_t)i * s->n;
    uint32_t n = ew_kernels_get()->at_least(dots, s->n, s->floor, s->hits);
    if (n < most) n = ew_kernels_get()->at_least(dots, s->n, INT32_MIN, s->hits);
    int32_t top = INT32_MIN, least = INT32_MAX;
    for (uint32_t h = 0; h < n; h++) s->nearest[h] = ew_near_key(dots[s->hits[h]], s->hits[h]);
    ew_near_select(s->nearest, n, most);
    for (uint32_t h = 0; h < most; h++) {
        int32_t dot = ew_near_dot(s->nearest[h]);
        top = dot > top ? dot : top;
        least = dot < least ? dot : least;
    }
    s->floor = least - (top - least) / 4; /* of products of int8 rows: far from any border */
}
