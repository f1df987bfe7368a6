/* Inputs, options and progress of one call. */
#include <limits.h>
#include <stddef.h>
#include <string.h>

#include "core.h"

enum { INT, UNSIGNED, TEXT };
#define OPTION(member, kind) {#member, kind, offsetof(ew_options, member)}
#define COLUMN(name, column) {"columns." name, TEXT, offsetof(ew_options, columns) + sizeof(char *) * (column)}

static const struct { const char *name; int kind; size_t at; } OPTIONS[] = {
    OPTION(threads, INT), OPTION(seed, UNSIGNED), OPTION(memory, UNSIGNED), OPTION(max_units, UNSIGNED),
    OPTION(recall, INT),
    OPTION(max_line, UNSIGNED), OPTION(zstd_window_log, INT), OPTION(decoys, INT), OPTION(corpus_part, INT),
    OPTION(themes, INT), OPTION(keep_pii, INT), OPTION(format, TEXT), OPTION(since, TEXT), OPTION(until, TEXT), OPTION(catalogue, TEXT), OPTION(competitors, TEXT),
    OPTION(cues, TEXT),
    OPTION(model, TEXT), OPTION(encoder, INT), OPTION(budget, UNSIGNED), OPTION(deep, TEXT), OPTION(vectors, TEXT),
    OPTION(keep_decoys, TEXT), OPTION(metric, INT),
    COLUMN("id", EW_COL_ID), COLUMN("text", EW_COL_TEXT), COLUMN("title", EW_COL_TITLE), COLUMN("time", EW_COL_TIME),
    COLUMN("rating", EW_COL_RATING), COLUMN("product", EW_COL_PRODUCT), COLUMN("customer", EW_COL_CUSTOMER),
    COLUMN("segment", EW_COL_SEGMENT), COLUMN("source", EW_COL_SOURCE), COLUMN("lang", EW_COL_LANG),
};

static int set_option(ew_options *options, const char *name, PyObject *value) {
    size_t i = 0, n = sizeof OPTIONS / sizeof *OPTIONS;
    while (i < n && strcmp(name, OPTIONS[i].name) != 0) i++;
    if (i == n) return core_usage("there is no option '%.80s'", name);
    void *at = (char *)options + OPTIONS[i].at;
    if (OPTIONS[i].kind == TEXT) {
        char *text = PyBytes_AsString(value);
        *(const char **)at = text;
        return text ? 0 : -1;
    }
    if (OPTIONS[i].kind == INT) {
        long number = PyLong_AsLong(value);
        if (!PyErr_Occurred() && number >= INT_MIN && number <= INT_MAX) return *(int *)at = (int)number, 0;
    } else {
        unsigned long long number = PyLong_AsUnsignedLongLong(value);
        if (!PyErr_Occurred()) return *(uint64_t *)at = number, 0;
    }
    if (PyErr_Occurred() && !PyErr_ExceptionMatches(PyExc_OverflowError)) return -1;
    PyErr_Clear();
    return core_usage("option '%s' is out of range", name);
}

static int set_options(ew_options *options, PyObject *given) {
    PyObject *key, *value;
    Py_ssize_t at = 0;
    ew_options_init(options);
    while (PyDict_Next(given, &at, &key, &value)) {
        const char *name = PyUnicode_AsUTF8AndSize(key, NULL);
        if (!name || set_option(options, name, value) != 0) return -1;
    }
    return 0;
}

static int set_input(core_call *call, PyObject *pair) {
    PyObject *name, *data;
    ew_input *input = &call->inputs[call->n];
    Py_buffer *buffer = &call->buffers[call->n];
    if (!PyArg_ParseTuple(pair, "SO", &name, &data)) return -1;
    input->name = PyBytes_AsString(name);
    if (data != Py_None) {
        if (PyObject_GetBuffer(data, buffer, PyBUF_SIMPLE) != 0) return -1;
        input->data = buffer->len ? buffer->buf : "";
        input->size = (size_t)buffer->len;
    }
    call->n++;
    return 0;
}

static int set_inputs(core_call *call, PyObject *inputs) {
    Py_ssize_t n = PyTuple_Size(inputs);
    if (n < 0) return -1;
    call->inputs = PyMem_Calloc((size_t)n + 1, sizeof *call->inputs);
    call->buffers = PyMem_Calloc((size_t)n + 1, sizeof *call->buffers);
    if (!call->inputs || !call->buffers) return PyErr_NoMemory(), -1;
    for (Py_ssize_t i = 0; i < n; i++)
        if (set_input(call, PyTuple_GetItem(inputs, i)) != 0) return -1;
    return 0;
}

/* Called by the engine without the lock. */
static int progress(void *data, const char *stage, uint64_t done, uint64_t total) {
    core_call *call = data;
    PyEval_RestoreThread(call->waiting);
    int bad = PyErr_Occurred() || PyErr_CheckSignals() != 0;
    if (!bad && call->progress) {
        PyObject *result = PyObject_CallFunction(call->progress, "sKK", stage, (unsigned long long)done,
                                                 (unsigned long long)total);
        bad = !result;
        Py_XDECREF(result);
    }
    call->waiting = PyEval_SaveThread();
    return bad;
}

int core_call_open(core_call *call, PyObject *inputs, PyObject *options, PyObject *callback) {
    memset(call, 0, sizeof *call);
    if (callback != Py_None) call->progress = callback;
    if (set_options(&call->options, options) == 0 && set_inputs(call, inputs) == 0) {
        call->options.progress = progress;
        call->options.progress_data = call;
        return 0;
    }
    core_call_close(call);
    return -1;
}

void core_call_begin(core_call *call) { call->waiting = PyEval_SaveThread(); }

void core_call_end(core_call *call) { PyEval_RestoreThread(call->waiting); }

void core_call_close(core_call *call) {
    for (size_t i = 0; i < call->n; i++)
        if (call->buffers[i].obj) PyBuffer_Release(&call->buffers[i]);
    PyMem_Free(call->buffers);
    PyMem_Free(call->inputs);
    call->buffers = NULL;
    call->inputs = NULL;
    call->n = 0;
}
