/* Any bytes as a student. First byte even: as they are; odd: the built-in one's header with the input laid over its data, its sum
 * made right. Refused with a message, or every vector it makes is a unit vector of numbers, the same twice. */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/base/hash.h"
#include "../../core/vectors/student_inside.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds) {
    if (!holds) abort();
}

static void embed(const ew_student *student, uint32_t d) {
    static ew_pool *pool;
    static const uint64_t start[] = {0, 3, 3, 4, 12};
    static const uint32_t ids[12] = {2003, 2025, 2204, 1012, 100, 0, 30521, 2204, 2204, 1999, 2000, 2001};
    ew_token_lists lists = {4, start, ids};
    float once[4 * 256], twice[4 * 256];
    if (!pool) must(ew_pool_create(1, &pool, NULL) == EW_OK);
    must(d == 256);
    must(ew_student_embed(student, &lists, pool, NULL, NULL, once, NULL) == EW_OK);
    must(ew_student_embed(student, &lists, pool, NULL, NULL, twice, NULL) == EW_OK);
    must(memcmp(once, twice, sizeof once) == 0);
    for (uint32_t i = 0; i < 4; i++) {
        double norm = 0;
        for (uint32_t k = 0; k < d; k++) norm += (double)once[i * d + k] * (double)once[i * d + k];
        must(norm == 0 || fabs(norm - 1) < 1e-4);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static ew_model model;
    if (!model.vocab) must(ew_model_open(NULL, &model, NULL) == EW_OK);
    if (size < 4) return 0;
    size_t n = size - 1, whole = (size_t)(ew_builtin_student_end - ew_builtin_student);
    uint8_t *file = NULL;
    if (data[0] % 2) n = whole;
    must(posix_memalign((void **)&file, 64, n) == 0);
    if (data[0] % 2) {
        uint64_t header, at = (uint64_t)data[1] << 14 | (uint64_t)data[2] << 6 | data[3];
        memcpy(file, ew_builtin_student, n);
        memcpy(&header, file, sizeof header);
        for (size_t i = 4; i < size && 8 + header + at + i - 4 < n; i++) file[8 + header + at + i - 4] = data[i];
        char sum[17], *note = memmem(file, 8 + header, "\"sum\":\"", 7);
        snprintf(sum, sizeof sum, "%016llx", (unsigned long long)ew_hash(file + 8 + header, n - 8 - header, 0));
        memcpy(note + 7, sum, 16);
    } else {
        memcpy(file, data + 1, n);
    }
    ew_student *student;
    ew_error err = {0};
    ew_status status = ew_student_parse("fuzz", file, n, &model, &student, &err);
    must(status == EW_OK || (status == EW_INPUT && err.message[0] && !student));
    if (status == EW_OK) embed(student, model.d);
    ew_student_close(student);
    free(file);
    return 0;
}
