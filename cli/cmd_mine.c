/* mine: the main job. The folder is tried first, then the run, then the files; what a person reads comes last. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "terminal.h"

enum { SHOWN = 10, TOLD = 5 }; /* needs in the table; rejected records told on stderr */

static const char *const TIER_COLOURS[] = {[EW_CONFIRMED] = "\033[32m", [EW_WATCH] = "\033[33m", [EW_WHISPER] = "\033[2m"};

/* The words of one exemplar in quotes, on a line of its own. */
static ew_status verbatim(const ew_run *run, const ew_need *need, int columns, ew_error *err) {
    char *text = NULL;
    size_t n = 0;
    if (!need->n_exemplars) return EW_OK;
    ew_span span = need->exemplars[0];
    ew_status status = ew_run_text(run, span.comment, span.start, span.end, &text, &n, err);
    if (status != EW_OK) return status;
    fputs("      \"", stdout);
    cli_put_safe(stdout, text, n, columns - 8);
    puts("\"");
    ew_free(text);
    return EW_OK;
}

static ew_status table(const ew_run *run, ew_error *err) {
    size_t n, shown;
    const ew_need *needs = ew_run_needs(run, &n);
    int columns = cli_columns(STDOUT_FILENO), colour = cli_colour(STDOUT_FILENO);
    if (!n) {
        puts("no needs found: nothing at the fringe is both coherent and repeated");
        return EW_OK;
    }
    shown = n < SHOWN ? n : SHOWN;
    puts("rank  tier       kind       comments  customers  name");
    for (size_t i = 0; i < shown; i++) {
        char comments[32], customers[32] = "-";
        if (needs[i].customers) cli_grouped(needs[i].customers, customers);
        printf("%4zu  %s%-9s%s  %-9s  %8s  %9s  ", i + 1, colour ? TIER_COLOURS[needs[i].tier] : "", ew_tier_name(needs[i].tier),
               colour ? "\033[0m" : "", ew_kind_name(needs[i].kind), cli_grouped(needs[i].size, comments), customers);
        cli_put_safe(stdout, needs[i].name, strlen(needs[i].name), columns > 60 ? columns - 49 : 12);
        putchar('\n');
        ew_status status = verbatim(run, &needs[i], columns, err);
        if (status != EW_OK) return status;
    }
    if (shown < n) printf("and %zu more\n", n - shown);
    return EW_OK;
}

static int report(const cli_call *call, const ew_run *run) {
    ew_error err = {0};
    if (!call->json) return cli_failed(table(run, &err), &err);
    char *json = NULL;
    ew_status status = ew_run_json(run, &json, &err);
    return cli_print_json(call, status, &err, json);
}

/* Where everything went, and whether too much of it was rejected. */
static int account(const cli_call *call, const ew_run *run) {
    char part[5][32];
    size_t n;
    uint64_t noise = 0;
    ew_counts counts;
    ew_run_counts(run, &counts);
    ew_run_needs(run, &n);
    for (int i = 0; i < EW_NOISE_KINDS; i++) noise += counts.noise[i];
    cli_warn_of_recall(call);
    if (!call->quiet) {
        cli_say("%s read: %s in themes, %s in needs only, %s noise, %s rejected", cli_grouped(counts.read, part[0]),
                cli_grouped(counts.in_themes, part[1]), cli_grouped(counts.in_needs_only, part[2]), cli_grouped(noise, part[3]),
                cli_grouped(counts.rejected, part[4]));
        if (counts.outside) cli_say("%s left out, as they are of other days or none", cli_grouped(counts.outside, part[0]));
        cli_say("%zu %s; the report is %s/report.html", n, n == 1 ? "need" : "needs", call->output);
    }
    if (counts.rejected <= call->options.max_rejected) return CLI_DONE;
    const char *message;
    for (size_t k = 0; k < TOLD && (message = ew_run_rejected(run, k)); k++) cli_say("%s", message);
    cli_say("%" PRIu64 " %s rejected, and --max-rejected allows %" PRIu64, counts.rejected,
            counts.rejected == 1 ? "record was" : "records were", call->options.max_rejected);
    return CLI_REJECTED;
}

int cmd_mine(cli_call *call) {
    ew_error err = {0};
    ew_run *run = NULL;
    cli_folder folder, decoys = {0};
    char weights[4096];
    int code = cli_encoder(call, weights, sizeof weights);
    if (code == CLI_DONE) code = cli_open_inputs(call);
    if (code == CLI_DONE) code = cli_need_output(call, "DIR");
    if (code == CLI_DONE && strcmp(call->output, "-") == 0)
        code = cli_usage("'mine' writes a folder, not standard output; name one with -o");
    if (code == CLI_DONE) code = cli_folder_open(&folder, call->output);
    if (code != CLI_DONE) return code;
    if (call->options.keep_decoys) code = cli_folder_open(&decoys, call->options.keep_decoys);
    if (code != CLI_DONE) return cli_folder_undo(&folder), code;

    ew_status status = ew_mine(call->inputs, (size_t)call->n_arguments, &call->options, &run, &err);
    if (status == EW_OK) status = ew_run_write(run, call->output, &err);
    if (status != EW_OK || cli_interrupted()) {
        if (decoys.path) cli_folder_undo(&decoys);
        cli_folder_undo(&folder);
    }
    code = cli_failed(status, &err);
    if (code == CLI_DONE) code = cli_timings(call);
    if (code == CLI_DONE) code = report(call, run);
    if (code == CLI_DONE) code = account(call, run);
    ew_run_free(run);
    return code;
}
