/* The public header, alone and first: strict C99 and C++17 both take it, twice, and everything it names can be used. */
#include "edgewise.h"
#include "edgewise.h"

int main(void);

static int stop(void *data, const char *stage, uint64_t done, uint64_t total) {
    return data != 0 && stage != 0 && done == total;
}

int main(void) {
    ew_options options;
    ew_error err;
    ew_input input = {"comments.jsonl", 0, 0};
    ew_run *run = 0;
    ew_options_init(&options);
    options.progress = stop;
    options.columns[EW_COL_TEXT] = "body";
    if (ew_mine(&input, 1, &options, &run, &err) != EW_OK) return 1;
    ew_run_free(run);
    return ew_noise_name(EW_NOISE_NONE) != 0;
}
