// Batch normalisation over channels-last data, fused with a residual and an activation.
//
// All arrays of a channel's values are "wide": repeated until they cover a whole number of image rows, `width`
// floats, so that a layer with few channels still fills vectors. Data come as flat ranges that start at channel 0.
#pragma once
#include <stddef.h>

// centre[j]: a value near the mean of column j's channel, from a few of the `rows` pixels; sums around it stay small.
void ty_batchnorm_centre(const float *x, size_t rows, size_t channels, size_t width, float *centre);

// sums[j] and squares[j]: sums over rows of x - centre and its square.
void ty_batchnorm_statistics(const float *x, const float *centre, size_t count, size_t width, float *sums, float *squares);

// totals[part][c]: the sum over blocks and wide rows of partial[block][part][width], two parts a block, for each channel.
void ty_batchnorm_total(const float *partial, size_t blocks, size_t channels, size_t width, double *totals);

// y = activation(x * scale + shift + residual); residual may be NULL.
void ty_batchnorm_apply(int activation, const float *x, const float *residual, const float *scale, const float *shift,
                        float *y, size_t count, size_t width);

// g = gradient * slope(x * scale + shift + residual) in place of the gradient; sums[j] = sum of g,
// products[j] = sum of g * (x - mean).
void ty_batchnorm_gradient_sums(int activation, const float *x, const float *residual, const float *scale,
                                const float *shift, const float *mean, float *gradient, float *sums, float *products,
                                size_t count, size_t width);

// out = a * g + b * (x - mean) + c; out may be g itself.
void ty_batchnorm_gradient_apply(const float *x, const float *g, const float *mean, const float *a, const float *b,
                                 const float *c, float *out, size_t count, size_t width);
