#include "cli.h"

int cmd_embed(cli_call *call) {
    char path[4096];
    int code = cli_encoder(call, path, sizeof path);
    return code == CLI_DONE ? cli_stage(call, ew_embed_file, "vector", "vectors") : code;
}
