#include "stop.h"

#include "clock.h"

static const double PAUSE = .1; /* seconds between two questions */

static _Thread_local ew_stop_scope here;

ew_stop_scope ew_stop_enter(ew_stop *stop, int asks) {
    ew_stop_scope before = here;
    here = (ew_stop_scope){stop, asks};
    return before;
}

void ew_stop_leave(ew_stop_scope before) { here = before; }

ew_stop *ew_stop_current(void) { return here.stop; }

ew_status ew_stop_check(ew_error *err) {
    ew_stop *stop = here.stop;
    if (!stop) return EW_OK;
    if (here.asks && !atomic_load_explicit(&stop->stopped, memory_order_relaxed)) {
        double now = ew_wall();
        if (now - stop->at >= PAUSE) {
            stop->at = now;
            if (stop->asked(stop->data)) atomic_store(&stop->stopped, 1);
        }
    }
    return atomic_load_explicit(&stop->stopped, memory_order_relaxed) ? ew_fail(err, EW_CANCELLED, "stopped on request") : EW_OK;
}
