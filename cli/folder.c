/* The output folder: made and tried before the work begins, and taken away again if nothing came of it. */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "terminal.h"

static int cannot(const char *path, int number) {
    cli_say("cannot write to folder '%s': %s", path, strerror(number));
    return CLI_RESOURCE;
}

int cli_folder_open(cli_folder *folder, const char *path) {
    char part[PATH_MAX];
    size_t n = strlen(path);
    *folder = (cli_folder){path, n};
    if (n + 16 >= sizeof part) return cannot(path, ENAMETOOLONG);
    for (size_t i = 1; i <= n; i++) {
        if (path[i] != '/' && path[i] != 0) continue;
        memcpy(part, path, i);
        part[i] = 0;
        if (mkdir(part, 0777) == 0) {
            if (folder->made_from == n) folder->made_from = i - 1;
        } else if (errno != EEXIST) {
            int number = errno;
            cli_folder_undo(folder);
            return cannot(path, number);
        }
    }
    snprintf(part, sizeof part, "%s/.try.XXXXXX", path); /* access() tells root nothing: make a file */
    int file = mkstemp(part);
    if (file < 0) return cannot(path, errno);
    close(file);
    unlink(part);
    return CLI_DONE;
}

void cli_folder_undo(const cli_folder *folder) {
    char part[PATH_MAX];
    size_t n = strlen(folder->path);
    if (folder->made_from >= n || n >= sizeof part) return;
    memcpy(part, folder->path, n + 1);
    while (n > folder->made_from) { /* from the leaf upwards; the first that is not empty stays, and all above it */
        part[n] = 0;
        if (rmdir(part) != 0 && errno != ENOENT) return;
        while (n > folder->made_from && part[n - 1] != '/') n--;
        while (n > folder->made_from && part[n - 1] == '/') n--;
    }
}
