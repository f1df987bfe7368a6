#include "cli.h"

int cmd_tokens(cli_call *call) { return cli_stage(call, ew_tokens_file, "comment", "comments"); }
