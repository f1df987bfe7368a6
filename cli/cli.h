/* What the files of the command line share. All it knows of the engine is core/edgewise.h.
 *
 * stdout is data, stderr is talk. A function that returns an int returns an exit code, and whoever makes one that is not 0
 * has already said why on stderr. */
#ifndef EW_CLI_H
#define EW_CLI_H

#include "../core/edgewise.h"

/* Exit codes; the manual page lists them from EXITS (help.c). */
enum { CLI_DONE = 0, CLI_REJECTED = 1, CLI_USAGE = 2, CLI_INPUT = 3, CLI_RESOURCE = 4, CLI_INTERNAL = 5 };

struct cli_verb;

/* One call of the program, as parsed. */
typedef struct cli_call {
    const struct cli_verb *verb;
    ew_options options;
    char **arguments;
    int n_arguments;              /* what is left of argv without the options */
    ew_input *inputs;             /* [n_arguments], owned: the arguments as inputs */
    const char *output, *timings; /* NULL: not given */
    const char *encoder, *weights; /* as given; see cli_encoder */
    uint64_t k;                   /* neighbours a row */
    uint64_t corpora;             /* of each kind, for nulls */
    int quiet, json, man, help, version;
} cli_call;

/* ---- shared.c: what every verb does before and after its call into the library ------------------------------------- */

typedef ew_status cli_from_inputs(const ew_input *, size_t, const ew_options *, const char *, uint64_t *, ew_error *);

int cli_open_inputs(cli_call *call);                         /* fills call->inputs from the arguments */
int cli_need_output(const cli_call *call, const char *what); /* a usage error without -o, or where -o is also an input */
int cli_failed(ew_status status, const ew_error *err);       /* says why; CLI_DONE for EW_OK; does not return if cancelled */
int cli_timings(const cli_call *call);                       /* writes --timings, where asked for, for the last call */
void cli_warn_of_recall(const cli_call *call);               /* where the last call's neighbours fell short of --recall */
int cli_told(const cli_call *call, uint64_t rows, const char *one, const char *many); /* "N rows written to PATH" */
int cli_told_recall(const cli_call *call, uint64_t rows); /* the same behind how many of the nearest were found */
int cli_stage(cli_call *call, cli_from_inputs *stage, const char *one, const char *many); /* a whole verb: inputs -> one file */
int cli_vectors(cli_call *call); /* checks the single argument of a verb that reads a .npy */
int cli_print_json(const cli_call *call, ew_status status, const ew_error *err, char *json); /* as is or as a table; frees json */

/* ---- encoder.c: --encoder and --weights -> options.encoder, options.deep ---------------------------------------------- */

int cli_encoder(cli_call *call, char *room, size_t n); /* room: for a path, as long as the options are used */

/* ---- fetch.c: the deep encoder's weights, over the network, into a folder (NULL: the user's cache) ---------------------- */

int cli_fetch(const char *folder);

/* ---- folder.c: the output folder of a run ---------------------------------------------------------------------------- */

typedef struct cli_folder {
    const char *path;
    size_t made_from;
} cli_folder;                                              /* made_from: bytes of path that were there before */
int cli_folder_open(cli_folder *folder, const char *path); /* made if missing, proved to be writable */
void cli_folder_undo(const cli_folder *folder);            /* removes what open made, where it is still empty */

/* ---- the verbs --------------------------------------------------------------------------------------------------------- */

int cmd_mine(cli_call *call);
int cmd_plan(cli_call *call);
int cmd_nulls(cli_call *call);
int cmd_pack(cli_call *call);
int cmd_tokens(cli_call *call);
int cmd_embed(cli_call *call);
int cmd_families(cli_call *call);
int cmd_signals(cli_call *call);
int cmd_neighbours(cli_call *call);
int cmd_cluster(cli_call *call);
int cmd_explain(cli_call *call);
int cmd_assign(cli_call *call);
int cmd_model(cli_call *call);
int cmd_doctor(cli_call *call);
int cmd_help(cli_call *call);

#endif
