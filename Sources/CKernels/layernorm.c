// Layer normalisation: each row stays in the first cache between the passes over it.
#include "include/kernel_layernorm.h"
#include "kernel_support.h"

#define TY_SAME_OR_DISJOINT _Pragma("clang loop vectorize(assume_safety)")

static inline __attribute__((always_inline)) void apply(const float *x, float mean, float rstd, const float *weight,
                                                        const float *bias, float *restrict out, size_t width) {
    for (size_t c = 0; c < width; c++) out[c] = (x[c] - mean) * rstd * weight[c] + bias[c];
}

TY_DISPATCH void ty_layernorm(const float *x, const float *restrict weight, const float *restrict bias, float epsilon,
                              float *statistics, float *out, size_t rows, size_t width) {
    TY_REASSOCIATE
    for (size_t row = 0; row < rows; row++, x += width, out += width) {
        float sum = 0, squares = 0;
        for (size_t c = 0; c < width; c++) sum += x[c];
        const float mean = sum / (float)width;
        for (size_t c = 0; c < width; c++) squares += (x[c] - mean) * (x[c] - mean);
        const float rstd = 1.0f / sqrtf(squares / (float)width + epsilon);
        statistics[2 * row] = mean;
        statistics[2 * row + 1] = rstd;
        apply(x, mean, rstd, weight, bias, out, width);
    }
}

TY_DISPATCH void ty_layernorm_apply(const float *x, const float *statistics, const float *restrict weight,
                                    const float *restrict bias, float *out, size_t rows, size_t width) {
    for (size_t row = 0; row < rows; row++, x += width, out += width)
        apply(x, statistics[2 * row], statistics[2 * row + 1], weight, bias, out, width);
}

TY_DISPATCH void ty_layernorm_gradient(const float *x, const float *statistics, const float *restrict weight, const float *g,
                                       int adds, float *restrict sums, float *out, size_t rows, size_t width) {
    TY_REASSOCIATE
    float *restrict products = sums, *restrict totals = sums + width;
    memset(sums, 0, 2 * width * sizeof(float));
    for (size_t row = 0; row < rows; row++, x += width, g += width, out += width) {
        const float mean = statistics[2 * row], rstd = statistics[2 * row + 1];
        float first = 0, second = 0;
        for (size_t c = 0; c < width; c++) {
            const float normalised = (x[c] - mean) * rstd, scaled = g[c] * weight[c];
            products[c] += g[c] * normalised;
            totals[c] += g[c];
            first += scaled;
            second += scaled * normalised;
        }
        // out = rstd * (g weight) + slope * x + offset.
        const float slope = -rstd * rstd * second / (float)width, offset = -rstd * first / (float)width - slope * mean;
        if (adds) {
            TY_SAME_OR_DISJOINT
            for (size_t c = 0; c < width; c++) out[c] += rstd * g[c] * weight[c] + (slope * x[c] + offset);
        } else {
            TY_SAME_OR_DISJOINT
            for (size_t c = 0; c < width; c++) out[c] = rstd * g[c] * weight[c] + (slope * x[c] + offset);
        }
    }
}
