/* A run in words that do not depend on the machine: what run.json, edgewise.db and report.html say about it alike. */
#ifndef EW_CONTEXT_DESCRIBE_H
#define EW_CONTEXT_DESCRIBE_H

#include "run.h"

/* The k-th of the rejected records kept, with the input's base name in place of its path. */
const char *ew_run_reject(const ew_run *run, uint32_t k);
/* The customer of a comment as it may be stored and shown: an e-mail address becomes "customer-N", N its number in the
 * corpus, unless options.keep_pii. `scratch` may hold it. */
const char *ew_run_customer(const ew_run *run, uint32_t comment, char scratch[32]);

#endif
