#include "sight.h"

#include <string.h>

#include "../base/alloc.h"
#include "../kernels/kernels.h"

enum { WANTED = 2048, /* tiles in sight */ WIDE = 512, /* groups of one product */
       CHUNK = 128 /* tiles looked at at a time */ };

void ew_sight_free(ew_sight *sight) {
    ew_free(sight->memory);
    ew_free(sight->memory_of_tiles);
    ew_free(sight->nearest);
    *sight = (ew_sight){0};
}

ew_status ew_sight_init(const ew_vectors *vectors, const ew_tiles *index, ew_sight *out, ew_error *err) {
    size_t packed = (size_t)(EW_SIGHT_MOST + EW_SIFT_LANES) * vectors->stride * ew_sift_get()->width,
           hits = (size_t)EW_SIGHT_MOST * CHUNK + EW_SIFT_SPARE,
           bytes = 64 + packed + hits * sizeof *out->hits + index->n_groups * (sizeof *out->group + sizeof *out->place);
    *out = (ew_sight){.vectors = vectors, .index = index, .memory = ew_alloc(bytes, 1)};
    if (!out->memory) return ew_fail_memory(err, bytes, "neighbour lists");
    out->packed = (int8_t *)(((uintptr_t)out->memory + 63) & ~(uintptr_t)63);
    out->group = (uint64_t *)(void *)(out->packed + packed);
    out->hits = (ew_sift_hit *)(void *)(out->group + index->n_groups);
    out->place = (uint32_t *)(void *)(out->hits + hits);
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
    size_t middles = (size_t)tiles * s->vectors->stride, bytes = 64 + middles + (size_t)tiles * (3 * sizeof *s->tile + 1);
    ew_free(s->memory_of_tiles);
    s->room = 0;
    if (!(s->memory_of_tiles = ew_alloc(bytes, 1))) return ew_fail_memory(err, bytes, "neighbour lists");
    s->tile = (uint32_t *)(void *)((int8_t *)(((uintptr_t)s->memory_of_tiles + 63) & ~(uintptr_t)63) + middles);
    s->asked = s->tile + tiles;
    s->rank = s->asked + tiles;
    s->taken = (uint8_t *)(s->rank + tiles);
    s->room = tiles;
    return EW_OK;
}

ew_status ew_sight_turn(ew_sight *s, uint32_t begin, uint32_t end, uint64_t least, ew_error *err) {
    const ew_tiles *t = s->index;
    uint32_t tiles = 0, stride = s->vectors->stride;
    uint64_t rows = 0;
    s->first = t->tile[begin];
    s->n_rows = t->tile[end] - s->first;
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
    int8_t *middles = (int8_t *)(((uintptr_t)s->memory_of_tiles + 63) & ~(uintptr_t)63);
    s->n = 0;
    for (uint32_t g = 0; g < t->n_groups; g++) {
        uint32_t c = t->group[g], many = t->group[g + 1] - c;
        if (s->place[g]) continue;
        if (tiles < t->n_tiles)
            memcpy(middles + (size_t)s->n * stride, t->tiles.rows + (size_t)c * stride, (size_t)many * stride);
        while (many--) s->tile[s->n++] = c++;
    }
    s->middles = tiles < t->n_tiles ? middles : t->tiles.rows;
    return EW_OK;
}

/* floor: that of the `most`-th of the tiles that stand beside the rows' own. Those are near, so little else gets past them. */
static void look_around(ew_sight *s, uint32_t at, uint32_t n, int32_t *floor) {
    enum { AROUND = 64 };
    int32_t dots[EW_SIGHT_PARTY * AROUND];
    uint32_t low = 0, high = s->n, own = s->first + at, stride = s->vectors->stride;
    for (uint32_t i = 0; i < n; i++) floor[i] = INT32_MIN;
    if (s->n <= AROUND || s->most > AROUND / 2) return;
    while (high - low > 1) { /* the last tile in sight that does not begin behind the first of the rows */
        uint32_t middle = (low + high) / 2;
        if (s->index->tile[s->tile[middle]] <= own) low = middle;
        else high = middle;
    }
    low = low < AROUND / 2 ? 0 : low + AROUND / 2 > s->n ? s->n - AROUND : low - AROUND / 2;
    ew_kernels_get()->dot_i8(s->vectors->rows + (size_t)own * stride, n, s->middles + (size_t)low * stride, AROUND, stride, dots);
    for (uint32_t i = 0; i < n; i++) floor[i] = ew_near_reached(dots + (size_t)i * AROUND, AROUND, s->most);
}

