// A convolution of channels-last images as a matrix product: each output pixel's window becomes a row of a matrix.
#pragma once
#include <stddef.h>

// Input [batch, height, width, channels], output [batch, output_height, output_width, …]; a patch is one output pixel's
// window, [kernel_height, kernel_width, channels], zero beyond the image. Rows of output pixels are counted through all images.
struct ty_patches {
    ptrdiff_t height, width, channels;
    ptrdiff_t output_height, output_width;
    ptrdiff_t kernel_height, kernel_width;
    ptrdiff_t stride, padding, side_padding;
};

// The patches of rows [first, last) of output pixels; those of row `origin` stand first in `patches`.
void ty_patches_gather(const struct ty_patches *shape, const float *input, float *patches, ptrdiff_t origin, ptrdiff_t first,
                       ptrdiff_t last);
// Adds patches back to where they came from: to rows [first, last) of input pixels, those of the output rows [origin, end). The
// rows before `owned` are set to zero before.
void ty_patches_scatter(const struct ty_patches *shape, const float *patches, float *input, ptrdiff_t origin, ptrdiff_t end,
                        ptrdiff_t owned, ptrdiff_t first, ptrdiff_t last);
