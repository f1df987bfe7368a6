/* Small things that several files of vectors need. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/alloc.h"
#include "../kernels/gather.h"
#include "inside.h"

ew_status ew_mapping_open(const char *path, const char *what, ew_mapping *out, ew_error *err) {
    *out = (ew_mapping){0};
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) return ew_fail(err, EW_INPUT, "cannot open the %s '%s': %s", what, path, strerror(errno));
    struct stat info;
    ew_status status = EW_OK;
    if (fstat(file, &info) != 0 || !S_ISREG(info.st_mode)) {
        status = ew_fail(err, EW_INPUT, "the %s '%s' is not a regular file", what, path);
    } else if (info.st_size == 0) {
        status = ew_fail(err, EW_INPUT, "the %s '%s' is empty", what, path);
    } else {
        void *bytes = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, file, 0);
        if (bytes == MAP_FAILED)
            status = ew_fail(err, EW_RESOURCE, "cannot map the %s '%s': %s", what, path, strerror(errno));
        else
            *out = (ew_mapping){bytes, (size_t)info.st_size};
    }
    close(file);
    return status;
}

void ew_mapping_close(ew_mapping *mapping) {
    if (mapping->bytes) munmap(mapping->bytes, mapping->n);
    *mapping = (ew_mapping){0};
}

ew_status ew_token_lists_check(const ew_token_lists *lists, uint32_t vocab, ew_error *err) {
    if (lists->n == 0) return EW_OK;
    for (uint32_t i = 0; i < lists->n; i++)
        if (lists->start[i] > lists->start[i + 1])
            return ew_fail(err, EW_USAGE, "the token list of text %u ends before it starts", i);
    uint32_t most = 0;
    for (uint64_t i = lists->start[0]; i < lists->start[lists->n]; i++)
        if (lists->ids[i] > most) most = lists->ids[i];
    if (lists->start[0] < lists->start[lists->n] && most >= vocab)
        return ew_fail(err, EW_USAGE, "token id %u is not below the %u rows of the model; use the model with its own vocabulary",
                       most, vocab);
    return EW_OK;
}

void ew_unit_row(float *x, uint32_t d, float least) { ew_gather_kernels_get()->unit(x, d, least); }

ew_status ew_tallies_create(int workers, uint32_t vocab, ew_tally **out, ew_error *err) {
    *out = ew_calloc((size_t)workers, sizeof **out);
    if (!*out) return ew_fail_memory(err, (size_t)workers * sizeof **out, "token counts");
    for (int w = 0; w < workers; w++) {
        (*out)[w].counts = ew_calloc(vocab, sizeof *(*out)[w].counts);
        (*out)[w].distinct = ew_alloc(vocab, sizeof *(*out)[w].distinct);
        (*out)[w].weights = ew_alloc(vocab, sizeof *(*out)[w].weights);
        if (!(*out)[w].counts || !(*out)[w].distinct || !(*out)[w].weights) {
            ew_tallies_free(*out, workers);
            *out = NULL;
            return ew_fail_memory(err, vocab * sizeof(uint32_t), "token counts");
        }
    }
    return EW_OK;
}

void ew_tallies_free(ew_tally *tallies, int workers) {
    for (int w = 0; tallies && w < workers; w++) {
        ew_free(tallies[w].counts);
        ew_free(tallies[w].distinct);
        ew_free(tallies[w].weights);
    }
    ew_free(tallies);
}

void ew_tally_text(ew_tally *tally, const ew_token_lists *lists, uint32_t text) {
    for (uint64_t i = lists->start[text]; i < lists->start[text + 1]; i++) {
        uint32_t id = lists->ids[i];
        if (tally->counts[id]++ == 0) tally->distinct[tally->n++] = id;
    }
}

void ew_tally_clear(ew_tally *tally) {
    for (uint32_t i = 0; i < tally->n; i++) tally->counts[tally->distinct[i]] = 0;
    tally->n = 0;
}
