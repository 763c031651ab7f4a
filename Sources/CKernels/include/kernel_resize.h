// Enlargement of channels-last images by a whole factor.
#pragma once
#include <stddef.h>

// One input row of `width` pixels becomes `factor` output rows, each pixel repeated `factor` times.
void ty_upsample_row(const float *row, size_t width, size_t channels, size_t factor, float *out);
// Sums the `factor` output rows' gradients back into one input row.
void ty_upsample_gradient_row(const float *gradient, size_t width, size_t channels, size_t factor, float *out);
