/* refine: lists that miss some -> lists that miss fewer, by the neighbours of neighbours. */
#ifndef EW_NEIGHBOURS_REFINE_H
#define EW_NEIGHBOURS_REFINE_H

#include "inside.h"

enum { EW_MOST_ROUNDS = 6 };

/* Rows stand so that those side by side are near to each other. First whoever has a row among his first 15 is told to it. Then a
 * block of rows is compared with the first 15 of its rows' lists, the first 15 of the lists of these, and the nearest who have
 * one of these among their first; what is nearer than the end of its list gets in. That again and again, each time with what is
 * new, until little would change any more, `most` times at most. What lies beyond a list, far, is taken to rise as its end does.
 * Memory while it works: 126 bytes a row, most of them in a file. */
EW_MUST_CHECK ew_status ew_lists_refine(const ew_vectors *vectors, int most, ew_pool *pool, ew_lists *lists, ew_error *err);

#endif
