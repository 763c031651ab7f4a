// Pictures before they are tensors: 8-bit RGB rows in, 8-bit or float rows out.
// Products are not fused here, so that a picture has the same bits on every processor.
#pragma once
#include <stddef.h>
#include <stdint.h>

// out[column] = sum over taps of weights[column * width + tap] * source[first[column] + tap], for `count` RGB pixels of
// floats; `sourcePixels` is the number of pixels that can be read from `source`.
void ty_image_resample_row(const uint8_t *source, size_t sourcePixels, const int32_t *first, const int32_t *taps,
                           const float *weights, size_t width, size_t count, float *out);
// out += weight * row, for `count` floats.
void ty_image_add_row(const float *row, float weight, size_t count, float *out);
// out[i] = base + factor * (image - base), cut off towards zero and limited to a byte; `base` and `out` may be one.
void ty_image_blend(const uint8_t *base, const uint8_t *image, float factor, size_t count, uint8_t *out);
// Luma of RGB pixels (ITU-R BT.601, 16-bit fixed point), repeated over the three channels when `isRepeated`.
void ty_image_grey(const uint8_t *pixels, size_t count, int isRepeated, uint8_t *out);
// One row of the 3 x 3 smoothing filter with weight 5 of 13 in the middle, from three rows of `width` RGB pixels.
void ty_image_smooth_row(const uint8_t *above, const uint8_t *row, const uint8_t *below, size_t width, uint8_t *out);
// One row of a nearest-neighbour affine map in 16.16 fixed point: from (x, y), by (stepX, stepY) a pixel; outside is 0.
void ty_image_affine_row(const uint8_t *pixels, int32_t width, int32_t height, int64_t x, int64_t y, int64_t stepX,
                         int64_t stepY, size_t count, uint8_t *out);
// out = level * gain + offset for each of the three channels, levels 0...255 as bytes or as floats.
void ty_image_normalize_bytes(const uint8_t *pixels, const float *gain, const float *offset, size_t count, float *out);
void ty_image_normalize_levels(const float *levels, const float *gain, const float *offset, size_t count, float *out);
// Levels 0...255 as floats to the nearest byte.
void ty_image_round(const float *levels, size_t count, uint8_t *out);
