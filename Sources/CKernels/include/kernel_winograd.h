// Convolution of channels-last images with 3×3 filters, stride 1, by Winograd's minimal filtering: F(4×4, 3×3) of
// Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2015), a quarter of the direct products.
//
// Each window of 6×6 pixels becomes 36 frequencies, in which the convolution is one matrix product a frequency. Tiles
// are the 4×4 windows of the output, numbered through all images. All functions work on a range and may run at once on
// different ones; scratch memory belongs to one caller at a time.
#pragma once
#include <stddef.h>

// Input [batch, height, width, channels], output [batch, output_height, output_width, outputs], weight [outputs, 3, 3,
// channels]. With `turned` the weight is [channels, 3, 3, outputs] and turned by half a turn, which with a padding of
// 2 - p is the gradient of the data of a convolution with padding p.
struct ty_winograd {
    ptrdiff_t batch, height, width, channels;
    ptrdiff_t output_height, output_width, outputs;
    ptrdiff_t padding;
    int turned;
};

// Extents of the ranges below, and floats that each kind of memory takes.
struct ty_winograd_sizes {
    ptrdiff_t tiles, panels;
    ptrdiff_t weights, scratch;
    ptrdiff_t transformed, panel_scratch;
    ptrdiff_t items, units;
    ptrdiff_t sums, operands, part_scratch, unit_scratch;
};

// `block` is the number of tiles that operands hold.
struct ty_winograd_sizes ty_winograd_sizes(const struct ty_winograd *shape, ptrdiff_t block);

// Panels [first, last) of the transformed weights.
void ty_winograd_transform_weights(const struct ty_winograd *shape, const float *weight, float *weights, ptrdiff_t first,
                                   ptrdiff_t last);
// Output tiles [first, last); `bias` may be NULL.
void ty_winograd_convolve(const struct ty_winograd *shape, const float *input, const float *weights, const float *bias,
                          float *output,
                          float *scratch, ptrdiff_t first, ptrdiff_t last);

// The same the other way round, for few tiles and many channels: all tiles are transformed first,
void ty_winograd_transform_input(const struct ty_winograd *shape, const float *input, float *transformed, ptrdiff_t first,
                                 ptrdiff_t last);
// then panels [first, last) of the output's channels follow, their weights transformed on the way.
void ty_winograd_convolve_panels(const struct ty_winograd *shape, const float *transformed, const float *weight,
                                 const float *bias,
                                 float *output, float *panel_scratch, ptrdiff_t first, ptrdiff_t last);

// Gradient of the weights, in one of three ways.
// Parts: a range of tiles with sums of its own; overwrites them.
void ty_winograd_gradient_part(const struct ty_winograd *shape, const float *input, const float *output_gradient,
                               float *part_scratch,
                               float *sums, ptrdiff_t first, ptrdiff_t last);
// Blocks: tiles [first, last) of the block that starts at `start` become operands,
void ty_winograd_gradient_operands(const struct ty_winograd *shape, const float *input, const float *output_gradient,
                                   float *operands,
                                   ptrdiff_t block, ptrdiff_t start, ptrdiff_t first, ptrdiff_t last);
// whose products, items [first, last), go to the sums.
void ty_winograd_gradient_add(const struct ty_winograd *shape, float *operands, ptrdiff_t block, ptrdiff_t tiles, float *sums,
                              int adds,
                              ptrdiff_t first, ptrdiff_t last);
// After either, `parts` sums one behind the other become the gradient of outputs [first, last).
void ty_winograd_gradient_finish(const struct ty_winograd *shape, const float *sums, ptrdiff_t parts, float *weight_gradient,
                                 int adds,
                                 ptrdiff_t first, ptrdiff_t last);
// Units: operands of one block that holds all tiles become the gradient without sums in between, units [first, last).
void ty_winograd_gradient_units(const struct ty_winograd *shape, float *operands, ptrdiff_t tiles, float *unit_scratch,
                                float *weight_gradient, int adds, ptrdiff_t first, ptrdiff_t last);
