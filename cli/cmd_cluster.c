#include "cli.h"

int cmd_cluster(cli_call *call) {
    ew_error err = {0};
    uint64_t rows = 0;
    int code = cli_vectors(call);
    if (code != CLI_DONE) return code;
    code = cli_failed(ew_cluster_file(call->arguments[0], &call->options, call->output, &rows, &err), &err);
    return code == CLI_DONE ? cli_told_recall(call, rows) : code;
}
