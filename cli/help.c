/* Help and manual page, both from the tables of verbs and options. */
#include <stdio.h>
#include <string.h>

#include "options.h"
#include "terminal.h"

enum { WIDTH = 80, GAP = 29 }; /* columns of the help, and where the words of an option begin */

static const char *const GROUP_NAMES[GROUPS] = {"output", "input", "columns of the input, where they are not recognised by name",
                                                "analysis", "run"};

static const struct {
    int code;
    const char *what;
} EXITS[] = {
    {CLI_DONE, "done"},
    {CLI_REJECTED, "done, but more records were rejected than --max-rejected allows"},
    {CLI_USAGE, "usage: an option or argument makes no sense"},
    {CLI_INPUT, "input: it cannot be read or is not what it claims to be"},
    {CLI_RESOURCE, "resources: memory, disk or a declared limit"},
    {CLI_INTERNAL, "internal: a bug in edgewise"},
};

static const struct {
    const char *name, *what;
} ENVIRONMENT[] = {
    {"NO_COLOR", "no colours on a terminal, if set to anything"},
    {"COLUMNS", "width of tables where standard output is no terminal (80)"},
    {"TMPDIR", "where a run keeps the text and large arrays (/tmp)"},
    {"EDGEWISE_ISA", "instruction set to use: serial, avx2, avx512, amx or neon (the best there is)"},
};

/* Words of `text` up to `end`, from column `at`, with later lines indented. */
static void wrap(const char *text, const char *end, int at, int indent) {
    int fresh = 1;
    while (text < end) {
        size_t n = strcspn(text, " "), left = (size_t)(end - text);
        if (n > left) n = left;
        if (!fresh && at + 1 + (int)n > WIDTH) {
            printf("\n%*s", indent, "");
            at = indent;
            fresh = 1;
        }
        printf("%s%.*s", fresh ? "" : " ", (int)n, text);
        at += (int)n + !fresh;
        fresh = 0;
        text += n;
        while (text < end && *text == ' ') text++;
    }
    putchar('\n');
}

static const char *paragraph(const char *text) {
    const char *end = strstr(text, "\n\n");
    return end ? end : text + strlen(text);
}

static void option_help(const cli_option *option) {
    char left[64], text[400], room[64];
    const char *preset = cli_preset(option, room, sizeof room);
    int n = option->letter ? snprintf(left, sizeof left, "  -%c, --%s", option->letter, option->name)
                           : snprintf(left, sizeof left, "      --%s", option->name);
    if (option->argument) n += snprintf(left + n, sizeof left - (size_t)n, " %s", option->argument);
    snprintf(text, sizeof text, *preset ? "%s (%s)" : "%s", option->help, preset);
    printf("%-*s", GAP, left);
    if (n >= GAP) printf("\n%*s", GAP, "");
    wrap(text, text + strlen(text), GAP, GAP);
}

static void verb_help(const cli_verb *verb) {
    printf("usage: edgewise %s %s\n\n", verb->name, verb->synopsis);
    for (const char *text = verb->description; *text;) {
        const char *end = paragraph(text);
        wrap(text, end, 0, 0);
        putchar('\n');
        text = end + strspn(end, "\n");
    }
    for (int group = 0; group < GROUPS; group++) {
        int any = 0;
        for (size_t i = 0; i < CLI_N_OPTIONS; i++) {
            if (CLI_OPTIONS[i].group != (cli_group)group || !(CLI_OPTIONS[i].verbs & verb->bit)) continue;
            if (!any++) printf("%s:\n", GROUP_NAMES[group]);
            option_help(&CLI_OPTIONS[i]);
        }
        if (any) putchar('\n');
    }
    puts("examples:");
    for (size_t i = 0; i < 3 && verb->examples[i].command; i++)
        printf("  # %s\n  %s\n", verb->examples[i].what, verb->examples[i].command);
}

void cli_help(const cli_verb *verb) {
    if (verb) {
        verb_help(verb);
        return;
    }
    puts("usage: edgewise VERB INPUT... [options]\n\n"
         "Reads customer comments (JSONL, JSON, CSV, TSV; plain, .zst or .gz; '-' is\n"
         "standard input) and finds the small groups of needs that are never quite said.\n\nverbs:");
    for (size_t i = 0; i < CLI_N_VERBS; i++) printf("  %-11s %s\n", CLI_VERBS[i].name, CLI_VERBS[i].summary);
    puts("\nexit codes:");
    for (size_t i = 0; i < sizeof EXITS / sizeof *EXITS; i++) printf("  %d  %s\n", EXITS[i].code, EXITS[i].what);
    puts("\n'edgewise help VERB' tells about a verb, 'edgewise help --man' is the manual page.");
}

