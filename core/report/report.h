/* report: a finished run -> files for machines (needs.jsonl, themes.jsonl, comments.jsonl) and one page for people. */
#ifndef EW_REPORT_H
#define EW_REPORT_H

#include "../context/run.h"

EW_MUST_CHECK ew_status ew_report_needs(const ew_run *run, const char *path, ew_error *err);
EW_MUST_CHECK ew_status ew_report_themes(const ew_run *run, const char *path, ew_error *err);
EW_MUST_CHECK ew_status ew_report_comments(const ew_run *run, const char *path, ew_error *err);
/* One self-contained file: no network, a strict content security policy, nothing it shows is ever executed. */
EW_MUST_CHECK ew_status ew_report_html(const ew_run *run, const char *path, ew_error *err);

#endif
