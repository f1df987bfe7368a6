/* One table of verbs and one of options. The parser, the help of each verb and the manual page are all made from them. */
#ifndef EW_CLI_OPTIONS_H
#define EW_CLI_OPTIONS_H

#include "cli.h"

enum {
    VERB_MINE = 1 << 0,
    VERB_PLAN = 1 << 1,
    VERB_TOKENS = 1 << 2,
    VERB_EMBED = 1 << 3,
    VERB_FAMILIES = 1 << 4,
    VERB_SIGNALS = 1 << 5,
    VERB_NEIGHBOURS = 1 << 6,
    VERB_CLUSTER = 1 << 7,
    VERB_EXPLAIN = 1 << 8,
    VERB_DOCTOR = 1 << 9,
    VERB_HELP = 1 << 10,
    VERB_NULLS = 1 << 11,
    VERB_PACK = 1 << 12,
    VERB_MODEL = 1 << 13,
    VERB_ASSIGN = 1 << 14
};

typedef struct cli_example {
    const char *command, *what;
} cli_example;

typedef struct cli_verb {
    const char *name;
    unsigned bit;
    const char *synopsis;    /* behind the name */
    const char *summary;     /* half a sentence for the list of verbs */
    const char *description; /* paragraphs parted by an empty line */
    cli_example examples[3]; /* ends with command NULL, or full */
    int least, most;         /* arguments; most -1: any number */
    int (*run)(cli_call *call);
} cli_verb;

typedef enum cli_group { GROUP_OUTPUT, GROUP_INPUT, GROUP_COLUMNS, GROUP_ANALYSIS, GROUP_RUN, GROUPS } cli_group;

typedef struct cli_option {
    const char *name;
    char letter;          /* 0: none */
    const char *argument; /* NULL: a flag */
    const char *preset;   /* the default in words; NULL: printed from the field itself, or none */
    const char *help;
    cli_group group;
    unsigned verbs;                                                                 /* bits */
    int (*set)(cli_call *call, const struct cli_option *option, const char *value); /* CLI_DONE or CLI_USAGE */
    size_t field;                                                                   /* offset in cli_call */
    uint64_t least, most;                                                           /* of a number */
} cli_option;

extern const cli_verb CLI_VERBS[];
extern const size_t CLI_N_VERBS;
extern const cli_option CLI_OPTIONS[];
extern const size_t CLI_N_OPTIONS;

/* argv: the words behind the program's name (or behind the verb). A usage error is told and returned. */
int cli_parse(cli_call *call, int argc, char **argv);
const cli_verb *cli_find_verb(const char *name); /* NULL after saying which verb may have been meant */
/* The default of an option in words, "" if there is nothing to say; made in `room`. */
const char *cli_preset(const cli_option *option, char *room, size_t n);

/* The help of the program (verb NULL) or of one verb; the manual page in roff. */
void cli_help(const cli_verb *verb);
void cli_man(void);

/* words.c: the candidate nearest to `word` among `n`, NULL if none is near. */
const char *cli_nearest(const char *word, const char *const *candidates, size_t n);
/* words.c: "700M", "1.5G", "4096" -> bytes, returns 1; 0 if it is no size. */
int cli_size(const char *text, uint64_t *bytes);

#endif
