/* refine: lists that miss some -> lists that miss fewer, by the neighbours of neighbours. */
#ifndef EW_NEIGHBOURS_REFINE_H
#define EW_NEIGHBOURS_REFINE_H

#include "inside.h"

/* Every row is compared with the first 15 of the lists of its own first 15, as they were before; what is nearer than the end of
 * its list gets in. order [n]: all rows, those near to each other side by side. Memory while it works: 60 bytes a row. */
EW_MUST_CHECK ew_status ew_lists_refine(const ew_vectors *vectors, const uint32_t *order, ew_pool *pool, ew_lists *lists,
                                        ew_error *err);

#endif
