/* Talk on stderr: one safe line at a time. */
#include <stdarg.h>
#include <string.h>

#include "cli.h"
#include "terminal.h"

static void say(const char *format, va_list args) {
    char line[2048];
    vsnprintf(line, sizeof line, format, args);
    cli_progress_clear();
    fputs("edgewise: ", stderr);
    cli_put_safe(stderr, line, strlen(line), 0);
    fputc('\n', stderr);
}

void cli_say(const char *format, ...) {
    va_list args;
    va_start(args, format);
    say(format, args);
    va_end(args);
}

int cli_usage(const char *format, ...) {
    va_list args;
    va_start(args, format);
    say(format, args);
    va_end(args);
    return CLI_USAGE;
}
