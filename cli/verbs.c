/* The verbs: what each is called, takes and does. */
#include "options.h"

const cli_verb CLI_VERBS[] = {
    {"mine", VERB_MINE, "INPUT... -o DIR [options]", "read comments, find the needs at the fringe, write a report",
     "Reads every comment, finds the themes most customers talk about and the small, coherent groups at the fringe, tests "
     "these groups against corpora without structure (decoys), and writes a ranked list of needs to folder DIR: "
     "needs.jsonl, themes.jsonl, comments.jsonl, run.json, edgewise.db (SQLite) and report.html. Prints the top needs; with "
     "--json, the text of run.json.\n\nA need is confirmed (false discovery rate at most .10, stable, broad, not from one customer, day or source), on "
     "watch (strong, but one condition is not met; which one is said) or a whisper (worth a look, no claim).",
     {{"edgewise mine quarter.jsonl.zst -o report", "one quarter, one folder"},
      {"edgewise mine tickets.csv --text body --time opened -o report", "name the columns yourself"},
      {"zcat tickets.jsonl.gz | edgewise mine - --memory 2G -o report", "from a pipe, with a ceiling on memory"}},
     1, -1, cmd_mine},
    {"plan", VERB_PLAN, "INPUT... [options]", "how many comments, which columns, how much memory and time",
     "Reads a sample of the input only and says which columns were recognised, how many comments to expect, and how much "
     "memory and time a run would take.",
     {{"edgewise plan quarter.jsonl.zst", "what would a run need?"},
      {"edgewise plan quarter.jsonl.zst --json", "the same for a program"}},
     1, -1, cmd_plan},
    {"signals", VERB_SIGNALS, "INPUT... [-o FILE] [options]", "every sentence with its cues and how surely it asks for something",
     "Writes one JSON object a sentence: {\"id\", \"start\", \"end\", \"need\", \"cues\"}. start and end are bytes of the "
     "comment's text, need is a number from 0 to 1, and a cue is a span of words that signals desire, absence, workaround, "
     "effort, resignation, comparison, worry or delight. Without -o it writes to standard output.",
     {{"edgewise signals tickets.jsonl | grep workaround", "sentences that tell of a workaround"}},
     1, -1, cmd_signals},
    {"families", VERB_FAMILIES, "INPUT... [-o FILE] [options]", "copies, templates and campaigns",
     "Writes one JSON object for each family of near-duplicates: {\"family\", \"rows\", \"ids\", \"kind\"}; rows count from "
     "0, kind is copy, template or campaign. Without -o it writes to standard output.",
     {{"edgewise families tickets.jsonl -o families.jsonl", "who says the same in the same words"}},
     1, -1, cmd_families},
    {"tokens", VERB_TOKENS, "INPUT... -o FILE.bin [options]", "WordPiece ids of every comment",
     "Writes the ids of all comments, one after the other, as uint32 (little endian) to FILE.bin, and where each comment "
     "begins as uint64 to FILE.offsets.bin (one number more than there are comments).",
     {{"edgewise tokens tickets.jsonl -o ids.bin", "ids.bin and ids.offsets.bin"}},
     1, -1, cmd_tokens},
    {"embed", VERB_EMBED, "INPUT... -o FILE.npy [options]", "one vector a comment",
     "Writes the vectors of all comments as a float32 .npy array [comments, dimensions], in the order of the input.",
     {{"edgewise embed tickets.jsonl -o vectors.npy", "for numpy.load"}},
     1, -1, cmd_embed},
    {"neighbours", VERB_NEIGHBOURS, "VECTORS.npy -o FILE.npy [options]", "the nearest rows of every row",
     "Reads vectors [n, d] (float32, float16 or int8) and writes the numbers of the k nearest other rows of each as an "
     "int32 .npy array [n, k], nearest first; rows count from 0 and a row is never its own neighbour.",
     {{"edgewise neighbours vectors.npy -k 15 -o neighbours.npy", "a graph of nearest neighbours"}},
     1, 1, cmd_neighbours},
    {"cluster", VERB_CLUSTER, "VECTORS.npy -o FILE.npy [options]", "a group for every row",
     "Reads vectors [n, d] (float32, float16 or int8) and writes the number of each row's group as an int32 .npy array [n]; "
     "-1 is in none.",
     {{"edgewise cluster vectors.npy -o labels.npy", "labels, counted from 0"}},
     1, 1, cmd_cluster},
    {"explain", VERB_EXPLAIN, "DIR ID [options]", "why a need or a comment is where it is",
     "DIR is the folder of a finished run, ID a need of needs.jsonl or a comment. Prints the figures behind it and the "
     "nearest verbatims.",
     {{"edgewise explain report n_1f0c2a", "why is this a need?"},
      {"edgewise explain report ticket-4711", "why is this comment at the fringe?"}},
     2, 2, cmd_explain},
    {"doctor", VERB_DOCTOR, "[options]", "instruction sets, BLAS, model, memory, versions",
     "Prints what a report of a bug needs.",
     {{"edgewise doctor --json", "to attach to a report of a bug"}},
     0, 0, cmd_doctor},
    {"help", VERB_HELP, "[VERB]", "this help, or that of a verb",
     "Prints the help of a verb, or the list of verbs; with --man the manual page as roff.",
     {{"edgewise help mine", "the same as edgewise mine --help"},
      {"edgewise help --man | man -l -", "the manual page"}},
     0, 1, cmd_help},
};
const size_t CLI_N_VERBS = sizeof CLI_VERBS / sizeof *CLI_VERBS;
