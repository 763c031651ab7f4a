// Elementwise loops without a transcendental function; memory bandwidth is their limit.
#include "kernel_elementwise.h"
#include "kernel_support.h"

TY_DISPATCH void ty_add(const float *a, const float *b, float *out, size_t count) {
    for (size_t i = 0; i < count; i++) out[i] = a[i] + b[i];
}

TY_DISPATCH void ty_accumulate(const float *a, float *out, size_t count) {
    for (size_t i = 0; i < count; i++) out[i] += a[i];
}

TY_DISPATCH void ty_fill(float value, float *out, size_t count) {
    for (size_t i = 0; i < count; i++) out[i] = value;
}

TY_DISPATCH void ty_scale(const float *a, float factor, float *out, size_t count) {
    TY_SAME_OR_DISJOINT
    for (size_t i = 0; i < count; i++) out[i] = a[i] * factor;
}

TY_DISPATCH double ty_dot(const float *a, const float *b, size_t count) {
    TY_REASSOCIATE
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += (double)a[i] * b[i];
    return sum;
}

void ty_copy_rows(const float *source, size_t source_stride, float *target, size_t target_stride, size_t width, size_t rows) {
    for (size_t row = 0; row < rows; row++)
        memcpy(target + row * target_stride, source + row * source_stride, width * sizeof(float));
}

void ty_transpose_channels(const float *restrict a, float *restrict out, size_t rows, size_t columns, size_t pixels) {
    const size_t channels = rows * columns;
    for (size_t pixel = 0; pixel < pixels; pixel++, a += channels, out += channels) {
        for (size_t column = 0; column < columns; column++) {
            for (size_t row = 0; row < rows; row++) out[column * rows + row] = a[row * columns + column];
        }
    }
}

TY_DISPATCH void ty_scale_rows(const float *a, const float *restrict factors, float *out, size_t rows, size_t channels) {
    for (size_t row = 0; row < rows; row++) {
        TY_SAME_OR_DISJOINT
        for (size_t c = 0; c < channels; c++) out[row * channels + c] = a[row * channels + c] * factors[c];
    }
}

TY_DISPATCH void ty_scale_rows_gradient(const float *restrict x, const float *restrict factors, float *restrict gradient,
                                        float *restrict sums, size_t rows, size_t stride, size_t channels) {
    memset(sums, 0, channels * sizeof(float));
    for (size_t row = 0; row < rows; row++) {
        const float *xs = x + row * stride;
        float *g = gradient + row * stride;
        TY_SAME_OR_DISJOINT
        for (size_t c = 0; c < channels; c++) {
            sums[c] += g[c] * xs[c];
            g[c] *= factors[c];
        }
    }
}

TY_DISPATCH void ty_dropout(const float *a, uint64_t seed, size_t first, uint32_t threshold, float factor, float *out,
                            size_t count) {
    const uint32_t low = (uint32_t)seed, high = (uint32_t)(seed >> 32);
    TY_SAME_OR_DISJOINT
    for (size_t i = 0; i < count; i++) {
        // Wellons' 32-bit mixing function over a counter: random numbers that need no state and vectorise.
        uint32_t bits = (uint32_t)(first + i) ^ low;
        bits = (bits ^ (bits >> 16)) * 0x7feb352du;
        bits = (bits ^ (bits >> 15)) * 0x846ca68bu;
        bits = (bits ^ (bits >> 16)) + high;
        bits = (bits ^ (bits >> 16)) * 0x7feb352du;
        bits = (bits ^ (bits >> 15)) * 0x846ca68bu;
        bits ^= bits >> 16;
        out[i] = bits < threshold ? 0.0f : a[i] * factor;
    }
}
