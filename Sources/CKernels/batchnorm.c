// Batch normalisation, forward and backward, two passes over memory in each direction (Ioffe and Szegedy, 2015).
#include "activation_math.h"
#include "include/kernel_batchnorm.h"

// Before a loop whose arrays are either the same one or do not overlap: it may be vectorised either way.
#define TY_SAME_OR_DISJOINT _Pragma("clang loop vectorize(assume_safety)")

TY_DISPATCH void ty_batchnorm_statistics(const float *restrict x, size_t count, size_t width, float *restrict sums,
                                         float *restrict squares) {
    memset(sums, 0, width * sizeof(float));
    memset(squares, 0, width * sizeof(float));
    size_t start = 0;
    for (; start + 4 * width <= count; start += 4 * width) {
        const float *r0 = x + start, *r1 = r0 + width, *r2 = r1 + width, *r3 = r2 + width;
        for (size_t j = 0; j < width; j++) {
            const float d0 = r0[j] - x[j], d1 = r1[j] - x[j], d2 = r2[j] - x[j], d3 = r3[j] - x[j];
            sums[j] += (d0 + d1) + (d2 + d3);
            squares[j] += (d0 * d0 + d1 * d1) + (d2 * d2 + d3 * d3);
        }
    }
    for (; start < count; start += width) {
        const size_t length = count - start < width ? count - start : width;
        for (size_t j = 0; j < length; j++) {
            const float d = x[start + j] - x[j];
            sums[j] += d;
            squares[j] += d * d;
        }
    }
}

TY_DISPATCH void ty_batchnorm_apply(int activation, const float *restrict x, const float *restrict residual,
                                    const float *restrict scale, const float *restrict shift, float *restrict y,
                                    size_t count, size_t width) {
    for (size_t start = 0; start < count; start += width) {
        const size_t length = count - start < width ? count - start : width;
        const float *xs = x + start;
        float *ys = y + start;
        if (residual) {
            const float *rs = residual + start;
#define LOOP(name) for (size_t j = 0; j < length; j++) ys[j] = ty_##name(xs[j] * scale[j] + shift[j] + rs[j])
            TY_FOR_ACTIVATION(activation, LOOP)
#undef LOOP
        } else {
#define LOOP(name) for (size_t j = 0; j < length; j++) ys[j] = ty_##name(xs[j] * scale[j] + shift[j])
            TY_FOR_ACTIVATION(activation, LOOP)
#undef LOOP
        }
    }
}

TY_DISPATCH void ty_batchnorm_gradient_sums(int activation, const float *restrict x, const float *restrict residual,
                                            const float *restrict scale, const float *restrict shift,
                                            const float *restrict mean, float *restrict gradient, float *restrict sums,
                                            float *restrict products, size_t count, size_t width) {
    memset(sums, 0, width * sizeof(float));
    memset(products, 0, width * sizeof(float));
    for (size_t start = 0; start < count; start += width) {
        const size_t length = count - start < width ? count - start : width;
        const float *restrict xs = x + start;
        float *restrict gs = gradient + start;
        if (activation == TY_IDENTITY) {
            for (size_t j = 0; j < length; j++) {
                sums[j] += gs[j];
                products[j] += gs[j] * (xs[j] - mean[j]);
            }
        } else if (residual) {
            const float *restrict rs = residual + start;
#define LOOP(name)                                                                  \
    for (size_t j = 0; j < length; j++) {                                           \
        const float g = gs[j] * ty_##name##_slope(xs[j] * scale[j] + shift[j] + rs[j]); \
        gs[j] = g;                                                                  \
        sums[j] += g;                                                               \
        products[j] += g * (xs[j] - mean[j]);                                       \
    }
            TY_FOR_ACTIVATION(activation, LOOP)
#undef LOOP
        } else {
#define LOOP(name)                                                                  \
    for (size_t j = 0; j < length; j++) {                                           \
        const float g = gs[j] * ty_##name##_slope(xs[j] * scale[j] + shift[j]);     \
        gs[j] = g;                                                                  \
        sums[j] += g;                                                               \
        products[j] += g * (xs[j] - mean[j]);                                       \
    }
            TY_FOR_ACTIVATION(activation, LOOP)
#undef LOOP
        }
    }
}

TY_DISPATCH void ty_batchnorm_gradient_apply(const float *restrict x, const float *g, const float *restrict mean,
                                             const float *restrict a, const float *restrict b, const float *restrict c,
                                             float *out, size_t count, size_t width) {
    for (size_t start = 0; start < count; start += width) {
        const size_t length = count - start < width ? count - start : width;
        TY_SAME_OR_DISJOINT
        for (size_t j = 0; j < length; j++) {
            const size_t i = start + j;
            out[i] = a[j] * g[i] + b[j] * (x[i] - mean[j]) + c[j];
        }
    }
}
