// Depthwise convolution, channels last: each thread takes rows, and a block of channels lives in registers.
#include "kernel_convolution.h"
#include "kernel_support.h"

// Channels per block: four registers of AVX2, two of AVX-512.
enum { block = 32, tap_block = 16 };

static inline ptrdiff_t smaller(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }
static inline ptrdiff_t larger(ptrdiff_t a, ptrdiff_t b) { return a > b ? a : b; }
// a / b rounded up; b is positive.
static inline ptrdiff_t ceiling(ptrdiff_t a, ptrdiff_t b) { return a <= 0 ? -(-a / b) : (a + b - 1) / b; }

// The kernel positions whose input position start + k * dilation lies in 0..<extent.
static inline void valid_taps(ptrdiff_t start, ptrdiff_t dilation, ptrdiff_t extent, ptrdiff_t kernel, ptrdiff_t *low, ptrdiff_t *high) {
    *low = larger(0, ceiling(-start, dilation));
    *high = smaller(kernel, ceiling(extent - start, dilation));
}

TY_DISPATCH void ty_depthwise_forward(const struct ty_depthwise *shape, const float *input, const float *taps, const float *bias,
                                      float *output, ptrdiff_t first, ptrdiff_t last) {
    const ptrdiff_t channels = shape->channels, dilation = shape->dilation;
    for (ptrdiff_t row = first; row < last; row++) {
        const float *image = input + row / shape->output_height * shape->height * shape->width * channels;
        const ptrdiff_t y = row % shape->output_height * shape->stride - shape->padding;
        ptrdiff_t top, bottom;
        valid_taps(y, dilation, shape->height, shape->kernel_height, &top, &bottom);
        for (ptrdiff_t column = 0; column < shape->output_width; column++) {
            const ptrdiff_t x = column * shape->stride - shape->padding;
            ptrdiff_t left, right;
            valid_taps(x, dilation, shape->width, shape->kernel_width, &left, &right);
            float *out = output + (row * shape->output_width + column) * channels;
            for (ptrdiff_t channel = 0; channel < channels; channel += block) {
                const ptrdiff_t count = smaller(block, channels - channel);
                float sum[block] = {0};
                if (bias) memcpy(sum, bias + channel, (size_t)count * sizeof(float));
                for (ptrdiff_t v = top; v < bottom; v++) {
                    for (ptrdiff_t u = left; u < right; u++) {
                        const float *a = image + ((y + v * dilation) * shape->width + x + u * dilation) * channels + channel;
                        const float *w = taps + (v * shape->kernel_width + u) * channels + channel;
                        if (count == block)
                            for (int i = 0; i < block; i++) sum[i] += a[i] * w[i];
                        else
                            for (ptrdiff_t i = 0; i < count; i++) sum[i] += a[i] * w[i];
                    }
                }
                if (count == block) memcpy(out + channel, sum, sizeof sum);
                else memcpy(out + channel, sum, (size_t)count * sizeof(float));
            }
        }
    }
}

TY_DISPATCH void ty_depthwise_backward_data(const struct ty_depthwise *shape, const float *output_gradient, const float *taps,
                                            float *input_gradient, ptrdiff_t first, ptrdiff_t last) {
    const ptrdiff_t channels = shape->channels, stride = shape->stride;
    for (ptrdiff_t row = first; row < last; row++) {
        const float *image = output_gradient + row / shape->height * shape->output_height * shape->output_width * channels;
        const ptrdiff_t y = row % shape->height + shape->padding;
        for (ptrdiff_t column = 0; column < shape->width; column++) {
            const ptrdiff_t x = column + shape->padding;
            float *out = input_gradient + (row * shape->width + column) * channels;
            for (ptrdiff_t channel = 0; channel < channels; channel += block) {
                const ptrdiff_t count = smaller(block, channels - channel);
                float sum[block] = {0};
                for (ptrdiff_t v = 0; v < shape->kernel_height; v++) {
                    // The output row that met this input row with kernel row v, if the stride leads there.
                    const ptrdiff_t down = y - v * shape->dilation;
                    if (down < 0 || down % stride || down / stride >= shape->output_height) continue;
                    for (ptrdiff_t u = 0; u < shape->kernel_width; u++) {
                        const ptrdiff_t across = x - u * shape->dilation;
                        if (across < 0 || across % stride || across / stride >= shape->output_width) continue;
                        const float *a = image + (down / stride * shape->output_width + across / stride) * channels + channel;
                        const float *w = taps + (v * shape->kernel_width + u) * channels + channel;
                        if (count == block)
                            for (int i = 0; i < block; i++) sum[i] += a[i] * w[i];
                        else
                            for (ptrdiff_t i = 0; i < count; i++) sum[i] += a[i] * w[i];
                    }
                }
                if (count == block) memcpy(out + channel, sum, sizeof sum);
                else memcpy(out + channel, sum, (size_t)count * sizeof(float));
            }
        }
    }
}

