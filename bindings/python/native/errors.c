/* Engine errors -> exceptions. The classes live in edgewise._errors, where a person can read them. */
#include <stdarg.h>
#include <string.h>

#include "core.h"

PyObject *core_raise(const ew_error *err) {
    if (PyErr_Occurred()) return NULL;
    PyObject *errors = PyImport_ImportModule("edgewise._errors");
    PyObject *message = errors ? PyUnicode_DecodeUTF8(err->message, (Py_ssize_t)strlen(err->message), "replace") : NULL;
    PyObject *failure = message ? PyObject_CallMethod(errors, "failure", "iOKK", (int)err->code, message,
                                                      (unsigned long long)err->line, (unsigned long long)err->byte) : NULL;
    if (failure) PyErr_SetObject((PyObject *)Py_TYPE(failure), failure);
    Py_XDECREF(failure);
    Py_XDECREF(message);
    Py_XDECREF(errors);
    return NULL;
}

int core_usage(const char *format, ...) {
    ew_error err = {.code = EW_USAGE};
    va_list args;
    va_start(args, format);
    PyOS_vsnprintf(err.message, sizeof err.message, format, args);
    va_end(args);
    core_raise(&err);
    return -1;
}
