// Loops over plain arrays of floats. Callers split the range over threads.
#pragma once
#include <stddef.h>
#include <stdint.h>

// out[i] = a[i] + b[i]
void ty_add(const float *a, const float *b, float *out, size_t count);
// out[i] += a[i]
void ty_accumulate(const float *a, float *out, size_t count);
// out[i] = value
void ty_fill(float value, float *out, size_t count);
// out[i] = a[i] * factor
void ty_scale(const float *a, float factor, float *out, size_t count);
// The sum of a[i] * b[i] in double.
double ty_dot(const float *a, const float *b, size_t count);
// Copies `rows` rows of `width` floats between arrays whose rows start `source_stride` and `target_stride` apart.
void ty_copy_rows(const float *source, size_t source_stride, float *target, size_t target_stride, size_t width, size_t rows);
// Transposes each pixel's channels, seen as a matrix of `rows` by `columns`.
void ty_transpose_channels(const float *a, float *out, size_t rows, size_t columns, size_t pixels);
// out[row, c] = a[row, c] * factors[c]
void ty_scale_rows(const float *a, const float *factors, float *out, size_t rows, size_t channels);
// Of rows that start `stride` apart: sums[c] = sum of gradient[row, c] * x[row, c]; then gradient[row, c] *= factors[c].
void ty_scale_rows_gradient(const float *x, const float *factors, float *gradient, float *sums, size_t rows, size_t stride,
                            size_t channels);
// out[i] = a[i] * factor where element `first + i` of the stream `seed` survives, else 0; it is dropped where its
// 32 random bits are below `threshold`.
void ty_dropout(const float *a, uint64_t seed, size_t first, uint32_t threshold, float factor, float *out, size_t count);
