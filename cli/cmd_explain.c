#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "terminal.h"

/* The library's text holds verbatims: line by line, nothing in it may steer a terminal. Wide lines are left to wrap. */
static void print_lines(const char *text) {
    while (*text) {
        size_t n = strcspn(text, "\n"), indent = strspn(text, " ");
        if (indent > n) indent = n;
        printf("%*s", (int)indent, "");
        cli_put_safe(stdout, text + indent, n - indent, 0);
        putchar('\n');
        text += n + (text[n] == '\n');
    }
}

int cmd_explain(cli_call *call) {
    ew_error err = {0};
    char *text = NULL;
    ew_status status = ew_explain(call->arguments[0], call->arguments[1], call->json, &text, &err);
    if (call->json) return cli_print_json(call, status, &err, text);
    int code = cli_failed(status, &err);
    if (code == CLI_DONE) print_lines(text);
    ew_free(text);
    return code;
}
