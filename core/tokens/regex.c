/* Backtracking with a memory: a branch that failed at a place fails there always (nothing is captured), so it is tried once. */
#include "regex_inside.h"

#include <string.h>
#include <utf8proc.h>

#include "../base/alloc.h"
#include "../base/utf8.h"
#include "classes.h"

static int one_case(const ew_regex *regex, const ew_regex_set *set, uint32_t point) {
    for (uint32_t i = 0; i < set->n; i++) {
        const ew_regex_item *item = &regex->items[set->first + i];
        int in = 0;
        switch (item->kind) {
        case EW_REGEX_RANGE:
            in = point >= item->first && point <= item->last;
            break;
        case EW_REGEX_CATEGORY:
            in = (ew_class_category(point) & item->first) != 0;
            break;
        case EW_REGEX_SPACE:
            in = ew_class_space(point);
            break;
        case EW_REGEX_WORD:
            in = ew_class_word(point);
            break;
        case EW_REGEX_SUBSET:
            in = ew_regex_has(regex, item->first, point);
            break; /* always of a lower number */
        }
        if (in != item->not) return 1;
    }
    return 0;
}

int ew_regex_has(const ew_regex *regex, uint32_t number, uint32_t point) {
    const ew_regex_set *set = &regex->sets[number];
    int in = one_case(regex, set, point);
    if (!in && set->fold) {
        uint32_t lower[2];
        if (ew_class_lower(point, lower) == 1 && lower[0] != point) in = one_case(regex, set, lower[0]);
        if (!in) in = one_case(regex, set, (uint32_t)utf8proc_toupper((utf8proc_int32_t)point));
        if (!in && point == 0x17f) in = one_case(regex, set, 's');
        if (!in && point == 0x212a) in = one_case(regex, set, 'k');
    }
    return in != set->not;
}

static inline int has(const ew_regex *regex, uint32_t number, uint32_t point) {
    if (point < 0x80) return (int)(regex->sets[number].ascii[point >> 6] >> (point & 63) & 1);
    return ew_regex_has(regex, number, point);
}

ew_status ew_regex_begin(const ew_regex *regex, ew_regex_room *room, size_t n, ew_error *err) {
    size_t words = ((n + 1) * regex->n_branches + 63) / 64;
    if (words > room->seen_words) {
        ew_free(room->seen);
        room->seen = ew_alloc(words + words / 2, sizeof *room->seen);
        room->seen_words = room->seen ? words + words / 2 : 0;
        if (!room->seen) return ew_fail_memory(err, words * 8, "an expression");
    }
    if (words) memset(room->seen, 0, words * sizeof *room->seen);
    room->stack_n = 0;
    return EW_OK;
}

void ew_regex_room_free(ew_regex_room *room) {
    ew_free(room->seen);
    ew_free(room->stack);
    *room = (ew_regex_room){0};
}

static ew_status push(ew_regex_room *room, uint32_t pc, size_t at, ew_error *err) {
    if (room->stack_n == room->stack_capacity) {
        size_t capacity = room->stack_capacity * 2 + 64;
        uint64_t *stack = ew_realloc(room->stack, capacity, sizeof *stack);
        if (!stack) return ew_fail_memory(err, capacity * sizeof *stack, "an expression");
        room->stack = stack;
        room->stack_capacity = capacity;
    }
    room->stack[room->stack_n++] = (uint64_t)at << 12 | pc;
    return EW_OK;
}

static inline uint32_t point_at(const char *text, size_t n, size_t at, size_t *length) {
    if ((unsigned char)text[at] < 0x80) {
        *length = 1;
        return (unsigned char)text[at];
    }
    return ew_utf8_decode(text + at, n - at, length);
}

static int stands(const ew_regex *regex, const ew_regex_code *code, const char *text, size_t n, size_t at) {
    size_t length;
    switch (code->op) {
    case EW_REGEX_AHEAD:
        return at < n && has(regex, code->set, point_at(text, n, at, &length));
    case EW_REGEX_NOT_AHEAD:
        return at == n || !has(regex, code->set, point_at(text, n, at, &length));
    case EW_REGEX_LINE_START:
        return at == 0 || text[at - 1] == '\n';
    case EW_REGEX_LINE_END:
        return at == n || text[at] == '\n';
    case EW_REGEX_TEXT_START:
        return at == 0;
    default:
        return at == n;
    }
}

/* A match that begins at `start`: its end. */
static ew_status match(const ew_regex *regex, ew_regex_room *room, const char *text, size_t n, size_t start, int *found,
                       size_t *end, ew_error *err) {
    uint32_t pc = 0;
    size_t at = start, length = 0;
    *found = 0;
    room->stack_n = 0;
    for (;;) {
        const ew_regex_code *code = &regex->code[pc];
        int good = 1;
        switch (code->op) {
        case EW_REGEX_MATCH:
            *found = 1;
            *end = at;
            return EW_OK;
        case EW_REGEX_SET:
            good = at < n && has(regex, code->set, point_at(text, n, at, &length));
            if (good) at += length;
            pc++;
            break;
        case EW_REGEX_RUN: {
            uint32_t many = 0;
            for (; many < code->y && at < n && has(regex, code->set, point_at(text, n, at, &length)); many++) at += length;
            good = many >= code->x;
            pc++;
            break;
        }
        case EW_REGEX_GO:
            pc = code->x;
            break;
        case EW_REGEX_BRANCH: {
            size_t bit = at * regex->n_branches + code->branch;
            good = !(room->seen[bit / 64] >> (bit % 64) & 1);
            if (!good) break;
            room->seen[bit / 64] |= UINT64_C(1) << (bit % 64);
            ew_status status = push(room, code->y, at, err);
            if (status != EW_OK) return status;
            pc = code->x;
            break;
        }
        default:
            good = stands(regex, code, text, n, at);
            pc++;
        }
        if (good) continue;
        if (!room->stack_n) return EW_OK;
        uint64_t back = room->stack[--room->stack_n];
        pc = (uint32_t)(back & 0xfff);
        at = (size_t)(back >> 12);
    }
}

ew_status ew_regex_next(const ew_regex *regex, ew_regex_room *room, const char *text, size_t n, size_t from, int *found,
                        size_t *start, size_t *end, ew_error *err) {
    size_t length;
    for (*start = from; *start <= n; *start += length) {
        ew_status status = match(regex, room, text, n, *start, found, end, err);
        if (status != EW_OK) return status;
        if (*found) { /* the way of the match was seen too, but did not fail where the next one may begin */
            for (size_t bit = *end * regex->n_branches, i = 0; i < regex->n_branches; i++, bit++)
                room->seen[bit / 64] &= ~(UINT64_C(1) << (bit % 64));
            if (*end > *start) return EW_OK;
        }
        length = 1;
        if (*start < n) point_at(text, n, *start, &length);
    }
    *found = 0;
    return EW_OK;
}
