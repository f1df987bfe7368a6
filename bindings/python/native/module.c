/* edgewise._core: one function for each function of the engine. */
#include <string.h>

#include "core.h"

typedef struct { PyObject *run_type; } module_state;

static PyObject *mine(PyObject *module, PyObject *args) {
    PyObject *inputs, *options, *progress;
    core_call call;
    ew_run *run = NULL;
    if (!PyArg_ParseTuple(args, "OOO", &inputs, &options, &progress)) return NULL;
    if (core_call_open(&call, inputs, options, progress) != 0) return NULL;
    core_call_begin(&call);
    ew_status status = ew_mine(call.inputs, call.n, &call.options, &run, &call.err);
    core_call_end(&call);
    core_call_close(&call);
    if (status != EW_OK || PyErr_Occurred()) {
        ew_run_free(run);
        return core_raise(&call.err);
    }
    return core_run_new(((module_state *)PyModule_GetState(module))->run_type, run);
}

static PyObject *plan(PyObject *module, PyObject *args) {
    PyObject *inputs, *options;
    core_call call;
    char *json = NULL;
    (void)module;
    if (!PyArg_ParseTuple(args, "OO", &inputs, &options)) return NULL;
    if (core_call_open(&call, inputs, options, Py_None) != 0) return NULL;
    core_call_begin(&call);
    ew_status status = ew_plan(call.inputs, call.n, &call.options, &json, &call.err);
    core_call_end(&call);
    core_call_close(&call);
    if (status == EW_OK && !PyErr_Occurred()) return core_taken_text(json);
    ew_free(json);
    return core_raise(&call.err);
}

typedef ew_status (*stage_fn)(const ew_input *inputs, size_t n, const ew_options *options, const char *path, uint64_t *n_out,
                              ew_error *err);
static const struct { const char *name; stage_fn run; } STAGES[] = {
    {"tokens", ew_tokens_file}, {"embed", ew_embed_file}, {"families", ew_families_file}, {"signals", ew_signals_file}};

static PyObject *stage(PyObject *module, PyObject *args) {
    const char *name;
    PyObject *inputs, *options, *path, *progress;
    core_call call;
    uint64_t rows = 0;
    size_t i = 0;
    (void)module;
    if (!PyArg_ParseTuple(args, "sOOSO", &name, &inputs, &options, &path, &progress)) return NULL;
    while (i < sizeof STAGES / sizeof *STAGES && strcmp(name, STAGES[i].name) != 0) i++;
    if (i == sizeof STAGES / sizeof *STAGES) return core_usage("there is no stage '%.80s'", name), NULL;
    if (core_call_open(&call, inputs, options, progress) != 0) return NULL;
    const char *file = PyBytes_AsString(path);
    core_call_begin(&call);
    ew_status status = STAGES[i].run(call.inputs, call.n, &call.options, file, &rows, &call.err);
    core_call_end(&call);
    core_call_close(&call);
    if (status != EW_OK || PyErr_Occurred()) return core_raise(&call.err);
    return PyLong_FromUnsignedLongLong(rows);
}

/* k 0: clusters; otherwise the k nearest. */
static PyObject *from_vectors(PyObject *module, PyObject *args) {
    PyObject *vectors, *options, *path, *progress, *none = PyTuple_New(0);
    unsigned int k;
    core_call call;
    uint64_t rows = 0;
    (void)module;
    if (!none) return NULL;
    int bad = !PyArg_ParseTuple(args, "SIOSO", &vectors, &k, &options, &path, &progress) ||
              core_call_open(&call, none, options, progress) != 0;
    Py_DECREF(none);
    if (bad) return NULL;
    const char *from = PyBytes_AsString(vectors), *to = PyBytes_AsString(path);
    core_call_begin(&call);
    ew_status status = k ? ew_neighbours_file(from, k, &call.options, to, &rows, &call.err)
                         : ew_cluster_file(from, &call.options, to, &rows, &call.err);
    core_call_end(&call);
    core_call_close(&call);
    if (status != EW_OK || PyErr_Occurred()) return core_raise(&call.err);
    return PyLong_FromUnsignedLongLong(rows);
}

static PyObject *explain(PyObject *module, PyObject *args) {
    PyObject *dir, *id;
    int as_json;
    ew_error err = {.code = EW_OK};
    char *out = NULL;
    ew_status status;
    (void)module;
    if (!PyArg_ParseTuple(args, "SSp", &dir, &id, &as_json)) return NULL;
    const char *folder = PyBytes_AsString(dir), *name = PyBytes_AsString(id);
    Py_BEGIN_ALLOW_THREADS
    status = ew_explain(folder, name, as_json, &out, &err);
    Py_END_ALLOW_THREADS
    return status == EW_OK ? core_taken_text(out) : core_raise(&err);
}

