/* Eigenvectors of small symmetric matrices by Jacobi's rotations: slower than a library, but the same bits everywhere. */
#include <math.h>
#include <string.h>

#include "inside.h"

enum { SWEEPS_MAX = 40 };

/* Rotates rows and columns p and q of a, and rows p and q of v, by the angle with tangent t. */
static void rotate(double *a, double *v, uint32_t n, uint32_t p, uint32_t q, double t) {
    double c = 1 / sqrt(t * t + 1), s = t * c;
    for (uint32_t k = 0; k < n; k++) {
        double x = a[(size_t)k * n + p], y = a[(size_t)k * n + q];
        a[(size_t)k * n + p] = c * x - s * y;
        a[(size_t)k * n + q] = s * x + c * y;
    }
    for (uint32_t k = 0; k < n; k++) {
        double x = a[(size_t)p * n + k], y = a[(size_t)q * n + k];
        a[(size_t)p * n + k] = c * x - s * y;
        a[(size_t)q * n + k] = s * x + c * y;
    }
    for (uint32_t k = 0; k < n; k++) {
        double x = v[(size_t)p * n + k], y = v[(size_t)q * n + k];
        v[(size_t)p * n + k] = c * x - s * y;
        v[(size_t)q * n + k] = s * x + c * y;
    }
}

void ew_symmetric_eigen(double *a, uint32_t n, double *values, double *v, uint32_t *order) {
    for (size_t i = 0; i < (size_t)n * n; i++) v[i] = i % (n + 1u) == 0;
    for (int sweep = 0; sweep < SWEEPS_MAX; sweep++) {
        double off = 0, diagonal = 0;
        for (uint32_t p = 0; p < n; p++) {
            diagonal += a[(size_t)p * n + p] * a[(size_t)p * n + p];
            for (uint32_t q = p + 1; q < n; q++) off += a[(size_t)p * n + q] * a[(size_t)p * n + q];
        }
        if (!(off > 1e-30 * diagonal)) break;
        for (uint32_t p = 0; p + 1 < n; p++)
            for (uint32_t q = p + 1; q < n; q++) {
                double x = a[(size_t)p * n + q];
                if (x == 0) continue;
                double theta = (a[(size_t)q * n + q] - a[(size_t)p * n + p]) / (2 * x);
                double t = fabs(theta) > 1e150 ? 1 / (2 * theta) : (theta < 0 ? -1 : 1) / (fabs(theta) + sqrt(theta * theta + 1));
                rotate(a, v, n, p, q, t);
            }
    }
    for (uint32_t i = 0; i < n; i++) { /* descending; of equals the first stays first */
        uint32_t at = i;
        for (; at && a[(size_t)order[at - 1] * (n + 1u)] < a[(size_t)i * (n + 1u)]; at--) order[at] = order[at - 1];
        order[at] = i;
    }
    for (uint32_t i = 0; i < n; i++) values[i] = a[(size_t)order[i] * (n + 1u)];
    memcpy(a, v, (size_t)n * n * sizeof *a); /* a is free now: vectors are rows there, and columns in the end */
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < n; k++) v[(size_t)k * n + i] = a[(size_t)order[i] * n + k];
}
