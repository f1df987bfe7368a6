#include "cli.h"

int cmd_embed(cli_call *call) { return cli_stage(call, ew_embed_file, "vector", "vectors"); }
