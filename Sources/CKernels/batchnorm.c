// Batch normalisation, forward and backward, two passes over memory in each direction (Ioffe and Szegedy, 2015).
#include "activation_math.h"
#include "include/kernel_batchnorm.h"

void ty_batchnorm_centre(const float *x, size_t rows, size_t channels, size_t width, float *centre) {
    const size_t samples = rows < 16 ? rows : 16;
    memset(centre, 0, channels * sizeof(float));
    for (size_t sample = 0; sample < samples; sample++) {
        const float *row = x + (2 * sample + 1) * rows / (2 * samples) * channels;
        for (size_t c = 0; c < channels; c++) centre[c] += row[c] / (float)samples;
    }
    for (size_t start = channels; start < width; start += channels) memcpy(centre + start, centre, channels * sizeof(float));
}

TY_DISPATCH void ty_batchnorm_statistics(const float *restrict x, const float *restrict centre, size_t count, size_t width,
                                         float *restrict sums, float *restrict squares) {
    memset(sums, 0, width * sizeof(float));
    memset(squares, 0, width * sizeof(float));
    size_t start = 0;
    for (; start + 4 * width <= count; start += 4 * width) {
        const float *r0 = x + start, *r1 = r0 + width, *r2 = r1 + width, *r3 = r2 + width;
        for (size_t j = 0; j < width; j++) {
            const float d0 = r0[j] - centre[j], d1 = r1[j] - centre[j], d2 = r2[j] - centre[j], d3 = r3[j] - centre[j];
            sums[j] += (d0 + d1) + (d2 + d3);
            squares[j] += (d0 * d0 + d1 * d1) + (d2 * d2 + d3 * d3);
        }
    }
    for (; start < count; start += width) {
        const size_t length = count - start < width ? count - start : width;
        for (size_t j = 0; j < length; j++) {
            const float d = x[start + j] - centre[j];
            sums[j] += d;
            squares[j] += d * d;
        }
    }
}

TY_DISPATCH void ty_batchnorm_total(const float *restrict partial, size_t blocks, size_t channels, size_t width, double *restrict totals) {
    memset(totals, 0, 2 * channels * sizeof(double));
    for (size_t block = 0; block < blocks; block++) {
        for (size_t part = 0; part < 2; part++) {
            const float *own = partial + (block * 2 + part) * width;
            double *total = totals + part * channels;
            for (size_t start = 0; start < width; start += channels)
                for (size_t c = 0; c < channels; c++) total[c] += (double)own[start + c];
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
