/* Stopping early: whoever began the work may ask for its end, and every loop of it that takes long looks whether he has.
 *
 * A thread works on behalf of at most one ew_stop at a time, which the pool hands on to its workers; so loops need no argument
 * for it, and code that nobody can stop pays one read of a thread's own variable. The question is put to the caller on the
 * thread that entered, ten times a second at most; the other threads only look at the answer. */
#ifndef EW_BASE_STOP_H
#define EW_BASE_STOP_H

#include <stdatomic.h>

#include "status.h"

typedef struct ew_stop {
    int (*asked)(void *data); /* nonzero: stop; called on the entering thread only */
    void *data;
    double at;                /* when it was asked last; the entering thread's */
    atomic_int stopped;       /* once 1, for ever */
} ew_stop;

/* What a thread works for, to be given back to ew_stop_leave; `stop` NULL: nothing that can be stopped. `asks` 0: a worker, which
 * only looks. */
typedef struct ew_stop_scope { ew_stop *stop; int asks; } ew_stop_scope;

ew_stop_scope ew_stop_enter(ew_stop *stop, int asks);
void ew_stop_leave(ew_stop_scope before);
ew_stop *ew_stop_current(void);

/* EW_CANCELLED once the work is to end, else EW_OK. About 30 ns where the caller is not asked: call it every 50 us or so. */
EW_MUST_CHECK ew_status ew_stop_check(ew_error *err);

#endif
