/* edgewise model fetch: the one command that uses the network, and only through pip, run by a script of our own. */
#define _GNU_SOURCE /* memfd_create */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"
#include "terminal.h"

extern const char cli_fetch_script[], cli_fetch_script_end[];

static int script_file(void) {
    int file = memfd_create("edgewise-fetch", 0);
    for (const char *at = cli_fetch_script; file >= 0 && at < cli_fetch_script_end;) {
        ssize_t n = write(file, at, (size_t)(cli_fetch_script_end - at));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) {
            close(file);
            return -1;
        }
        at += n;
    }
    return file;
}

int cli_fetch(const char *folder) {
    char script[40];
    int file = script_file(), status = 0;
    if (file < 0) return cli_say("cannot hold the script that fetches: %s", strerror(errno)), CLI_RESOURCE;
    snprintf(script, sizeof script, "/dev/fd/%d", file);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        dup2(STDERR_FILENO, STDOUT_FILENO); /* what it says is talk */
        execlp("bash", "bash", script, folder, (char *)NULL);
        _exit(127);
    }
    close(file);
    if (child < 0) return cli_say("cannot run bash: %s", strerror(errno)), CLI_RESOURCE;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return CLI_DONE;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127) cli_say("cannot run bash, which fetching needs");
    cli_say("the deep encoder's weights could not be fetched (python3 with pip and a network are needed); the static model does "
            "without");
    return CLI_RESOURCE;
}
