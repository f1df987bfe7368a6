/* A finished run as a Python object. The engine wants one thread at a time in a run: edgewise.Run holds the lock for that. */
#include "core.h"

typedef struct { PyObject_HEAD ew_run *run; } run_object;

static ew_run *run_of(PyObject *self) { return ((run_object *)(void *)self)->run; }

static void dealloc(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    ew_run_free(run_of(self));
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(self);
    Py_DECREF(type);
}

static Py_ssize_t length(PyObject *self) { return (Py_ssize_t)ew_run_size(run_of(self)); }

static PyObject *needs(PyObject *self, PyObject *unused) {
    size_t n;
    const ew_need *all = ew_run_needs(run_of(self), &n);
    PyObject *list = PyList_New(0);
    (void)unused;
    for (size_t i = 0; list && i < n; i++) {
        PyObject *need = core_need(&all[i]);
        if (!need || PyList_Append(list, need) != 0) Py_CLEAR(list);
        Py_XDECREF(need);
    }
    return list;
}

static PyObject *themes(PyObject *self, PyObject *unused) {
    size_t n;
    const ew_theme *all = ew_run_themes(run_of(self), &n);
    PyObject *list = PyList_New(0);
    (void)unused;
    for (size_t i = 0; list && i < n; i++) {
        PyObject *theme = core_theme(&all[i]);
        if (!theme || PyList_Append(list, theme) != 0) Py_CLEAR(list);
        Py_XDECREF(theme);
    }
    return list;
}

static PyObject *comments(PyObject *self, PyObject *args) {
    Py_ssize_t start, stop, n = length(self);
    if (!PyArg_ParseTuple(args, "nn", &start, &stop)) return NULL;
    PyObject *list = PyList_New(0);
    for (Py_ssize_t i = start < 0 ? 0 : start; list && i < stop && i < n; i++) {
        ew_comment row;
        ew_run_comment(run_of(self), (size_t)i, &row);
        PyObject *comment = core_comment(&row);
        if (!comment || PyList_Append(list, comment) != 0) Py_CLEAR(list);
        Py_XDECREF(comment);
    }
    return list;
}

static PyObject *counts(PyObject *self, PyObject *unused) {
    ew_counts all;
    (void)unused;
    ew_run_counts(run_of(self), &all);
    return core_counts(&all);
}

static PyObject *text(PyObject *self, PyObject *args) {
    unsigned int comment, start, end;
    ew_error err = {.code = EW_OK};
    char *out = NULL;
    size_t n = 0;
    if (!PyArg_ParseTuple(args, "III", &comment, &start, &end)) return NULL;
    if (comment >= ew_run_size(run_of(self))) return PyErr_SetString(PyExc_IndexError, "there is no such comment"), NULL;
    if (ew_run_text(run_of(self), comment, start, end, &out, &n, &err) != EW_OK) return core_raise(&err);
    PyObject *result = PyUnicode_DecodeUTF8(out, (Py_ssize_t)n, "replace");
    ew_free(out);
    return result;
}

static PyObject *rejected(PyObject *self, PyObject *unused) {
    const char *message;
    PyObject *list = PyList_New(0);
    (void)unused;
    for (size_t k = 0; list && (message = ew_run_rejected(run_of(self), k)); k++) {
        PyObject *words = core_text(message);
        if (!words || PyList_Append(list, words) != 0) Py_CLEAR(list);
        Py_XDECREF(words);
    }
    return list;
}

static PyObject *json(PyObject *self, PyObject *unused) {
    ew_error err = {.code = EW_OK};
    char *out = NULL;
    (void)unused;
    return ew_run_json(run_of(self), &out, &err) == EW_OK ? core_taken_text(out) : core_raise(&err);
}

static PyObject *write_run(PyObject *self, PyObject *args) {
    PyObject *dir;
    ew_error err = {.code = EW_OK};
    ew_status status;
    if (!PyArg_ParseTuple(args, "S", &dir)) return NULL;
    const char *path = PyBytes_AsString(dir);
    Py_BEGIN_ALLOW_THREADS
    status = ew_run_write(run_of(self), path, &err);
    Py_END_ALLOW_THREADS
    if (status != EW_OK) return core_raise(&err);
    Py_RETURN_NONE;
}

static PyMethodDef METHODS[] = {
    {"needs", needs, METH_NOARGS, "needs($self, /)\n--\n\nThe needs as dictionaries, ranked."},
    {"themes", themes, METH_NOARGS, "themes($self, /)\n--\n\nThe themes as dictionaries, level by level."},
    {"comments", comments, METH_VARARGS, "comments($self, start, stop, /)\n--\n\nRows [start, stop) as tuples."},
    {"counts", counts, METH_NOARGS, "counts($self, /)\n--\n\nWhere every record went."},
    {"text", text, METH_VARARGS, "text($self, comment, start, end, /)\n--\n\nThe words of a span; 0, 0: all of the comment."},
    {"rejected", rejected, METH_NOARGS, "rejected($self, /)\n--\n\nThe first thousand rejected records, in words."},
    {"json", json, METH_NOARGS, "json($self, /)\n--\n\nWhat run.json holds."},
    {"write", write_run, METH_VARARGS, "write($self, dir, /)\n--\n\nWrites the files of the run into a folder."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot SLOTS[] = {
    {Py_tp_dealloc, (void *)dealloc},
    {Py_sq_length, (void *)length},
    {Py_tp_methods, METHODS},
    {Py_tp_doc, "A finished run."},
    {0, NULL},
};

static PyType_Spec SPEC = {"edgewise._core.Run", sizeof(run_object), 0,
                           Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE, SLOTS};

PyObject *core_run_type(PyObject *module) { return PyType_FromModuleAndSpec(module, &SPEC, NULL); }

PyObject *core_run_new(PyObject *type, ew_run *run) {
    allocfunc make = (allocfunc)PyType_GetSlot((PyTypeObject *)type, Py_tp_alloc);
    PyObject *self = make((PyTypeObject *)type, 0);
    if (self)
        ((run_object *)(void *)self)->run = run;
    else
        ew_run_free(run);
    return self;
}
