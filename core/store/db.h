/* SQLite with our manners: the first failure sticks in the handle, names the file, and is looked at once. */
#ifndef EW_STORE_DB_H
#define EW_STORE_DB_H

#include <sqlite3.h>

#include "../base/buffer.h"

typedef struct ew_db {
    sqlite3 *handle;
    const char *path;   /* borrowed; as the user knows it */
    ew_error *err;
    ew_status status;
    ew_buffer repaired; /* scratch for text that is not clean UTF-8 */
} ew_db;

typedef struct ew_query { ew_db *db; sqlite3_stmt *statement; int at; } ew_query;

/* Opens `file` (an existing one unless `create`). Close it whatever came back. */
void ew_db_open(ew_db *db, const char *file, const char *path, int create, ew_error *err);
void ew_db_close(ew_db *db);
void ew_db_run(ew_db *db, const char *sql);

/* A statement whose values are bound from left to right. Text is not copied: it lasts until the row is there. */
ew_query ew_db_query(ew_db *db, const char *sql);
void ew_query_text(ew_query *query, const char *text);              /* NULL, "": NULL */
void ew_query_bytes(ew_query *query, const char *text, size_t n);   /* any bytes: made valid UTF-8 without NUL */
void ew_query_number(ew_query *query, double value);                /* NaN: NULL; six decimals */
void ew_query_integer(ew_query *query, int64_t value);
void ew_query_index(ew_query *query, uint32_t index);               /* EW_NONE: NULL */
void ew_query_null(ew_query *query);
void ew_query_insert(ew_query *query);                              /* runs it and makes it ready for the next row */
int ew_query_next(ew_query *query);                                 /* 1: a row is there; 0: the end, or a failure */
void ew_query_reset(ew_query *query);
void ew_query_end(ew_query *query);

/* Columns of the row that is there. */
const char *ew_query_column(const ew_query *query, int column);     /* NULL: NULL; lives until the next row */
double ew_query_value(const ew_query *query, int column);           /* NaN: NULL */
int64_t ew_query_whole(const ew_query *query, int column);

#endif
