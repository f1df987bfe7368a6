/* argv -> cli_call: getopt_long fed from the table of options. */
#include <getopt.h>
#include <string.h>

#include "options.h"
#include "terminal.h"

enum { MOST = 64, FIRST = 256 }; /* options of a verb at most; what getopt_long returns for the first */

static const char *name_of(const cli_call *call) { return call->verb ? call->verb->name : ""; }

/* A word that no option of this verb matches: say whose it is, or what was meant. */
static int unknown(const cli_call *call, const char *word) {
    char name[64];
    size_t n = strcspn(word + 2, "=");
    if (n >= sizeof name) n = sizeof name - 1;
    memcpy(name, word + 2, n);
    name[n] = 0;
    const char *known[MOST];
    size_t here = 0;
    for (size_t i = 0; i < CLI_N_OPTIONS; i++) {
        if (CLI_OPTIONS[i].verbs & call->verb->bit)
            known[here++] = CLI_OPTIONS[i].name;
        else if (strcmp(CLI_OPTIONS[i].name, name) == 0)
            return cli_usage("'%s' has no option '--%s'; see 'edgewise %s --help'", name_of(call), name, name_of(call));
    }
    const char *meant = cli_nearest(name, known, here);
    if (meant) return cli_usage("unknown option '--%s'; did you mean '--%s'?", name, meant);
    return cli_usage("unknown option '--%s'; see 'edgewise %s --help'", name, name_of(call));
}

static int refused(const cli_call *call, int what, char **argv) {
    const char *word = optind > 0 ? argv[optind - 1] : "";
    if (what == ':') return cli_usage("'%s' needs a value; see 'edgewise %s --help'", word, name_of(call));
    if (strncmp(word, "--", 2) != 0) return cli_usage("unknown option '-%c'; see 'edgewise %s --help'", optopt, name_of(call));
    if (optopt >= FIRST) return cli_usage("'--%s' takes no value", CLI_OPTIONS[optopt - FIRST].name);
    return unknown(call, word);
}

int cli_parse(cli_call *call, int argc, char **argv) {
    struct option longs[MOST];
    char shorts[2 * MOST + 2] = ":";
    size_t n = 0, letters = 1;
    for (size_t i = 0; i < CLI_N_OPTIONS && n + 1 < MOST; i++) {
        const cli_option *option = &CLI_OPTIONS[i];
        if (!(option->verbs & call->verb->bit)) continue;
        longs[n++] = (struct option){option->name, option->argument ? required_argument : no_argument, NULL, FIRST + (int)i};
        if (option->letter) shorts[letters++] = option->letter;
        if (option->letter && option->argument) shorts[letters++] = ':';
    }
    longs[n] = (struct option){NULL, 0, NULL, 0};
    shorts[letters] = 0;

    opterr = 0;
    optind = 1;
    int code = CLI_DONE, found;
    while (code == CLI_DONE && (found = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
        if (found == '?' || found == ':') return refused(call, found, argv);
        size_t i = 0;
        if (found >= FIRST)
            i = (size_t)(found - FIRST);
        else
            while (CLI_OPTIONS[i].letter != found || !(CLI_OPTIONS[i].verbs & call->verb->bit)) i++;
        code = CLI_OPTIONS[i].set(call, &CLI_OPTIONS[i], optarg);
    }
    if (code != CLI_DONE || call->help) return code;
    call->arguments = argv + optind;
    call->n_arguments = argc - optind;
    if (call->n_arguments < call->verb->least)
        return cli_usage("usage: edgewise %s %s; see 'edgewise %s --help'", name_of(call), call->verb->synopsis, name_of(call));
    if (call->verb->most >= 0 && call->n_arguments > call->verb->most)
        return cli_usage("'%s' is one argument too many; usage: edgewise %s %s", call->arguments[call->verb->most], name_of(call),
                         call->verb->synopsis);
    return CLI_DONE;
}

const cli_verb *cli_find_verb(const char *name) {
    const char *names[MOST];
    for (size_t i = 0; i < CLI_N_VERBS; i++) {
        names[i] = CLI_VERBS[i].name;
        if (strcmp(name, names[i]) == 0) return &CLI_VERBS[i];
    }
    const char *meant = cli_nearest(name, names, CLI_N_VERBS);
    if (meant)
        cli_usage("unknown verb '%s'; did you mean '%s'?", name, meant);
    else
        cli_usage("unknown verb '%s'; 'edgewise help' lists them", name);
    return NULL;
}
