/* report.html: the template with its places filled. Its policy allows this very script and style, by their hashes, and
 * nothing else; the data is JSON in a block that no browser executes, with every '<' escaped. */
#include <string.h>

#include "../base/output.h"
#include "page.h"
#include "sha256.h"

typedef struct place { const char *mark, *text; size_t n; } place;

static ew_status fill(ew_output *output, const place *places, size_t n, ew_error *err) {
    const char *at = ew_page_html, *end = ew_page_html_end;
    while (at < end) {
        const char *mark = memchr(at, '{', (size_t)(end - at));
        if (!mark) mark = end;
        ew_status status = ew_output_write(output, at, (size_t)(mark - at), err);
        if (status != EW_OK || mark == end) return status;
        size_t length = 1;
        const char *text = mark;
        size_t size = 1;
        for (size_t i = 0; i < n; i++) {
            size_t own = strlen(places[i].mark);
            if ((size_t)(end - mark) < own || memcmp(mark, places[i].mark, own) != 0) continue;
            length = own;
            text = places[i].text;
            size = places[i].n;
        }
        status = ew_output_write(output, text, size, err);
        if (status != EW_OK) return status;
        at = mark + length;
    }
    return EW_OK;
}

ew_status ew_report_html(const ew_run *run, const char *path, ew_error *err) {
    size_t css = (size_t)(ew_page_css_end - ew_page_css), js = (size_t)(ew_page_js_end - ew_page_js);
    char css_hash[EW_SHA256_BASE64], js_hash[EW_SHA256_BASE64];
    ew_sha256_base64(ew_page_css, css, css_hash);
    ew_sha256_base64(ew_page_js, js, js_hash);
    ew_buffer data = EW_BUFFER_INIT(EW_BUFFER_ANY);
    ew_output output = {0};
    ew_status status;
    EW_TRY(ew_page_data(run, &data, err));
    const place places[] = {
        {"{{css-hash}}", css_hash, strlen(css_hash)}, {"{{js-hash}}", js_hash, strlen(js_hash)}, {"{{css}}", ew_page_css, css},
        {"{{js}}", ew_page_js, js}, {"{{data}}", data.data, data.length},
    };
    EW_TRY(ew_output_open(&output, path, err));
    EW_TRY(fill(&output, places, sizeof places / sizeof places[0], err));
    EW_TRY(ew_output_commit(&output, err));
done:
    ew_output_abandon(&output);
    ew_buffer_free(&data);
    return status;
}
