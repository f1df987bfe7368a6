/* Reads records (uint32 length little endian, bytes) from standard input, writes each normalised in the same form; for
 * normalise.py, which compares with Python's unicodedata. */
#include <stdio.h>
#include <stdlib.h>

#include "../../core/text/text.h"

int main(void) {
    uint32_t n;
    ew_buffer out = EW_BUFFER_INIT(EW_BUFFER_ANY);
    while (fread(&n, sizeof n, 1, stdin) == 1) {
        char *text = malloc(n ? n : 1);
        ew_buffer_clear(&out);
        if (!text || fread(text, 1, n, stdin) != n || ew_text_normalise(text, n, &out, NULL) != EW_OK) return 1;
        free(text);
        n = (uint32_t)out.length;
        if (fwrite(&n, sizeof n, 1, stdout) != 1 || fwrite(out.data ? out.data : "", 1, n, stdout) != n) return 1;
    }
    ew_buffer_free(&out);
    return 0;
}
