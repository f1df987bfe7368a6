/* edgewise VERB INPUT... [options] */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "terminal.h"

/* What was printed has to have arrived: a full disk behind a redirection is an error like any other. */
static int close_stdout(int code) {
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout)) return code;
    cli_say("cannot write standard output: %s", errno ? strerror(errno) : "it was cut short");
    return code > CLI_REJECTED ? code : CLI_RESOURCE;
}

static int run(const cli_verb *verb, int argc, char **argv) {
    cli_call call = {.verb = verb, .k = 15, .corpora = 10};
    ew_options_init(&call.options);
    if (verb->run == cmd_cluster) call.options.recall = EW_CLUSTER_RECALL;
    int code = cli_parse(&call, argc, argv);
    if (code == CLI_DONE && call.help) {
        cli_help(verb);
    } else if (code == CLI_DONE) {
        cli_progress_start(call.quiet);
        call.options.progress = cli_progress;
        code = verb->run(&call);
    }
    free(call.inputs);
    return code;
}

int main(int argc, char **argv) {
    cli_catch_signals();
    const char *first = argc > 1 ? argv[1] : NULL;
    if (!first) {
        cli_usage("which verb? 'edgewise help' lists them; 'edgewise mine INPUT -o DIR' is the main job");
        return CLI_USAGE;
    }
    if (strcmp(first, "--version") == 0 || strcmp(first, "-V") == 0) {
        printf("edgewise %s\n", ew_version());
        return close_stdout(CLI_DONE);
    }
    if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0) {
        cli_help(NULL);
        return close_stdout(CLI_DONE);
    }
    if (*first == '-')
        return cli_usage("the verb comes first: edgewise VERB INPUT... [options]; 'edgewise help' lists the verbs");
    const cli_verb *verb = cli_find_verb(first);
    return verb ? close_stdout(run(verb, argc - 1, argv + 1)) : CLI_USAGE;
}
