/* refine: lists that miss some -> lists that miss fewer, by the neighbours of neighbours. */
#ifndef EW_NEIGHBOURS_REFINE_H
#define EW_NEIGHBOURS_REFINE_H

#include "inside.h"

/* Rows stand so that those side by side are near to each other. A block of them is compared with all that its rows' lists hold,
 * and the first 15 of the lists of their own first 15, as they were before; what is nearer than the end of its list gets in.
 * What lies beyond a list, far, is taken to rise as its end does. Memory while it works: 60 bytes a row. */
EW_MUST_CHECK ew_status ew_lists_refine(const ew_vectors *vectors, ew_pool *pool, ew_lists *lists, ew_error *err);

#endif
