/* store: the knowledge base of a run on disk, and what can be read back from it. */
#ifndef EW_STORE_H
#define EW_STORE_H

#include "../context/run.h"

/* edgewise.db: the knowledge base (SQLite 3 with FTS5). Same bytes for the same run (and build of SQLite); texts are
 * masked unless options.keep_pii. The tables are in schema.c. EW_RESOURCE: what SQLite says, with the path. */
EW_MUST_CHECK ew_status ew_store_write(const ew_run *run, const char *path, ew_error *err);

#endif