static PyObject *assign(PyObject *module, PyObject *args) {
    PyObject *dir, *inputs, *options, *path, *progress;
    core_call call;
    uint64_t rows = 0;
    (void)module;
    if (!PyArg_ParseTuple(args, "SOOSO", &dir, &inputs, &options, &path, &progress)) return NULL;
    if (core_call_open(&call, inputs, options, progress) != 0) return NULL;
    const char *folder = PyBytes_AsString(dir), *file = PyBytes_AsString(path);
    core_call_begin(&call);
    ew_status status = ew_assign_file(folder, call.inputs, call.n, &call.options, file, &rows, &call.err);
    core_call_end(&call);
    core_call_close(&call);
    if (status != EW_OK || PyErr_Occurred()) return core_raise(&call.err);
    return PyLong_FromUnsignedLongLong(rows);
}

static PyObject *version(PyObject *module, PyObject *unused) {
    (void)module, (void)unused;
    return PyUnicode_FromString(ew_version());
}

static PyObject *doctor(PyObject *module, PyObject *unused) {
    ew_error err = {.code = EW_OK};
    char *json = NULL;
    (void)module, (void)unused;
    return ew_doctor(&json, &err) == EW_OK ? core_taken_text(json) : core_raise(&err);
}

static PyObject *recall(PyObject *module, PyObject *unused) {
    (void)module, (void)unused;
    return PyFloat_FromDouble(ew_last_recall());
}

static PyObject *timings(PyObject *module, PyObject *unused) {
    ew_error err = {.code = EW_OK};
    char *json = NULL;
    (void)module, (void)unused;
    return ew_timings(&json, &err) == EW_OK ? core_taken_text(json) : core_raise(&err);
}

static PyMethodDef FUNCTIONS[] = {
    {"mine", mine, METH_VARARGS, "mine($module, inputs, options, progress, /)\n--\n\nThe main job."},
    {"plan", plan, METH_VARARGS, "plan($module, inputs, options, /)\n--\n\nWhat a run would take, as JSON."},
    {"stage", stage, METH_VARARGS, "stage($module, name, inputs, options, path, progress, /)\n--\n\nOne stage into a file."},
    {"from_vectors", from_vectors, METH_VARARGS,
     "from_vectors($module, vectors, k, options, path, progress, /)\n--\n\nThe k nearest of each row, or with k 0 its cluster."},
    {"explain", explain, METH_VARARGS, "explain($module, dir, id, as_json, /)\n--\n\nWhy something is where it is."},
    {"assign", assign, METH_VARARGS,
     "assign($module, dir, inputs, options, path, progress, /)\n--\n\nLater comments into the themes and needs of a run."},
    {"version", version, METH_NOARGS, "version($module, /)\n--\n\nThe engine's version."},
    {"doctor", doctor, METH_NOARGS, "doctor($module, /)\n--\n\nWhat a bug report needs, as JSON."},
    {"recall", recall, METH_NOARGS,
     "recall($module, /)\n--\n\nShare of the 15 nearest that the lists of this thread's last call hold, on a sample."},
    {"timings", timings, METH_NOARGS, "timings($module, /)\n--\n\nSeconds by stage of this thread's last call, as JSON."},
    {NULL, NULL, 0, NULL},
};

static int fill(PyObject *module) {
    module_state *state = PyModule_GetState(module);
    state->run_type = core_run_type(module);
    return state->run_type ? PyModule_AddType(module, (PyTypeObject *)state->run_type) : -1;
}

static int traverse(PyObject *module, visitproc visit, void *arg) {
    Py_VISIT(((module_state *)PyModule_GetState(module))->run_type);
    return 0;
}

static int clear(PyObject *module) {
    Py_CLEAR(((module_state *)PyModule_GetState(module))->run_type);
    return 0;
}

static PyModuleDef_Slot SLOTS[] = {{Py_mod_exec, (void *)fill}, {0, NULL}};
static PyModuleDef MODULE = {PyModuleDef_HEAD_INIT, "edgewise._core", "The engine, as it is.", sizeof(module_state),
                             FUNCTIONS, SLOTS, traverse, clear, NULL};

PyMODINIT_FUNC PyInit__core(void);
PyMODINIT_FUNC PyInit__core(void) { return PyModuleDef_Init(&MODULE); }
