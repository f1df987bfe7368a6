#define _GNU_SOURCE /* O_TMPFILE, mkostemp */
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "spill.h"

enum { BLOCK = 1 << 20 };

static const char *folder_of_files(void) {
    const char *folder = getenv("TMPDIR");
    return folder && *folder ? folder : "/tmp";
}

int ew_temporary_file(void) {
    char path[512];
    const char *folder = folder_of_files();
    int file = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file >= 0) return file;
    int n = snprintf(path, sizeof path, "%s/edgewise-XXXXXX", folder); /* a file system without O_TMPFILE */
    if (n > 0 && (size_t)n < sizeof path && (file = mkostemp(path, O_CLOEXEC)) >= 0) unlink(path);
    return file;
}

ew_status ew_spool_open(ew_spool *spool, ew_error *err) {
    *spool = (ew_spool){.file = ew_temporary_file(), .pending = EW_BUFFER_INIT(EW_BUFFER_ANY)};
    if (spool->file < 0)
        return ew_fail(err, EW_RESOURCE, "cannot make a temporary file in '%s': %s; set TMPDIR to a folder with room",
                       folder_of_files(), strerror(errno));
    return EW_OK;
}

static ew_status flush(ew_spool *spool, ew_error *err) {
    for (size_t done = 0; done < spool->pending.length;) {
        ssize_t n = write(spool->file, spool->pending.data + done, spool->pending.length - done);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0)
            return ew_fail(err, EW_RESOURCE, "cannot write the temporary copy of the text: %s; set TMPDIR to a folder with room",
                           strerror(n < 0 ? errno : ENOSPC));
        done += (size_t)n;
    }
    ew_buffer_clear(&spool->pending);
    return EW_OK;
}

ew_status ew_spool_append(ew_spool *spool, const void *bytes, size_t n, uint64_t *at, ew_error *err) {
    *at = spool->size;
    ew_status status = ew_buffer_append(&spool->pending, bytes, n, err);
    if (status != EW_OK) return status;
    spool->size += n;
    return spool->pending.length >= BLOCK ? flush(spool, err) : EW_OK;
}

ew_status ew_spool_seal(ew_spool *spool, ew_error *err) {
    ew_status status = flush(spool, err);
    if (status != EW_OK) return status;
    ew_buffer_free(&spool->pending);
    if (spool->size == 0) {
        spool->map = "";
        return EW_OK;
    }
    void *map = mmap(NULL, spool->size, PROT_READ, MAP_SHARED, spool->file, 0);
    if (map == MAP_FAILED) return ew_fail(err, EW_RESOURCE, "cannot map the temporary copy of the text: %s", strerror(errno));
    spool->map = map;
    spool->mapped = spool->size;
    ew_spill_adopt(map, spool->size);
    return EW_OK;
}

void ew_spool_close(ew_spool *spool) {
    if (spool->mapped) {
        ew_spill_disown((void *)(uintptr_t)spool->map);
        munmap((void *)(uintptr_t)spool->map, spool->mapped);
    }
    if (spool->file >= 0) close(spool->file);
    ew_buffer_free(&spool->pending);
    *spool = (ew_spool){.file = -1, .pending = EW_BUFFER_INIT(EW_BUFFER_ANY)};
}
