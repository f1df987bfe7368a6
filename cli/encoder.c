/* Which encoder: its name and where its weights lie. The static model is in the program, the deep one in a folder. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "options.h"
#include "terminal.h"

static const char *const FOLDER = "edgewise/all-MiniLM-L6-v2"; /* in the user's cache; tools/model-deep.sh puts it there */

/* Where the weights lie when nobody says: $EDGEWISE_WEIGHTS, which may be empty for "nowhere", or the cache, whose path `room`
 * gets. NULL: they are not there. */
static const char *default_path(char *room, size_t n) {
    const char *named = getenv("EDGEWISE_WEIGHTS"), *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    struct stat info;
    int length = cache && *cache ? snprintf(room, n, "%s/%s", cache, FOLDER)
                                 : snprintf(room, n, "%s/.cache/%s", home ? home : "", FOLDER);
    if (length < 0 || (size_t)length >= n) snprintf(room, n, "(too long a path)");
    if (named) return *named ? named : NULL;
    return stat(room, &info) == 0 ? room : NULL;
}

static int choice_of(const cli_call *call) {
    static const char *const words[] = {[EW_ENCODER_AUTO] = "auto", [EW_ENCODER_STATIC] = "static", [EW_ENCODER_DEEP] = "deep",
                                        [EW_ENCODER_STUDENT] = "student"};
    int first = call->verb->bit == VERB_EMBED ? EW_ENCODER_STATIC : EW_ENCODER_AUTO; /* embed has no budget to go by */
    if (!call->encoder) return first;
    for (int i = first; i <= EW_ENCODER_STUDENT; i++)
        if (strcmp(call->encoder, words[i]) == 0) return i;
    return -1;
}

int cli_encoder(cli_call *call, char *room, size_t n) {
    int choice = choice_of(call), deep = choice == EW_ENCODER_DEEP;
    const char *other = call->options.model ? "--model" : call->options.vectors ? "--vectors" : NULL;
    if (choice < 0)
        return cli_usage("'--encoder' takes %sstatic, student or deep, not '%s'", call->verb->bit == VERB_EMBED ? "" : "auto, ",
                         call->encoder);
    call->options.encoder = choice;
    if (choice == EW_ENCODER_STUDENT && other) return cli_usage("'%s' is in place of the student; give one of them", other);
    if (choice == EW_ENCODER_STATIC || choice == EW_ENCODER_STUDENT)
        return call->weights ? cli_usage("'--weights' goes with '--encoder deep'") : CLI_DONE;
    if (other && (deep || call->weights)) return cli_usage("'%s' is in place of the deep encoder; give one of them", other);
    if (other) return CLI_DONE;
    call->options.deep = call->weights ? call->weights : default_path(room, n);
    if (call->options.deep || !deep) return CLI_DONE;
    cli_say("there is no deep encoder in '%s': 'edgewise model fetch' gets one, or say where it is with --weights", room);
    return CLI_INPUT;
}
