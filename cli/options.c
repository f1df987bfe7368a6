/* The options: one table, and the setters it names. */
#include "options.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "terminal.h"

static void *field(cli_call *call, const cli_option *option) { return (char *)call + option->field; }

static int set_text(cli_call *call, const cli_option *option, const char *value) {
    if (!*value) return cli_usage("'--%s' takes %s, and got nothing", option->name, option->argument);
    *(const char **)field(call, option) = value;
    return CLI_DONE;
}

static int set_flag(cli_call *call, const cli_option *option, const char *value) {
    (void)value;
    *(int *)field(call, option) = 1;
    return CLI_DONE;
}

static int number(const cli_option *option, const char *value, uint64_t *out) {
    char *end = NULL;
    errno = 0;
    *out = strtoull(value, &end, 10);
    if (*value >= '0' && *value <= '9' && !*end && !errno && *out >= option->least && *out <= option->most) return CLI_DONE;
    return cli_usage("'--%s' takes a whole number from %" PRIu64 " to %" PRIu64 ", not '%s'", option->name, option->least,
                     option->most, value);
}

static int set_count(cli_call *call, const cli_option *option, const char *value) {
    return number(option, value, field(call, option));
}

static int set_int(cli_call *call, const cli_option *option, const char *value) {
    uint64_t n = 0;
    int code = number(option, value, &n);
    if (code == CLI_DONE) *(int *)field(call, option) = (int)n;
    return code;
}

static int set_size(cli_call *call, const cli_option *option, const char *value) {
    uint64_t *out = field(call, option), bytes = 0;
    char least[32], most[32];
    if (cli_size(value, &bytes) && bytes >= option->least && bytes <= option->most) return *out = bytes, CLI_DONE;
    return cli_usage("'--%s' takes a size from %s to %s, such as 700M or 2G, not '%s'", option->name,
                     cli_bytes((double)option->least, least), cli_bytes((double)option->most, most), value);
}

static int set_switch(cli_call *call, const cli_option *option, const char *value) {
    static const struct {
        const char *word;
        int value;
    } words[] = {{"auto", -1}, {"on", 1}, {"off", 0}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(value, words[i].word) == 0) return *(int *)field(call, option) = words[i].value, CLI_DONE;
    return cli_usage("'--%s' takes auto, on or off, not '%s'", option->name, value);
}

static int set_metric(cli_call *call, const cli_option *option, const char *value) {
    int product = strcmp(value, "ip") == 0;
    if (!product && strcmp(value, "cosine") != 0) return cli_usage("'--%s' takes cosine or ip, not '%s'", option->name, value);
    return *(int *)field(call, option) = product ? EW_INNER_PRODUCT : EW_COSINE, CLI_DONE;
}

static int set_format(cli_call *call, const cli_option *option, const char *value) {
    static const char *const words[] = {"jsonl", "json", "csv", "tsv"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(value, words[i]) == 0) return set_text(call, option, value);
    return cli_usage("'--%s' takes jsonl, json, csv or tsv, not '%s'", option->name, value);
}

#define AT(member) offsetof(cli_call, member)
#define READS (VERB_MINE | VERB_PLAN | VERB_TOKENS | VERB_EMBED | VERB_FAMILIES | VERB_SIGNALS | VERB_NULLS | VERB_ASSIGN)
#define STAGES (VERB_TOKENS | VERB_EMBED | VERB_FAMILIES | VERB_SIGNALS | VERB_NEIGHBOURS | VERB_CLUSTER | VERB_ASSIGN)
#define INPUTS (READS | VERB_PACK)
#define WORKS (VERB_MINE | VERB_PLAN | VERB_NULLS | VERB_PACK | STAGES)
#define ALL (WORKS | VERB_EXPLAIN | VERB_MODEL | VERB_DOCTOR | VERB_HELP)
#define COLUMN(name, column, help)                                                                                               \
    {name, 0, "COLUMN", "", help, GROUP_COLUMNS, READS, set_text, AT(options.columns) + sizeof(char *) * (column), 0, 0}

