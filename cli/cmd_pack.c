#include "cli.h"

int cmd_pack(cli_call *call) { return cli_stage(call, ew_pack_file, "record", "records"); }
