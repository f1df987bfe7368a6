#define _GNU_SOURCE
#include <errno.h>
#include <unistd.h>

#include "../base/alloc.h"
#include "../base/hash.h"
#include "inside.h"

ew_status ew_ids_open(ew_ids *ids, ew_error *err) {
    *ids = (ew_ids){.mask = 8191, .name = EW_BUFFER_INIT(EW_BUFFER_ANY)};
    ids->slots = ew_calloc(ids->mask + 1, sizeof *ids->slots);
    if (!ids->slots) return ew_fail_memory(err, (ids->mask + 1) * sizeof *ids->slots, "the table of ids");
    return ew_dict_init(&ids->repeated, err);
}

void ew_ids_close(ew_ids *ids) {
    if (ids->repeated.starts) ew_dict_free(&ids->repeated);
    ew_buffer_free(&ids->name);
    ew_free(ids->slots);
    ew_free(ids->next);
    *ids = (ew_ids){0};
}

/* Whether the spool holds bytes[0 .. n) at `at`: the end of it still waits in memory, the rest is in the file. */
static ew_status holds(const ew_spool *spool, uint64_t at, const char *bytes, size_t n, bool *same, ew_error *err) {
    uint64_t written = spool->size - spool->pending.length;
    *same = n <= spool->size - at;
    while (n && *same && at < written) {
        char have[512];
        size_t part = n < sizeof have ? n : sizeof have;
        if (part > written - at) part = (size_t)(written - at);
        ssize_t got = pread(spool->file, have, part, (off_t)at);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0)
            return ew_fail(err, EW_RESOURCE, "cannot read the temporary copy of the text: %s", strerror(got ? errno : EIO));
        *same = memcmp(have, bytes, (size_t)got) == 0;
        bytes += got;
        at += (uint64_t)got;
        n -= (size_t)got;
    }
    if (n && *same) *same = memcmp(spool->pending.data + (at - written), bytes, n) == 0;
    return EW_OK;
}

static uint32_t tag_of(const char *name, size_t n) { return (uint32_t)(ew_hash_keyed(name, n, 0x696473) >> 32); }

/* name[0 .. n), NUL included, among the ids so far; *slot: where it is or would be. */
static ew_status find(const ew_ids *ids, const ew_corpus *corpus, const char *name, size_t n, uint64_t *slot, bool *found,
                      ew_error *err) {
    uint32_t tag = tag_of(name, n);
    *found = false;
    for (*slot = tag & ids->mask; ids->slots[*slot]; *slot = (*slot + 1) & ids->mask) {
        if ((uint32_t)(ids->slots[*slot] >> 32) != tag) continue;
        uint32_t i = (uint32_t)ids->slots[*slot] - 1;
        ew_status status = holds(&corpus->spool, corpus->id_at[i], name, n, found, err);
        if (status != EW_OK || *found) return status;
    }
    return EW_OK;
}

static ew_status grow(ew_ids *ids, ew_error *err) {
    uint64_t mask = ids->mask * 2 + 1;
    uint64_t *slots = ew_calloc(mask + 1, sizeof *slots);
    if (!slots) return ew_fail_memory(err, (mask + 1) * sizeof *slots, "the table of ids");
    for (uint64_t i = 0; i <= ids->mask; i++) {
        if (!ids->slots[i]) continue;
        uint64_t at = (ids->slots[i] >> 32) & mask;
        while (slots[at]) at = (at + 1) & mask;
        slots[at] = ids->slots[i];
    }
    ew_free(ids->slots);
    ids->slots = slots;
    ids->mask = mask;
    return EW_OK;
}

/* The counter of suffixes of an id that has come again. */
static ew_status counter(ew_ids *ids, size_t length, uint32_t **out, ew_error *err) {
    uint32_t number;
    ew_status status = ew_dict_add(&ids->repeated, ids->name.data, length, &number, err);
    if (status != EW_OK) return status;
    if (number >= ids->next_capacity) {
        uint32_t capacity = number * 2 + 16;
        uint32_t *next = ew_realloc(ids->next, capacity, sizeof *next);
        if (!next) return ew_fail_memory(err, capacity * sizeof *next, "the table of ids");
        for (uint32_t i = ids->next_capacity; i < capacity; i++) next[i] = 1;
        ids->next = next;
        ids->next_capacity = capacity;
    }
    *out = &ids->next[number];
    return EW_OK;
}

ew_status ew_ids_add(ew_ids *ids, ew_corpus *corpus, ew_view id, ew_error *err) {
    ew_status status;
    uint64_t slot;
    bool found;
    const char *nul = id.length ? memchr(id.data, 0, id.length) : NULL;
    size_t length = nul ? (size_t)(nul - id.data) : id.length;
    ew_buffer_clear(&ids->name);
    if (length)
        EW_TRY(ew_buffer_append(&ids->name, id.data, length, err));
    else
        EW_TRY(ew_buffer_printf(&ids->name, err, "row-%u", corpus->n));
    corpus->missing_ids += length == 0;
    length = ids->name.length;
    EW_TRY(ew_buffer_append(&ids->name, "", 1, err));
    EW_TRY(find(ids, corpus, ids->name.data, ids->name.length, &slot, &found, err));
    if (found) {
        uint32_t *next = NULL;
        corpus->repeated_ids++;
        EW_TRY(counter(ids, length, &next, err));
        do { /* "a~2" may itself have been given as an id; the counter never goes back, so this stays linear */
            ids->name.length = length;
            EW_TRY(ew_buffer_printf(&ids->name, err, "~%u", ++*next));
            EW_TRY(ew_buffer_append(&ids->name, "", 1, err));
            EW_TRY(find(ids, corpus, ids->name.data, ids->name.length, &slot, &found, err));
        } while (found);
    }
    ids->slots[slot] = (uint64_t)tag_of(ids->name.data, ids->name.length) << 32 | (corpus->n + 1);
    EW_TRY(ew_spool_append(&corpus->spool, ids->name.data, ids->name.length, &corpus->id_at[corpus->n], err));
    if ((uint64_t)corpus->n + 1 > ids->mask / 3 * 2) EW_TRY(grow(ids, err));
done:
    return status;
}