static ew_status start_look(ew_sight *s, uint32_t most, ew_error *err) {
    const int8_t *rows[EW_SIGHT_MOST];
    uint32_t room;
    s->most = most < s->n ? most : s->n;
    room = 2 * s->most + CHUNK / 4 + CHUNK;
    if (room > s->room_of_row) {
        ew_free(s->nearest);
        s->room_of_row = 0;
        s->nearest = ew_alloc((size_t)EW_SIGHT_MOST * room, sizeof *s->nearest);
        if (!s->nearest) return ew_fail_memory(err, (size_t)EW_SIGHT_MOST * room * sizeof *s->nearest, "neighbour lists");
        s->room_of_row = room;
    }
    for (uint32_t i = 0; i < s->n_rows; i++) rows[i] = s->vectors->rows + (size_t)(s->first + i) * s->vectors->stride;
    ew_sift_get()->pack(rows, s->n_rows, s->vectors->stride, s->packed);
    return EW_OK;
}

ew_status ew_sight_look(ew_sight *s, uint32_t most, ew_error *err) {
    uint32_t held[EW_SIGHT_MOST] = {0}, stride = s->vectors->stride;
    int32_t floor[EW_SIGHT_MOST];
    ew_status status = start_look(s, most, err);
    if (status != EW_OK) return status;
    for (uint32_t at = 0; at < s->n_rows; at += EW_SIGHT_PARTY)
        look_around(s, at, s->n_rows - at < EW_SIGHT_PARTY ? s->n_rows - at : EW_SIGHT_PARTY, floor + at);
    for (uint32_t c = 0; c < s->n; c += CHUNK) {
        uint32_t hits = ew_sift_get()->sift(s->packed, floor, s->n_rows, s->middles + (size_t)c * stride, NULL,
                                            s->n - c < CHUNK ? s->n - c : CHUNK, stride, s->hits);
        for (uint32_t h = 0; h < hits; h++) {
            uint32_t row = s->hits[h].row;
            s->nearest[(size_t)row * s->room_of_row + held[row]++] = ew_near_key(s->hits[h].dot, c + s->hits[h].target);
        }
        for (uint32_t i = 0; i < s->n_rows; i++) {
            if (held[i] < 2 * s->most + CHUNK / 4) continue;
            held[i] = ew_near_thin(s->nearest + (size_t)i * s->room_of_row, held[i], s->most, &floor[i]);
        }
    }
    for (uint32_t i = 0; i < s->n_rows; i++) {
        ew_near_select(s->nearest + (size_t)i * s->room_of_row, held[i], s->most);
        ew_near_sort(s->nearest + (size_t)i * s->room_of_row, s->most);
    }
    return EW_OK;
}

void ew_sight_party(ew_sight *s, uint32_t at) {
    uint32_t n = s->n_rows - at < EW_SIGHT_PARTY ? s->n_rows - at : EW_SIGHT_PARTY;
    uint32_t cap = s->most > EW_SIGHT_TILES ? s->most : EW_SIGHT_TILES;
    memset(s->taken, 0, s->n);
    s->n_asked = 0;
    for (uint32_t p = 0; p < s->most; p++)
        for (uint32_t i = at; i < at + n && s->n_asked < cap; i++) {
            uint32_t slot = ew_near_row(s->nearest[(size_t)i * s->room_of_row + p]);
            if (s->taken[slot]) continue;
            s->taken[slot] = 1;
            s->asked[s->n_asked] = slot;
            s->rank[s->n_asked++] = p;
        }
}
