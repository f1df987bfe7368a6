/* What the verbs have in common: inputs, errors, timings, the file at the end. */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "options.h"
#include "terminal.h"

int cli_open_inputs(cli_call *call) {
    int pipes = 0;
    call->inputs = calloc((size_t)call->n_arguments + 1, sizeof *call->inputs);
    if (!call->inputs) return cli_say("out of memory"), CLI_RESOURCE;
    for (int i = 0; i < call->n_arguments; i++) {
        call->inputs[i].name = call->arguments[i];
        if (strcmp(call->arguments[i], "-") == 0 && pipes++) return cli_usage("'-' (standard input) can be given only once");
    }
    return CLI_DONE;
}

int cli_need_output(const cli_call *call, const char *what) {
    struct stat out, in;
    if (!call->output) return cli_usage("'%s' needs -o %s; see 'edgewise %s --help'", call->verb->name, what, call->verb->name);
    if (stat(call->output, &out) != 0 || !S_ISREG(out.st_mode)) return CLI_DONE;
    for (int i = 0; i < call->n_arguments; i++)
        if (stat(call->arguments[i], &in) == 0 && in.st_dev == out.st_dev && in.st_ino == out.st_ino)
            return cli_usage("'%s' is both input and output; write to another file", call->output);
    return CLI_DONE;
}

int cli_failed(ew_status status, const ew_error *err) {
    static const int codes[] = {
        [-EW_USAGE] = CLI_USAGE, [-EW_INPUT] = CLI_INPUT, [-EW_RESOURCE] = CLI_RESOURCE, [-EW_INTERNAL] = CLI_INTERNAL};
    cli_progress_clear();
    cli_die(); /* a signal that came in the last moments ends the program too */
    if (status == EW_OK) return CLI_DONE;
    cli_say("%s", err->message[0] ? err->message : "it failed and did not say why; please report this as a bug");
    return status >= EW_INTERNAL && status <= EW_USAGE ? codes[-status] : CLI_INTERNAL;
}

static int cannot_write(const char *path) {
    cli_say("cannot write '%s': %s", path, strerror(errno));
    return CLI_RESOURCE;
}

/* Whole or not at all, like every file of a run; a device or pipe is written to directly. */
static int write_file(const char *path, const char *text) {
    char other[PATH_MAX];
    struct stat info;
    int direct = stat(path, &info) == 0 && !S_ISREG(info.st_mode);
    int n = snprintf(other, sizeof other, direct ? "%s" : "%s.tmp", path);
    if (n < 0 || (size_t)n >= sizeof other) return errno = ENAMETOOLONG, cannot_write(path);
    FILE *file = fopen(other, "w");
    if (!file) return cannot_write(path);
    int bad = fputs(text, file) < 0;
    bad |= fclose(file) != 0;
    if (!bad && !direct) bad = rename(other, path) != 0;
    if (!bad) return CLI_DONE;
    int code = cannot_write(path);
    if (!direct) unlink(other);
    return code;
}

int cli_timings(const cli_call *call) {
    char *json = NULL;
    ew_error err = {0};
    if (!call->timings) return CLI_DONE;
    int code = cli_failed(ew_timings(&json, &err), &err);
    if (code == CLI_DONE) code = write_file(call->timings, json);
    ew_free(json);
    return code;
}

void cli_warn_of_recall(const cli_call *call) {
    double recall = 100 * ew_last_recall(), slack = 1; /* of a measure on a sample */
    if (!call->quiet && recall < call->options.recall - slack)
        cli_say("neighbour lists hold %.0f %% of the 15 nearest, --recall asked for %d %%; 100 compares all pairs", recall,
                call->options.recall);
}

int cli_told(const cli_call *call, uint64_t rows, const char *one, const char *many) {
    char number[32];
    if (!call->quiet && strcmp(call->output, "-") != 0)
        cli_say("%s %s written to %s", cli_grouped(rows, number), rows == 1 ? one : many, call->output);
    return cli_timings(call);
}

int cli_stage(cli_call *call, cli_from_inputs *stage, const char *one, const char *many) {
    ew_error err = {0};
    uint64_t rows = 0;
    int code = cli_open_inputs(call);
    if (code == CLI_DONE) code = cli_need_output(call, "FILE");
    if (code != CLI_DONE) return code;
    code = cli_failed(stage(call->inputs, (size_t)call->n_arguments, &call->options, call->output, &rows, &err), &err);
    if (code == CLI_DONE) code = cli_told(call, rows, one, many);
    const char *first;
    uint64_t rejected = code == CLI_DONE ? ew_last_rejected(&first) : 0;
    if (rejected > call->options.max_rejected) {
        char number[32];
        cli_say("%s", first);
        cli_say("%s %s rejected; --max-rejected N accepts that many", cli_grouped(rejected, number),
                rejected == 1 ? "record" : "records");
        return CLI_REJECTED;
    }
    return code;
}

int cli_told_recall(const cli_call *call, uint64_t rows) {
    double recall = 100 * ew_last_recall();
    cli_warn_of_recall(call);
    if (!call->quiet && recall >= 100)
        cli_say("neighbour lists are exact");
    else if (!call->quiet)
        cli_say("neighbour lists hold %.1f %% of the 15 nearest, measured on 512 rows", recall);
    return cli_told(call, rows, "row", "rows");
}

int cli_vectors(cli_call *call) {
    return strcmp(call->arguments[0], "-") == 0 ? cli_usage("'%s' reads a .npy file, not standard input", call->verb->name)
                                                : cli_need_output(call, "FILE.npy");
}

int cli_print_json(const cli_call *call, ew_status status, const ew_error *err, char *json) {
    int code = cli_failed(status, err);
    if (code == CLI_DONE && call->json) {
        fputs(json, stdout);
        if (*json && json[strlen(json) - 1] != '\n') putchar('\n');
    } else if (code == CLI_DONE) {
        cli_json_table(stdout, json);
    }
    ew_free(json);
    return code;
}
