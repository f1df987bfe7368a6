#define _GNU_SOURCE
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"

enum { BLOCK = 1 << 18 };
static atomic_uint number_of_file; /* of this process: temporary names differ */

static ew_status cannot(const ew_output *output, const char *what, int number, ew_error *err) {
    return ew_fail(err, EW_RESOURCE, "cannot %s '%s': %s", what, output->path, strerror(number));
}

ew_status ew_output_open(ew_output *output, const char *path, ew_error *err) {
    *output = (ew_output){.file = -1, .pending = EW_BUFFER_INIT(EW_BUFFER_ANY)};
    size_t n = strlen(path);
    output->path = ew_strndup(path, n);
    if (!output->path) return ew_fail_memory(err, n + 1, "a file name");
    if (strcmp(path, "-") == 0) {
        output->file = dup(1);
        return output->file < 0 ? cannot(output, "write", errno, err) : EW_OK;
    }
    struct stat info;
    int there = stat(path, &info) == 0;
    if (there && S_ISDIR(info.st_mode)) return ew_fail(err, EW_RESOURCE, "cannot write '%s': it is a folder; name a file", path);
    if (there && !S_ISREG(info.st_mode)) { /* a pipe or device has no earlier content to protect */
        output->file = open(path, O_WRONLY | O_CLOEXEC);
        return output->file < 0 ? cannot(output, "write", errno, err) : EW_OK;
    }
    output->temporary = ew_alloc(n + 32, 1);
    if (!output->temporary) return ew_fail_memory(err, n + 32, "a file name");
    /* Not mkostemp: the file shall have the permissions of any new file, and asking for the umask would set it for all threads.
     */
    for (int again = 0; again < 100 && output->file < 0 && (!again || errno == EEXIST); again++) {
        snprintf(output->temporary, n + 32, "%s.%ld-%u", path, (long)getpid(), (unsigned)atomic_fetch_add(&number_of_file, 1));
        output->file = open(output->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    }
    if (output->file < 0) {
        ew_free(output->temporary);
        output->temporary = NULL;
        return cannot(output, "write", errno, err);
    }
    return EW_OK;
}

static ew_status write_all(ew_output *output, const char *bytes, size_t n, ew_error *err) {
    for (size_t done = 0; done < n;) {
        ssize_t now = write(output->file, bytes + done, n - done);
        if (now < 0 && errno == EINTR) continue;
        if (now <= 0) return cannot(output, "write", now < 0 ? errno : ENOSPC, err);
        done += (size_t)now;
    }
    return EW_OK;
}

static ew_status flush(ew_output *output, ew_error *err) {
    ew_status status = write_all(output, output->pending.data, output->pending.length, err);
    if (status == EW_OK) ew_buffer_clear(&output->pending);
    return status;
}

ew_status ew_output_write(ew_output *output, const void *bytes, size_t n, ew_error *err) {
    ew_status status = EW_OK;
    if (n >= BLOCK) { /* not worth a copy */
        EW_TRY(flush(output, err));
        EW_TRY(write_all(output, bytes, n, err));
    } else {
        EW_TRY(ew_buffer_append(&output->pending, bytes, n, err));
        if (output->pending.length >= BLOCK) EW_TRY(flush(output, err));
    }
done:
    return status;
}

ew_status ew_output_rewrite(ew_output *output, uint64_t at, const void *bytes, size_t n, ew_error *err) {
    ew_status status = flush(output, err);
    for (size_t done = 0; status == EW_OK && done < n;) {
        ssize_t now = pwrite(output->file, (const char *)bytes + done, n - done, (off_t)(at + done));
        if (now < 0 && errno == EINTR) continue;
        if (now <= 0)
            status = cannot(output, "write", now < 0 ? errno : ENOSPC, err);
        else
            done += (size_t)now;
    }
    return status;
}

ew_status ew_output_printf(ew_output *output, ew_error *err, const char *format, ...) {
    char text[1024];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof text) return ew_fail(err, EW_INTERNAL, "a formatted line is too long");
    return ew_output_write(output, text, (size_t)n, err);
}

ew_status ew_output_commit(ew_output *output, ew_error *err) {
    ew_status status = flush(output, err);
    int failed = close(output->file) != 0 ? errno : 0;
    output->file = -1;
    if (status == EW_OK && failed) status = cannot(output, "write", failed, err);
    if (status == EW_OK && output->temporary) {
        if (rename(output->temporary, output->path) != 0)
            status = cannot(output, "rename to", errno, err);
        else {
            ew_free(output->temporary);
            output->temporary = NULL;
        }
    }
    ew_output_abandon(output);
    return status;
}

void ew_output_abandon(ew_output *output) {
    if (!output->path) return;
    if (output->file >= 0) close(output->file);
    if (output->temporary) unlink(output->temporary);
    ew_free(output->temporary);
    ew_free(output->path);
    ew_buffer_free(&output->pending);
    *output = (ew_output){.file = -1};
}

ew_status ew_make_folder(const char *path, ew_error *err) {
    size_t n = strlen(path);
    if (!n) return ew_fail(err, EW_USAGE, "the output folder has no name; give one with -o");
    char *copy = ew_strndup(path, n);
    if (!copy) return ew_fail_memory(err, n + 1, "a file name");
    int failed = 0;
    for (size_t i = 1; i <= n && !failed; i++) {
        if (copy[i] != '/' && copy[i] != 0) continue;
        char kept = copy[i];
        copy[i] = 0;
        if (mkdir(copy, 0777) != 0 && errno != EEXIST) failed = errno;
        copy[i] = kept;
    }
    ew_free(copy);
    struct stat info;
    if (!failed && stat(path, &info) != 0) failed = errno;
    if (!failed && !S_ISDIR(info.st_mode)) failed = ENOTDIR;
    if (!failed && access(path, W_OK | X_OK) != 0) failed = errno;
    return failed ? ew_fail(err, EW_RESOURCE, "cannot write to folder '%s': %s", path, strerror(failed)) : EW_OK;
}
