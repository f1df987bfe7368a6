#include "cli.h"

int cmd_families(cli_call *call) {
    if (!call->output) call->output = "-";
    return cli_stage(call, ew_families_file, "family", "families");
}
