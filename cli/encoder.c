/* Which encoder: its name and where its weights lie. The static model is in the program, the deep one in a folder. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"
#include "terminal.h"

static const char *const FOLDER = "edgewise/all-MiniLM-L6-v2"; /* in the user's cache; tools/model-deep.sh puts it there */

static int default_path(char *room, size_t n) {
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    int length = cache && *cache ? snprintf(room, n, "%s/%s", cache, FOLDER)
                                 : snprintf(room, n, "%s/.cache/%s", home ? home : "", FOLDER);
    return length > 0 && (size_t)length < n;
}

int cli_encoder(cli_call *call, char *room, size_t n) {
    struct stat info;
    int deep = call->encoder && strcmp(call->encoder, "deep") == 0;
    if (call->encoder && !deep && strcmp(call->encoder, "static") != 0)
        return cli_usage("'--encoder' takes static or deep, not '%s'", call->encoder);
    if (call->weights && !deep) return cli_usage("'--weights' goes with '--encoder deep'");
    if (!deep) return CLI_DONE;
    if (call->options.model) return cli_usage("'--model' is for the static encoder; the deep one has '--weights'");
    call->options.deep = call->weights;
    if (call->weights) return CLI_DONE;
    if (!default_path(room, n)) return cli_usage("the path of your cache folder is too long; say '--weights PATH'");
    if (stat(room, &info) != 0) {
        cli_say("there is no deep encoder in '%s': 'make model-deep' fetches one, or say where it is with --weights", room);
        return CLI_INPUT;
    }
    call->options.deep = room;
    return CLI_DONE;
}
