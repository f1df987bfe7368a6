#include <math.h>

#include "inside.h"

static bool digit(const char *p, const char *end) { return p < end && *p >= '0' && *p <= '9'; }

float ew_rating_parse(const char *text, size_t n) {
    const char *p = text, *end = text + n;
    double value = 0, scale = 1;
    while (p < end && (*p == ' ' || *p == '\t')) p++;
    bool minus = p < end && *p == '-', any = digit(p, end);
    if (p < end && (*p == '-' || *p == '+')) any = digit(++p, end);
    for (; digit(p, end); p++) value = value * 10 + (*p - '0');
    if (p < end && (*p == '.' || *p == ',')) {
        for (p++; digit(p, end); p++) {
            any = true;
            if (scale >= 1e15) continue; /* far below what a float can tell apart */
            value = value * 10 + (*p - '0');
            scale *= 10;
        }
    }
    if (any && p < end && (*p == 'e' || *p == 'E')) {
        p++;
        bool down = p < end && *p == '-';
        if (p < end && (*p == '-' || *p == '+')) p++;
        int exponent = 0;
        any = digit(p, end);
        for (; digit(p, end); p++) exponent = exponent < 100 ? exponent * 10 + (*p - '0') : exponent;
        for (int i = 0; i < exponent && i < 100; i++) *(down ? &scale : &value) *= 10;
    }
    while (p < end && (*p == ' ' || *p == '\t')) p++;
    if (!any || (p < end && *p != '/')) return NAN;
    value /= scale;
    if (!(value <= 1e30)) return NAN;
    return (float)(minus ? -value : value);
}
