#include "cli.h"

int cmd_plan(cli_call *call) {
    ew_error err = {0};
    char *json = NULL;
    char path[4096];
    int code = cli_encoder(call, path, sizeof path);
    if (code == CLI_DONE) code = cli_open_inputs(call);
    if (code != CLI_DONE) return code;
    ew_status status = ew_plan(call->inputs, (size_t)call->n_arguments, &call->options, &json, &err);
    code = cli_print_json(call, status, &err, json);
    return code == CLI_DONE ? cli_timings(call) : code;
}
