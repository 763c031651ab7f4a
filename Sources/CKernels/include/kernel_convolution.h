// Depthwise convolution of channels-last images, and the bias of convolutions and linear layers.
#pragma once
#include <stddef.h>

// Extents of a depthwise convolution; stride, padding and dilation hold for both axes.
struct ty_depthwise {
    ptrdiff_t height, width, channels;
    ptrdiff_t output_height, output_width;
    ptrdiff_t kernel_height, kernel_width;
    ptrdiff_t stride, padding, dilation;
};

// packed[g][tap][l] = weight[8g + l][tap], zero beyond the last channel: [C/8 rounded up, kH * kW, 8] from [C, kH * kW].
// `turned` reverses the taps' order, for the gradient of the input.
void ty_depthwise_pack(const float *weight, ptrdiff_t channels, ptrdiff_t taps, int turned, float *packed);
// Output rows [first, last) of batch * output_height, from packed taps; `bias` may be NULL.
void ty_depthwise_forward(const struct ty_depthwise *shape, const float *input, const float *taps, const float *bias,
                          float *output, ptrdiff_t first, ptrdiff_t last);
// Gradient of the input, rows [first, last) of batch * height, from packed and turned taps.
void ty_depthwise_backward_data(const struct ty_depthwise *shape, const float *output_gradient, const float *turned,
                                float *input_gradient, ptrdiff_t first, ptrdiff_t last);
// Gradient of the taps [kH, kW, C] from output rows [first, last), for channels [from, to); overwrites those. `from` is a
// multiple of 8, and `to` as well or the last channel.
void ty_depthwise_backward_taps(const struct ty_depthwise *shape, const float *input, const float *output_gradient,
                                float *taps_gradient, ptrdiff_t first, ptrdiff_t last, ptrdiff_t from, ptrdiff_t to);

// to[c][r] = from[r][c]
void ty_transpose(const float *from, float *to, size_t rows, size_t columns);
// out[r][c] = row[c]
void ty_repeat_row(const float *row, float *out, size_t rows, size_t columns);
// out[c] = sum over r of values[r][c]; overwrites
void ty_sum_rows(const float *values, float *out, size_t rows, size_t columns);
