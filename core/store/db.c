#include "db.h"

#include <math.h>
#include <string.h>

#include "../base/utf8.h"
#include "../text/text.h"

static void failed(ew_db *db, const char *what) {
    if (db->status != EW_OK) return;
    const char *reason = db->handle ? sqlite3_errmsg(db->handle) : "out of memory";
    int code = db->handle ? sqlite3_errcode(db->handle) & 0xff : SQLITE_NOMEM;
    int unreadable = code == SQLITE_NOTADB || code == SQLITE_CORRUPT || code == SQLITE_ERROR;
    db->status = ew_fail(db->err, unreadable ? EW_INPUT : EW_RESOURCE, "cannot %s '%s': %s", what, db->path, reason);
}

void ew_db_open(ew_db *db, const char *file, const char *path, int create, ew_error *err) {
    *db = (ew_db){.path = path, .err = err, .status = EW_OK, .repaired = EW_BUFFER_INIT(EW_BUFFER_ANY)};
    int flags = create ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
    if (sqlite3_open_v2(file, &db->handle, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) failed(db, "open");
}

void ew_db_close(ew_db *db) {
    if (sqlite3_close(db->handle) != SQLITE_OK) failed(db, "close");
    db->handle = NULL;
    ew_buffer_free(&db->repaired);
}

void ew_db_run(ew_db *db, const char *sql) {
    if (db->status == EW_OK && sqlite3_exec(db->handle, sql, NULL, NULL, NULL) != SQLITE_OK) failed(db, "write");
}

ew_query ew_db_query(ew_db *db, const char *sql) {
    ew_query query = {db, NULL, 1};
    if (db->status == EW_OK && sqlite3_prepare_v2(db->handle, sql, -1, &query.statement, NULL) != SQLITE_OK) failed(db, "read");
    return query;
}

static void bound(ew_query *query, int code) {
    query->at++;
    if (code != SQLITE_OK) failed(query->db, "write");
}

void ew_query_null(ew_query *query) {
    if (query->db->status == EW_OK) bound(query, sqlite3_bind_null(query->statement, query->at));
}

/* One U+FFFD for each ill-formed run and each NUL, which would end the text for most readers. */
static void repair(ew_db *db, const char *text, size_t n) {
    ew_buffer_clear(&db->repaired);
    while (db->status == EW_OK) {
        const char *nul = n ? memchr(text, 0, n) : NULL;
        size_t part = nul ? (size_t)(nul - text) : n;
        if (part) db->status = ew_text_repair(text, part, &db->repaired, db->err);
        if (!nul) break;
        if (db->status == EW_OK) db->status = ew_buffer_append(&db->repaired, "\xef\xbf\xbd", 3, db->err);
        text += part + 1;
        n -= part + 1;
    }
}

void ew_query_bytes(ew_query *query, const char *text, size_t n) {
    if (query->db->status != EW_OK) return;
    if (ew_utf8_valid_prefix(text, n) == n && !(n && memchr(text, 0, n))) {
        bound(query, sqlite3_bind_text64(query->statement, query->at, text, n, SQLITE_STATIC, SQLITE_UTF8));
        return;
    }
    repair(query->db, text, n);
    if (query->db->status != EW_OK) return;
    const ew_buffer *clean = &query->db->repaired;
    bound(query, sqlite3_bind_text64(query->statement, query->at, clean->data, clean->length, SQLITE_TRANSIENT, SQLITE_UTF8));
}

void ew_query_text(ew_query *query, const char *text) {
    if (text && *text)
        ew_query_bytes(query, text, strlen(text));
    else
        ew_query_null(query);
}

void ew_query_number(ew_query *query, double value) {
    if (isnan(value))
        ew_query_null(query);
    else if (query->db->status == EW_OK)
        bound(query, sqlite3_bind_double(query->statement, query->at, fabs(value) < 1e9 ? rint(value * 1e6) / 1e6 : value));
}

void ew_query_integer(ew_query *query, int64_t value) {
    if (query->db->status == EW_OK) bound(query, sqlite3_bind_int64(query->statement, query->at, value));
}

void ew_query_index(ew_query *query, uint32_t index) {
    if (index == EW_NONE)
        ew_query_null(query);
    else
        ew_query_integer(query, index);
}

void ew_query_reset(ew_query *query) {
    if (query->statement) sqlite3_reset(query->statement);
    query->at = 1;
}

void ew_query_insert(ew_query *query) {
    if (query->db->status == EW_OK && sqlite3_step(query->statement) != SQLITE_DONE) failed(query->db, "write");
    ew_query_reset(query);
}

int ew_query_next(ew_query *query) {
    if (query->db->status != EW_OK) return 0;
    int code = sqlite3_step(query->statement);
    if (code == SQLITE_ROW) return 1;
    if (code != SQLITE_DONE) failed(query->db, "read");
    return 0;
}

void ew_query_end(ew_query *query) {
    sqlite3_finalize(query->statement);
    query->statement = NULL;
}

const char *ew_query_column(const ew_query *query, int column) {
    return (const char *)sqlite3_column_text(query->statement, column);
}

double ew_query_value(const ew_query *query, int column) {
    int none = sqlite3_column_type(query->statement, column) == SQLITE_NULL;
    return none ? (double)NAN : sqlite3_column_double(query->statement, column);
}

int64_t ew_query_whole(const ew_query *query, int column) { return sqlite3_column_int64(query->statement, column); }
