#include "explain.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "../base/alloc.h"
#include "../base/utf8.h"
#include "schema.h"

/* A terminal obeys control characters and shuffles what stands between marks of direction. */
static int harmless(uint32_t point) {
    return point >= 0x20 && !(point >= 0x7f && point < 0xa0) && !(point >= 0x202a && point <= 0x202e) &&
           !(point >= 0x2066 && point <= 0x2069) && point != EW_UTF8_BAD;
}

void ew_talk_line(ew_talk *talk, const char *format, ...) {
    char line[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args); /* a longer line is cut: names and ids are short */
    va_end(args);
    size_t length;
    for (size_t i = 0; line[i]; i += length)
        if (!harmless(ew_utf8_decode(line + i, strlen(line + i), &length))) memset(line + i, '?', length);
    ew_put_raw(&talk->put, line);
    ew_put_raw(&talk->put, "\n");
}

void ew_talk_words(ew_talk *talk, const char *text, size_t most) {
    size_t n = strlen(text), length;
    int blank = 1;
    for (size_t i = 0; i < n && i < most; i += length) {
        uint32_t point = ew_utf8_decode(text + i, n - i, &length);
        char bytes[5] = {0};
        if (!harmless(point) || point == ' ')
            bytes[0] = blank ? 0 : ' ';
        else
            memcpy(bytes, text + i, length);
        blank = bytes[0] == ' ' || !bytes[0];
        ew_put_raw(&talk->put, bytes);
    }
    if (n > most) ew_put_raw(&talk->put, "...");
}

static ew_status explain(ew_db *db, const char *dir, const char *id, int as_json, ew_buffer *out, ew_error *err) {
    ew_query version = ew_db_query(db, "PRAGMA user_version");
    int64_t schema = ew_query_next(&version) ? ew_query_whole(&version, 0) : 0;
    ew_query_end(&version);
    if (db->status != EW_OK) return db->status;
    if (schema != EW_SCHEMA_VERSION)
        return ew_fail(err, EW_INPUT, "'%s' is a database of version %lld, this edgewise reads version %d; mine the input again",
                       db->path, (long long)schema, EW_SCHEMA_VERSION);
    ew_talk talk = {{out, err, EW_OK}, db, as_json};
    int known = ew_explain_need(&talk, id);
    if (!known && db->status == EW_OK && talk.put.status == EW_OK) known = ew_explain_comment(&talk, id);
    if (db->status != EW_OK) return db->status;
    if (talk.put.status != EW_OK) return talk.put.status;
    if (!known)
        return ew_fail(err, EW_USAGE,
                       "nothing in '%s' has the id '%.100s'; needs.jsonl lists the needs, comments.jsonl the comments",
                       dir, id);
    return ew_buffer_append(out, "", 1, err);
}

ew_status ew_explain(const char *dir, const char *id, int as_json, char **out, ew_error *err) {
    *out = NULL;
    size_t n = strlen(dir) + sizeof "/edgewise.db";
    char *path = ew_alloc(n, 1);
    if (!path) return ew_fail_memory(err, n, "a file name");
    snprintf(path, n, "%s/edgewise.db", dir);
    struct stat info;
    ew_buffer text = EW_BUFFER_INIT(EW_BUFFER_ANY);
    ew_status status = EW_OK;
    if (stat(path, &info) != 0) {
        status = ew_fail(err, EW_INPUT,
                         "folder '%s' holds no edgewise.db; name a folder that 'edgewise mine -o' has written", dir);
    } else {
        ew_db db;
        ew_db_open(&db, path, path, 0, err);
        status = db.status == EW_OK ? explain(&db, dir, id, as_json, &text, err) : db.status;
        ew_db_close(&db);
    }
    if (status == EW_OK)
        *out = text.data;
    else
        ew_buffer_free(&text);
    ew_free(path);
    return status;
}
