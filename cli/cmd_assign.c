#include "cli.h"

static const char *folder; /* of the run; the program makes one call */

static ew_status assign(const ew_input *inputs, size_t n, const ew_options *options, const char *path, uint64_t *rows,
                        ew_error *err) {
    return ew_assign_file(folder, inputs, n, options, path, rows, err);
}

int cmd_assign(cli_call *call) {
    char path[4096];
    int code = cli_encoder(call, path, sizeof path);
    if (code != CLI_DONE) return code;
    if (!call->output) call->output = "-";
    folder = call->arguments[0];
    call->arguments++;
    call->n_arguments--;
    code = cli_stage(call, assign, "comment", "comments");
    call->arguments--;
    call->n_arguments++;
    return code;
}
