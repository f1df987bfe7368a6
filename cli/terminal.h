/* Terminals: what is safe to print, how wide it is, talk and progress on stderr. */
#ifndef EW_CLI_TERMINAL_H
#define EW_CLI_TERMINAL_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* ---- text.c ------------------------------------------------------------------------------------------------------ */

/* Writes text[0 .. n) to `out` so that no terminal acts on it: control and format characters are left out, any white space is
 * one blank, bytes that are not UTF-8 are U+FFFD; cut with an ellipsis to `columns` (0: whole). Returns the columns used. */
int cli_put_safe(FILE *out, const char *text, size_t n, int columns);
int cli_columns(int file);                              /* of the terminal; else $COLUMNS; else 80 */
int cli_colour(int file);                               /* a terminal that wants colour: not with NO_COLOR, not TERM=dumb */
const char *cli_grouped(uint64_t value, char room[32]); /* 12,345 */
const char *cli_bytes(double value, char room[32]);     /* 1.5 GB */

/* ---- talk.c ------------------------------------------------------------------------------------------------------ */

/* One line on stderr, "edgewise: ...", made safe. */
void cli_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
int cli_usage(const char *format, ...) __attribute__((format(printf, 1, 2))); /* the same; returns CLI_USAGE */

/* ---- progress.c -------------------------------------------------------------------------------------------------- */

void cli_catch_signals(void); /* SIGINT, SIGTERM, SIGHUP: the next progress call cancels */
int cli_interrupted(void);    /* the signal's number, 0: none */
void cli_die(void);           /* by the signal that came; returns if none did */
void cli_progress_start(int quiet);
int cli_progress(void *data, const char *stage, uint64_t done, uint64_t total); /* an ew_progress_fn */
void cli_progress_clear(void); /* takes the line away, so that something else may be said */

/* ---- table.c ----------------------------------------------------------------------------------------------------- */

/* A JSON object as a table for people; anything that is no JSON is printed as it is, made safe. */
void cli_json_table(FILE *out, const char *json);

#endif
