// Depthwise convolution of channels-last images: gradient of the taps.
//
// For a vector of channels the sums of some rows of taps stay in registers while several rows of the image go by.
#include "depthwise_lanes.h"

// What is added up in one go: output rows [first, last) of the batch, for the channels from `channel`; of those, the first
// `done` belong to the vector before and are left alone.
struct pass {
    const struct ty_depthwise *shape;
    const float *input, *gradient;
    float *sums;
    ptrdiff_t first, last, channel, done;
};

// The taps [v, v + rows) × [0, taps) from `number` outputs of a row, which meet the pixels from `first` of lines that are
// NULL beyond the image. `number`, `rows`, `taps` and `step` are constants after inlining.
DEPTHWISE_INLINE void add_outputs(const float *const *line, const float *gradient, ptrdiff_t first, ptrdiff_t width, ptrdiff_t channels,
                                  vec *sum, const int number, const int rows, const int taps, const int step,
                                  const int is_edge) {
    // Pixel first + j exists.
    const ptrdiff_t low = -first, high = width - first;
    vec g[number];
#pragma unroll
    for (int i = 0; i < number; i++) g[i] = *(const vec *)(gradient + i * channels);
#pragma unroll
    for (int r = 0; r < rows; r++) {
        if (!line[r]) continue;
        const float *pixel = line[r] + first * channels;
#pragma unroll
        for (int j = 0; j < (number - 1) * step + taps; j++) {
            if (!is_edge || (j >= low && j < high)) {
                const vec value = *(const vec *)pixel;
#pragma unroll
                for (int i = 0; i < number; i++) {
                    const int u = j - i * step;
                    if (u >= 0 && u < taps) sum[r * taps + u] += value * g[i];
                }
            }
            pixel += channels;
        }
    }
}

// The input line that output row `row` meets with kernel row v; NULL beyond the image.
static inline const float *line_of(const struct pass *pass, ptrdiff_t row, ptrdiff_t v) {
    const struct ty_depthwise *shape = pass->shape;
    const ptrdiff_t image = row / shape->output_height;
    const ptrdiff_t y = (row - image * shape->output_height) * shape->stride - shape->padding + v * shape->dilation;
    if (y < 0 || y >= shape->height) return NULL;
    return pass->input + (image * shape->height + y) * shape->width * shape->channels + pass->channel;
}

DEPTHWISE_INLINE void add_rows(const struct pass *pass, ptrdiff_t v, const int rows, const int taps, const int step, const int number) {
    const struct ty_depthwise *shape = pass->shape;
    const ptrdiff_t channels = shape->channels;
    vec sum[rows * taps];
#pragma unroll
    for (int i = 0; i < rows * taps; i++) sum[i] = (vec){0};
    for (ptrdiff_t row = pass->first; row < pass->last; row++) {
        const float *line[rows], *gradient = pass->gradient + row * shape->output_width * channels + pass->channel;
#pragma unroll
        for (int r = 0; r < rows; r++) line[r] = line_of(pass, row, v + r);
        ptrdiff_t column = 0;
#define ADD(count)                                                                                                         \
    for (; column + count <= shape->output_width; column += count) {                                                       \
        const ptrdiff_t left = column * step - shape->padding;                                                             \
        const float *from = gradient + column * channels;                                                                  \
        if (left < 0 || left + (count - 1) * step + taps > shape->width)                                                   \
            add_outputs(line, from, left, shape->width, channels, sum, count, rows, taps, step, 1);                        \
        else                                                                                                               \
            add_outputs(line, from, left, shape->width, channels, sum, count, rows, taps, step, 0);                        \
    }
        ADD(number)
        ADD(3)
        ADD(1)
#undef ADD
    }
#pragma unroll
    for (int i = 0; i < rows * taps; i++) {
        float *to = pass->sums + (v * taps + i) * shape->channels + pass->channel;
        for (ptrdiff_t l = pass->done; l < lanes; l++) to[l] += sum[i][l];
    }
}

// Any kernel, one tap after the other, for `count` channels.
DEPTHWISE_INLINE void add_single_taps(const struct pass *pass, const ptrdiff_t count) {
    const struct ty_depthwise *shape = pass->shape;
    for (ptrdiff_t tap = 0; tap < shape->kernel_height * shape->kernel_width; tap++) {
        const ptrdiff_t left = tap % shape->kernel_width * shape->dilation - shape->padding;
        float sum[lanes] = {0};
        for (ptrdiff_t row = pass->first; row < pass->last; row++) {
            const float *line = line_of(pass, row, tap / shape->kernel_width);
            const float *gradient = pass->gradient + row * shape->output_width * shape->channels + pass->channel;
            for (ptrdiff_t column = 0; line && column < shape->output_width; column++) {
                const ptrdiff_t x = column * shape->stride + left;
                if (x < 0 || x >= shape->width) continue;
                for (ptrdiff_t l = 0; l < count; l++) sum[l] += line[x * shape->channels + l] * gradient[column * shape->channels + l];
            }
        }
        for (ptrdiff_t l = pass->done; l < count; l++) pass->sums[tap * shape->channels + pass->channel + l] += sum[l];
    }
}

TY_DISPATCH static void add_pass(const struct pass *pass) {
    const struct ty_depthwise *shape = pass->shape;
    if (shape->channels < lanes) {
        add_single_taps(pass, shape->channels);
        return;
    }
    const int is_square = shape->kernel_height == shape->kernel_width && shape->dilation == 1;
    switch (is_square ? shape->stride * 8 + shape->kernel_width : 0) {
#define KERNEL(step)                                                                       \
    case step * 8 + 3: add_rows(pass, 0, 3, 3, step, 4); break;                            \
    case step * 8 + 5:                                                                     \
        for (ptrdiff_t v = 0; v < 4; v += 2) add_rows(pass, v, 2, 5, step, 4);             \
        add_rows(pass, 4, 1, 5, step, 4);                                                  \
        break;                                                                             \
    case step * 8 + 7:                                                                     \
        for (ptrdiff_t v = 0; v < 7; v++) add_rows(pass, v, 1, 7, step, 7);                \
        break
        KERNEL(1);
        KERNEL(2);
    default: add_single_taps(pass, lanes); break;
    }
}

void ty_depthwise_backward_taps(const struct ty_depthwise *shape, const float *input, const float *output_gradient, float *sums,
                                ptrdiff_t first, ptrdiff_t last, ptrdiff_t from, ptrdiff_t to) {
    const ptrdiff_t channels = shape->channels;
    // Rows enough to hide the loading and storing of the sums.
    const ptrdiff_t rows = (64 + shape->output_width - 1) / shape->output_width;
    for (ptrdiff_t tap = 0; tap < shape->kernel_height * shape->kernel_width; tap++)
        memset(sums + tap * channels + from, 0, (size_t)(to - from) * sizeof(float));
    for (ptrdiff_t row = first; row < last; row += rows) {
        for (ptrdiff_t channel = from; channel < to; channel += lanes) {
            const ptrdiff_t own = channels < lanes ? 0 : smaller(channel, channels - lanes);
            const struct pass pass = {shape, input, output_gradient, sums, row, smaller(row + rows, last), own, channel - own};
            add_pass(&pass);
        }
    }
}