// One kernel row v, `kernel` neighbouring taps from u0, `count` channels from `channel`: the sums stay in registers
// when `kernel` and `count` are constants after inlining.
static inline __attribute__((always_inline)) void tap_row(
    const struct ty_depthwise *shape, const float *input, const float *output_gradient, float *taps_gradient, ptrdiff_t first,
    ptrdiff_t last, ptrdiff_t v, ptrdiff_t u0, const int kernel, ptrdiff_t channel, const ptrdiff_t count) {
    const ptrdiff_t channels = shape->channels, dilation = shape->dilation;
    float sum[7][tap_block] = {{0}};
    for (ptrdiff_t row = first; row < last; row++) {
        const ptrdiff_t y = row % shape->output_height * shape->stride - shape->padding + v * dilation;
        if (y < 0 || y >= shape->height) continue;
        const float *line = input + (row / shape->output_height * shape->height + y) * shape->width * channels + channel;
        const float *gradient = output_gradient + row * shape->output_width * channels + channel;
        for (ptrdiff_t column = 0; column < shape->output_width; column++) {
            const ptrdiff_t x = column * shape->stride - shape->padding + u0 * dilation;
            const float *g = gradient + column * channels;
            if (x >= 0 && x + (kernel - 1) * dilation < shape->width) {
                for (int u = 0; u < kernel; u++)
                    for (ptrdiff_t i = 0; i < count; i++) sum[u][i] += g[i] * line[(x + u * dilation) * channels + i];
            } else {
                for (int u = 0; u < kernel; u++) {
                    const ptrdiff_t at = x + u * dilation;
                    if (at < 0 || at >= shape->width) continue;
                    for (ptrdiff_t i = 0; i < count; i++) sum[u][i] += g[i] * line[at * channels + i];
                }
            }
        }
    }
    for (int u = 0; u < kernel; u++)
        memcpy(taps_gradient + (v * shape->kernel_width + u0 + u) * channels + channel, sum[u], (size_t)count * sizeof(float));
}

#define TAP_ROW(kernel, count) \
    tap_row(shape, input, output_gradient, taps_gradient, first, last, v, u, kernel, channel, count)

TY_DISPATCH void ty_depthwise_backward_taps(const struct ty_depthwise *shape, const float *input, const float *output_gradient,
                                            float *taps_gradient, ptrdiff_t first, ptrdiff_t last) {
    for (ptrdiff_t channel = 0; channel < shape->channels; channel += tap_block) {
        const ptrdiff_t count = smaller(tap_block, shape->channels - channel);
        for (ptrdiff_t v = 0; v < shape->kernel_height; v++) {
            ptrdiff_t u = 0;
            if (count == tap_block) {
                for (; u + 5 <= shape->kernel_width; u += 5) TAP_ROW(5, tap_block);
                for (; u + 3 <= shape->kernel_width; u += 3) TAP_ROW(3, tap_block);
                for (; u < shape->kernel_width; u++) TAP_ROW(1, tap_block);
            } else {
                for (; u < shape->kernel_width; u++) TAP_ROW(1, count);
            }
        }
    }
}
