/* page: the report's parts, and the data it shows. */
#ifndef EW_REPORT_PAGE_H
#define EW_REPORT_PAGE_H

#include "../context/put.h"
#include "report.h"

/* The sources in page/, mapped with the library (page.S); each ends before its _end. */
extern const char ew_page_html[], ew_page_html_end[], ew_page_css[], ew_page_css_end[], ew_page_js[], ew_page_js_end[];

/* All that the page shows, as one JSON object; page/page.js reads it. */
EW_MUST_CHECK ew_status ew_page_data(const ew_run *run, ew_buffer *out, ew_error *err);
/* A need's verbatims as an array: those with exemplars first, then by how central they are; at most 60. A text comes as
 * pieces ["words", flags]: flags 1 an exemplar, plus 2 * (1 + ew_cue_kind) a cue; 0 is left out. */
void ew_page_put_verbatims(ew_put *put, const ew_run *run, const ew_need *need);

#endif
