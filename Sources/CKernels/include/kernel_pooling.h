// Pooling of channels-last images, one row of pixels at a time, and nearest-neighbour enlargement.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ty_max_pool {
    int height, width, channels, output_height, output_width, kernel, stride, padding;
};

// One output row of one image: out[ow, c] = max over the window, NaN wins; chosen (may be NULL) gets the winner's
// place in the window, row by row.
void ty_max_pool_row(const struct ty_max_pool *pool, const float *image, int output_row, float *out, uint8_t *chosen);
// One input row of one image: gathers the gradients of the outputs that chose its pixels.
void ty_max_pool_gradient_row(const struct ty_max_pool *pool, const float *gradient, const uint8_t *chosen, int row,
                              float *out);

// The windows of a mean along one axis: output o averages inputs start[o] ..< end[o] and divides by divisor[o].
struct ty_windows {
    const int32_t *start, *end;
    const float *divisor;
    int count;
};

// One output row of one image, and one input row of its gradient, which may be added to what `out` holds.
void ty_mean_pool_row(struct ty_windows rows, struct ty_windows columns, const float *image, int width, int channels,
                      int output_row, float *out);
void ty_mean_pool_gradient_row(struct ty_windows rows, struct ty_windows columns, const float *gradient, int width,
                               int channels, int row, bool adds, float *out);
