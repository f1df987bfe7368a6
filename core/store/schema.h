/* The tables of edgewise.db; PRAGMA user_version is EW_SCHEMA_VERSION. */
#ifndef EW_STORE_SCHEMA_H
#define EW_STORE_SCHEMA_H

#define EW_SCHEMA_VERSION 4

extern const char ew_schema_tables[];  /* before the rows */
extern const char ew_schema_indexes[]; /* after them: indexes, views, full text */

#endif
