/* What utf8proc knows about a character, remembered at its first use: kind, and what it becomes when texts are compared. */
#ifndef EW_TEXT_POINT_TABLE_H
#define EW_TEXT_POINT_TABLE_H

#include <stdatomic.h>
#include <stdint.h>

#include "points.h"

/* How a character is normalised (normal.c) where its neighbours are simple too; then nothing joins what stands before it. */
typedef enum ew_point_form {
    EW_FORM_OTHER, /* not simple: a mark, or one that becomes several */
    EW_FORM_ONE,   /* becomes the character ew_entry_point, U+0020 for white space */
    EW_FORM_ASCII, /* becomes two or three ASCII characters, seven bits each in ew_entry_point, the first lowest */
    EW_FORM_NONE   /* vanishes */
} ew_point_form;

enum { EW_POINT_PLANE = 0x10000, EW_POINT_EMOJIS = 0x1f000, EW_POINT_ENTRIES = EW_POINT_PLANE + 0x1000 };

/* 0: not looked up yet. Threads may fill an entry at once: they find the same. */
extern _Atomic uint32_t ew_point_entries[EW_POINT_ENTRIES];
uint32_t ew_point_entry_make(uint32_t point);

static inline int ew_point_in_table(uint32_t point) {
    return point < EW_POINT_PLANE || (point >= EW_POINT_EMOJIS && point < EW_POINT_EMOJIS + EW_POINT_ENTRIES - EW_POINT_PLANE);
}

/* Of a character from U+0080 on. */
static inline uint32_t ew_point_entry(uint32_t point) {
    if (!ew_point_in_table(point)) return ew_point_entry_make(point);
    uint32_t at = point < EW_POINT_PLANE ? point : point - EW_POINT_EMOJIS + EW_POINT_PLANE;
    uint32_t entry = atomic_load_explicit(&ew_point_entries[at], memory_order_relaxed);
    if (entry) return entry;
    entry = ew_point_entry_make(point);
    atomic_store_explicit(&ew_point_entries[at], entry, memory_order_relaxed);
    return entry;
}

static inline uint32_t ew_entry_point(uint32_t entry) { return entry & 0x1fffff; }
static inline ew_point_form ew_entry_form(uint32_t entry) { return (ew_point_form)(entry >> 21 & 3); }
static inline ew_point_kind ew_entry_kind(uint32_t entry) { return (ew_point_kind)(entry >> 24 & 15); }

/* Can this (the first of a decomposition) never join what stands before it? Starters that do are marks or Hangul jamo. */
int ew_point_begins_anew(int32_t point);

#endif