/* Text for roff: hyphens that can be copied, no accidental requests, no escapes. */
static void roff(const char *text, size_t n) {
    int fresh = 1;
    for (size_t i = 0; i < n; i++) {
        if (fresh && (text[i] == '.' || text[i] == '\'')) fputs("\\&", stdout);
        fresh = text[i] == '\n';
        if (text[i] == '\\')
            fputs("\\e", stdout);
        else if (text[i] == '-')
            fputs("\\-", stdout);
        else if (text[i] == '\'')
            fputs("\\(aq", stdout);
        else
            putchar(text[i]);
    }
}

static void line(const char *text) {
    roff(text, strlen(text));
    putchar('\n');
}

static void man_verb(const cli_verb *verb) {
    printf(".SS ");
    line(verb->name);
    printf(".B edgewise %s\n", verb->name);
    line(verb->synopsis);
    puts(".PP");
    for (const char *text = verb->description; *text;) {
        const char *end = paragraph(text);
        roff(text, (size_t)(end - text));
        puts("\n.PP");
        text = end + strspn(end, "\n");
    }
    printf("Options:");
    for (size_t i = 0, any = 0; i < CLI_N_OPTIONS; i++) {
        if (!(CLI_OPTIONS[i].verbs & verb->bit)) continue;
        printf("%s", any++ ? ", " : " ");
        roff("--", 2);
        roff(CLI_OPTIONS[i].name, strlen(CLI_OPTIONS[i].name));
    }
    puts(".");
    for (size_t i = 0; i < 3 && verb->examples[i].command; i++) {
        puts(".PP");
        printf("Example, ");
        line(verb->examples[i].what);
        puts(".PP\n.RS 4\n.nf");
        line(verb->examples[i].command);
        puts(".fi\n.RE");
    }
}

static void man_option(const cli_option *option) {
    char room[64];
    const char *preset = cli_preset(option, room, sizeof room);
    fputs(".TP\n", stdout);
    if (option->letter) printf("\\fB\\-%c\\fR, ", option->letter);
    fputs("\\fB", stdout);
    roff("--", 2);
    roff(option->name, strlen(option->name));
    printf("\\fR");
    if (option->argument) printf(" \\fI%s\\fR", option->argument);
    putchar('\n');
    roff(option->help, strlen(option->help));
    if (*preset) {
        fputs(" (", stdout);
        roff(preset, strlen(preset));
        putchar(')');
    }
    putchar('\n');
}

void cli_man(void) {
    printf(".TH EDGEWISE 1 \"\" \"edgewise %s\" \"User Commands\"\n", ew_version());
    puts(".SH NAME\nedgewise \\- from customer comments to the needs that are never quite said\n"
         ".SH SYNOPSIS\n.B edgewise\n.I VERB INPUT...\n[options]\n.SH DESCRIPTION");
    line("Reads customer comments and finds small, coherent groups at the fringe: needs that their owners do not voice as a "
         "request. "
         "Input is JSONL, a JSON array, CSV or TSV; plain, zstd (any number of frames) or gzip; '-' is standard input. Columns "
         "are "
         "recognised by name, and can be named. Standard output is data, standard error is talk. The same input, options and "
         "model give "
         "the same bytes for any number of threads.");
    puts(".SH VERBS");
    for (size_t i = 0; i < CLI_N_VERBS; i++) man_verb(&CLI_VERBS[i]);
    puts(".SH OPTIONS");
    for (int group = 0; group < GROUPS; group++) {
        printf(".SS ");
        line(GROUP_NAMES[group]);
        for (size_t i = 0; i < CLI_N_OPTIONS; i++)
            if (CLI_OPTIONS[i].group == (cli_group)group) man_option(&CLI_OPTIONS[i]);
    }
    puts(".PP");
    line("A size is a number of bytes or a number with K, M, G or T (powers of 1024).");
    puts(".SH EXIT STATUS");
    for (size_t i = 0; i < sizeof EXITS / sizeof *EXITS; i++) {
        printf(".TP\n%d\n", EXITS[i].code);
        line(EXITS[i].what);
    }
    puts(".PP");
    line("SIGINT, SIGTERM and SIGHUP end a run cleanly: nothing is left half written, an earlier output stays as it was, and the "
         "program "
         "dies by that signal.");
    puts(".SH ENVIRONMENT");
    for (size_t i = 0; i < sizeof ENVIRONMENT / sizeof *ENVIRONMENT; i++) {
        printf(".TP\n.B %s\n", ENVIRONMENT[i].name);
        line(ENVIRONMENT[i].what);
    }
}
