/* What the files of the native module share. It knows core/edgewise.h alone, and turns its structs into plain Python
 * objects; the public classes are made of those in src/edgewise. One wheel serves CPython 3.11 and later (limited API).
 *
 * The interpreter lock is released round every long call. The engine's progress call takes it back for a moment, lets
 * Python look at its signals (Ctrl-C) and runs the caller's callback; an exception there cancels the engine. */
#ifndef EDGEWISE_PYTHON_CORE_H
#define EDGEWISE_PYTHON_CORE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "edgewise.h"

/* ---- errors.c ---- */

/* Sets the edgewise exception for `err`, unless one is set already (a signal, or the callback's own); returns NULL. */
PyObject *core_raise(const ew_error *err);
/* A UsageError of our own, in the words of PyErr_Format; returns -1. */
int core_usage(const char *format, ...);

/* ---- call.c: arguments of one call of the engine ---- */

typedef struct core_call {
    ew_input *inputs;
    Py_buffer *buffers; /* one an input; obj NULL: a file */
    size_t n;
    ew_options options; /* its strings belong to the dictionary of options */
    ew_error err;
    PyObject *progress;     /* borrowed; NULL: none */
    PyThreadState *waiting; /* the caller's, while the lock is released */
} core_call;

/* inputs: sequence of (name: bytes, data: buffer or None); options: dict; progress: callable or None. All three must
 * outlive the call. -1: an exception is set, and the call is closed. */
int core_call_open(core_call *call, PyObject *inputs, PyObject *options, PyObject *progress);
void core_call_begin(core_call *call); /* releases the lock */
void core_call_end(core_call *call);   /* takes it back */
void core_call_close(core_call *call);

/* ---- convert.c: engine -> Python; each returns a new reference, or NULL with an exception set ---- */

PyObject *core_text(const char *text);          /* "" and NULL become None */
PyObject *core_taken_text(char *text);          /* and frees it by ew_free */
PyObject *core_number(double value);            /* NaN becomes None */
PyObject *core_index(uint32_t index);           /* EW_NONE becomes None */
PyObject *core_indices(const uint32_t *index, size_t n);
PyObject *core_need(const ew_need *need);       /* dict, members as in the header */
PyObject *core_theme(const ew_theme *theme);
PyObject *core_comment(const ew_comment *comment); /* tuple, cheap enough for a million */
PyObject *core_counts(const ew_counts *counts);

/* ---- run.c ---- */

PyObject *core_run_type(PyObject *module);
PyObject *core_run_new(PyObject *type, ew_run *run); /* owns the run, also on failure */

#endif
