#include "options.h"

int cmd_help(cli_call *call) {
    if (call->man) return cli_man(), CLI_DONE;
    const cli_verb *verb = call->n_arguments ? cli_find_verb(call->arguments[0]) : NULL;
    if (call->n_arguments && !verb) return CLI_USAGE;
    cli_help(verb);
    return CLI_DONE;
}