const cli_option CLI_OPTIONS[] = {
    {"output", 'o', "PATH", "", "the folder (mine) or file to write; '-' is standard output", GROUP_OUTPUT,
     VERB_MINE | VERB_PACK | STAGES | VERB_MODEL, set_text, AT(output), 0, 0},
    {"json", 0, NULL, NULL, "print JSON instead of a table", GROUP_OUTPUT,
     VERB_MINE | VERB_PLAN | VERB_NULLS | VERB_EXPLAIN | VERB_MODEL | VERB_DOCTOR, set_flag, AT(json), 0, 0},
    {"man", 0, NULL, NULL, "print the manual page (roff)", GROUP_OUTPUT, VERB_HELP, set_flag, AT(man), 0, 0},

    {"format", 0, "FORMAT", "recognised by content", "jsonl, json, csv or tsv", GROUP_INPUT, INPUTS, set_format,
     AT(options.format), 0, 0},
    {"max-rejected", 0, "N", NULL, "records that may be rejected before the exit code is 1", GROUP_INPUT, INPUTS & ~VERB_PLAN,
     set_count, AT(options.max_rejected), 0, INT64_MAX},
    {"max-line", 0, "SIZE", NULL, "longest record that is read; a longer one is rejected", GROUP_INPUT, INPUTS, set_size,
     AT(options.max_line), 1024, UINT64_C(1) << 30},
    {"zstd-window-max", 0, "LOG", NULL, "largest zstd window that is accepted, as a power of 2; decoding takes that much memory",
     GROUP_INPUT, INPUTS, set_int, AT(options.zstd_window_log), 10, 31},
    {"keep-pii", 0, NULL, NULL, "show e-mail addresses, phone, card and account numbers as they are, not masked", GROUP_INPUT,
     VERB_MINE, set_flag, AT(options.keep_pii), 0, 0},

    {"since", 0, "DAY", "", "first day, YYYY-MM-DD: comments of earlier days, or without a time, are left out", GROUP_INPUT,
     VERB_MINE | VERB_NULLS, set_text, AT(options.since), 0, 0},
    {"until", 0, "DAY", "", "last day: comments of later days, or without a time, are left out", GROUP_INPUT,
     VERB_MINE | VERB_NULLS, set_text, AT(options.until), 0, 0},

    COLUMN("text", EW_COL_TEXT, "the comment itself"),
    COLUMN("title", EW_COL_TITLE, "its title or subject"),
    COLUMN("id", EW_COL_ID, "its id"),
    COLUMN("time", EW_COL_TIME, "when it was written"),
    COLUMN("rating", EW_COL_RATING, "stars or score"),
    COLUMN("product", EW_COL_PRODUCT, "the product it is about"),
    COLUMN("customer", EW_COL_CUSTOMER, "who wrote it"),
    COLUMN("segment", EW_COL_SEGMENT, "the customer's group (plan, country, ...)"),
    COLUMN("source", EW_COL_SOURCE, "where it came from (shop, survey, ...)"),
    COLUMN("lang", EW_COL_LANG, "its language (ISO 639-1)"),

    {"catalogue", 0, "FILE", "", "CSV of your products, the name first, to tell which a need is about", GROUP_ANALYSIS, VERB_MINE,
     set_text, AT(options.catalogue), 0, 0},
    {"competitors", 0, "FILE", "", "CSV of competitors: name, other names", GROUP_ANALYSIS, VERB_MINE, set_text,
     AT(options.competitors), 0, 0},
    {"cues", 0, "FILE", "", "cue patterns of your own, beside or in place of the built-in ones", GROUP_ANALYSIS,
     VERB_MINE | VERB_SIGNALS, set_text, AT(options.cues), 0, 0},
    {"decoys", 0, "N", NULL, "corpora without structure to test against; 0: nothing can be confirmed", GROUP_ANALYSIS,
     VERB_MINE | VERB_PLAN | VERB_NULLS, set_int, AT(options.decoys), 0, 100},
    {"keep-decoys", 0, "DIR", "", "write the decoys to folder DIR as text: decoy-01.jsonl.zst, ...", GROUP_OUTPUT, VERB_MINE,
     set_text, AT(options.keep_decoys), 0, 0},
    {"corpus-part", 0, "auto|on|off", "auto", "vectors learned from this corpus beside the model's", GROUP_ANALYSIS,
     VERB_MINE | VERB_PLAN | VERB_NULLS | VERB_EMBED, set_switch, AT(options.corpus_part), 0, 0},
    {"level", 0, "N", NULL, "level of zstd: higher is smaller and slower to write", GROUP_OUTPUT, VERB_PACK, set_int,
     AT(options.pack_level), 1, 19},
    {"themes", 0, "K", "automatic", "number of themes", GROUP_ANALYSIS, VERB_MINE | VERB_CLUSTER, set_int, AT(options.themes), 0,
     100000},
    {"max-units", 0, "N", NULL, "comments or groups of copies that are compared with each other at most", GROUP_ANALYSIS,
     VERB_MINE | VERB_PLAN | VERB_NULLS, set_count, AT(options.max_units), 100, 100000000},
    {"recall", 0, "PERCENT", "95; cluster: 85",
     "of each row's 15 nearest that neighbour lists should hold in the mean, as far as a bounded search goes; measured; 100: "
     "exact",
     GROUP_ANALYSIS, VERB_MINE | VERB_NULLS | VERB_NEIGHBOURS | VERB_CLUSTER, set_int, AT(options.recall), 50, 100},
    {"model", 0, "PATH", "the built-in one", "static model to use: a model2vec folder, or a file of 'model import'",
     GROUP_ANALYSIS, VERB_MINE | VERB_PLAN | VERB_NULLS | VERB_TOKENS | VERB_EMBED | VERB_ASSIGN, set_text, AT(options.model), 0,
     0},
    {"encoder", 0, "auto|static|student|deep", "auto; embed: static",
     "what makes vectors of comments; student: a small network; deep: a transformer, a thousand times the work; auto: deep where "
     "its weights are and the "
     "budget allows",
     GROUP_ANALYSIS, VERB_MINE | VERB_PLAN | VERB_NULLS | VERB_EMBED, set_text, AT(encoder), 0, 0},
    {"weights", 0, "PATH", "where 'model fetch' puts them", "folder (or converted file) of the deep encoder", GROUP_ANALYSIS,
     VERB_MINE | VERB_PLAN | VERB_NULLS | VERB_EMBED | VERB_ASSIGN, set_text, AT(weights), 0, 0},
    {"budget", 0, "SECONDS", NULL, "time a run may be expected to take, on two cores, for auto to choose the deep encoder",
     GROUP_ANALYSIS, VERB_MINE | VERB_PLAN | VERB_NULLS, set_count, AT(options.budget), 0, UINT32_MAX},
    {"vectors", 0, "FILE", "", "your own vectors, .npy [comments, dimensions], in place of the model's", GROUP_ANALYSIS,
     VERB_MINE | VERB_PLAN, set_text, AT(options.vectors), 0, 0},
    {"corpora", 0, "N", NULL, "structureless corpora of each kind", GROUP_ANALYSIS, VERB_NULLS, set_count, AT(corpora), 1, 1000},
    {"metric", 0, "cosine|ip", "cosine", "what near means: the cosine, or the inner product of rows as long as they are given",
     GROUP_ANALYSIS, VERB_NEIGHBOURS | VERB_CLUSTER, set_metric, AT(options.metric), 0, 0},
    {"neighbours", 'k', "K", NULL, "neighbours of each row", GROUP_ANALYSIS, VERB_NEIGHBOURS, set_count, AT(k), 1, 1000},

    {"threads", 0, "N", "one for each core", "worker threads; any number gives the same result", GROUP_RUN, WORKS, set_int,
     AT(options.threads), 0, 1024},
    {"seed", 0, "N", NULL, "seed of all random numbers", GROUP_RUN, WORKS & ~VERB_PACK & ~VERB_ASSIGN, set_count,
     AT(options.seed), 0, UINT64_MAX},
    {"memory", 0, "SIZE", "no limit", "memory a run may use; one that would need more stops before it starts", GROUP_RUN,
     WORKS & ~VERB_PACK & ~VERB_ASSIGN, set_size, AT(options.memory), 1 << 20, UINT64_C(1) << 50},
    {"timings", 0, "FILE", "", "write seconds by stage, CPU seconds and peak memory as JSON", GROUP_RUN, WORKS, set_text,
     AT(timings), 0, 0},
    {"quiet", 'q', NULL, NULL, "no progress and no talk but errors", GROUP_RUN, ALL, set_flag, AT(quiet), 0, 0},
    {"help", 'h', NULL, NULL, "print this help", GROUP_RUN, ALL, set_flag, AT(help), 0, 0},
};
const size_t CLI_N_OPTIONS = sizeof CLI_OPTIONS / sizeof *CLI_OPTIONS;

const char *cli_preset(const cli_option *option, char *room, size_t n) {
    if (option->preset || !option->argument) return option->preset ? option->preset : "";
    cli_call fresh = {.k = 15, .corpora = 10};
    ew_options_init(&fresh.options);
    const void *at = (const char *)&fresh + option->field;
    if (option->set == set_int) {
        snprintf(room, n, "%d", *(const int *)at);
    } else if (option->set == set_size) {
        char bytes[32];
        snprintf(room, n, "%s", cli_bytes((double)*(const uint64_t *)at, bytes));
    } else {
        snprintf(room, n, "%" PRIu64, *(const uint64_t *)at);
    }
    return room;
}
