#include "cli.h"

int cmd_signals(cli_call *call) {
    if (!call->output) call->output = "-";
    return cli_stage(call, ew_signals_file, "sentence", "sentences");
}
