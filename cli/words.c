/* Words of the command line: which one was meant, and sizes such as 700M. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

enum { LONGEST = 32 };

/* Steps of insert, delete, replace and swap of neighbours between two short words. */
static size_t distance(const char *a, const char *b) {
    size_t n = strlen(a), m = strlen(b);
    if (n > LONGEST || m > LONGEST) return 2 * LONGEST;
    unsigned char cost[LONGEST + 1][LONGEST + 1];
    for (size_t i = 0; i <= n; i++) {
        for (size_t j = 0; j <= m; j++) {
            size_t best = i && j ? (size_t)cost[i - 1][j - 1] + (a[i - 1] != b[j - 1]) : i + j;
            if (i && j && cost[i - 1][j] + 1u < best) best = cost[i - 1][j] + 1u;
            if (i && j && cost[i][j - 1] + 1u < best) best = cost[i][j - 1] + 1u;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && cost[i - 2][j - 2] + 1u < best)
                best = cost[i - 2][j - 2] + 1u;
            cost[i][j] = (unsigned char)best;
        }
    }
    return cost[n][m];
}

const char *cli_nearest(const char *word, const char *const *candidates, size_t n) {
    const char *best = NULL;
    if (strlen(word) > LONGEST) return NULL;
    size_t length = strlen(word), least = length / 3 > 1 ? length / 3 + 1 : 2; /* what is this far is not near */
    for (size_t i = 0; i < n; i++) {
        size_t d = distance(word, candidates[i]);
        if (length > 2 && strncmp(candidates[i], word, length) == 0) d = 0;
        if (d < least || (d == least && least > 2 && !best)) {
            best = candidates[i];
            least = d;
        }
    }
    return best;
}

int cli_size(const char *text, uint64_t *bytes) {
    static const char units[] = "KMGT";
    char *end = NULL;
    if (!isdigit((unsigned char)*text)) return 0;
    double value = strtod(text, &end);
    if (*end) {
        const char *unit = strchr(units, toupper((unsigned char)*end));
        if (!unit) return 0;
        for (const char *u = units; u <= unit; u++) value *= 1024;
        end++;
        if (*end == 'i') end++;
        if (*end == 'B' || *end == 'b') end++;
    }
    if (*end || !(value < 0x1p63)) return 0;
    *bytes = (uint64_t)value;
    return 1;
}
