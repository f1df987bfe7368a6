/* edgewise model list | verify | import | fetch: which models there are, what one is, one of another library as a file of our
 * own, and the weights of the deep encoder. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "options.h"
#include "terminal.h"

static int verify(cli_call *call) {
    ew_error err = {0};
    char *json = NULL;
    if (call->n_arguments != 2) return cli_usage("usage: edgewise model verify PATH");
    ew_status status = ew_model_describe(call->arguments[1], &json, &err);
    return cli_print_json(call, status, &err, json);
}

static int import(cli_call *call) {
    ew_error err = {0};
    if (call->n_arguments != 2) return cli_usage("usage: edgewise model import FOLDER -o FILE");
    int code = cli_need_output(call, "FILE");
    if (code == CLI_DONE) code = cli_failed(ew_model_import(call->arguments[1], call->output, &err), &err);
    if (code == CLI_DONE && !call->quiet && strcmp(call->output, "-") != 0) cli_say("the model is in %s", call->output);
    return code;
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static int exists(const char *folder, const char *name) {
    char path[4096];
    struct stat info;
    return snprintf(path, sizeof path, "%s/%s", folder, name) < (int)sizeof path && stat(path, &info) == 0;
}

/* A file of ours by its ending, a folder by what is in it. */
static int may_be_model(const char *path) {
    struct stat info;
    size_t n = strlen(path);
    if (stat(path, &info) != 0) return 0;
    if (S_ISDIR(info.st_mode)) return exists(path, "tokenizer.json") || exists(path, "0_StaticEmbedding/tokenizer.json");
    return S_ISREG(info.st_mode) &&
           ((n > 12 && strcmp(path + n - 12, ".safetensors") == 0) || (n > 9 && strcmp(path + n - 9, ".edgewise") == 0));
}

static char *joined(const char *folder, const char *name) {
    size_t room = strlen(folder) + strlen(name) + 2;
    char *path = malloc(room);
    if (path) snprintf(path, room, "%s/%s", folder, name);
    return path;
}

/* The models in a folder, in the order of their names; the caller frees each and the list. */
static int models_in(const char *folder, char ***out, size_t *n) {
    size_t capacity = 0;
    struct dirent *entry;
    *out = NULL;
    *n = 0;
    DIR *open = opendir(folder);
    if (!open) return cli_say("cannot read the folder '%s'", folder), CLI_INPUT;
    while ((entry = readdir(open))) {
        if (entry->d_name[0] == '.') continue;
        char *path = joined(folder, entry->d_name);
        if (path && !may_be_model(path)) {
            free(path);
            continue;
        }
        if (*n == capacity) {
            char **more = realloc(*out, (capacity = capacity * 2 + 16) * sizeof *more);
            if (!more)
                free(path), path = NULL;
            else
                *out = more;
        }
        if (!path) {
            closedir(open);
            return cli_say("out of memory"), CLI_RESOURCE;
        }
        (*out)[(*n)++] = path;
    }
    closedir(open);
    if (*n) qsort(*out, *n, sizeof **out, by_name);
    return CLI_DONE;
}

/* One line, or one element of the list; a model that cannot be used is listed with the reason. */
static void tell(const cli_call *call, const char *path, int first) {
    ew_error err = {0};
    char *json = NULL;
    if (ew_model_describe(path, &json, &err) == EW_OK) {
        if (call->json) {
            printf("%s%s", first ? "" : ",\n ", json);
        } else {
            if (!first) putchar('\n');
            cli_json_table(stdout, json);
        }
    } else if (!call->json) {
        printf("\n");
        cli_put_safe(stdout, path, strlen(path), 0);
        printf("\n  cannot be used: ");
        cli_put_safe(stdout, err.message, strlen(err.message), 0);
        putchar('\n');
    }
    ew_free(json);
}

static int list(cli_call *call) {
    int code = CLI_DONE;
    if (call->json) putchar('[');
    tell(call, NULL, 1);
    for (int i = 1; code == CLI_DONE && i < call->n_arguments; i++) {
        char **paths;
        size_t n;
        code = models_in(call->arguments[i], &paths, &n);
        for (size_t k = 0; k < n; k++) {
            if (code == CLI_DONE) tell(call, paths[k], 0);
            free(paths[k]);
        }
        free(paths);
    }
    if (call->json) puts("]");
    return code;
}

static int fetch(cli_call *call) {
    if (call->n_arguments > 2) return cli_usage("usage: edgewise model fetch [FOLDER]");
    return cli_fetch(call->n_arguments == 2 ? call->arguments[1] : NULL);
}

int cmd_model(cli_call *call) {
    static const struct {
        const char *name;
        int (*run)(cli_call *call);
    } doings[] = {{"list", list}, {"verify", verify}, {"import", import}, {"fetch", fetch}};
    for (size_t i = 0; i < sizeof doings / sizeof *doings; i++)
        if (strcmp(call->arguments[0], doings[i].name) == 0) return doings[i].run(call);
    return cli_usage("'model' does list, verify, import or fetch, not '%s'", call->arguments[0]);
}
