// What surrounds the matrix products of a linear layer. Callers split rows and ranges over threads.
#pragma once
#include <stddef.h>

// out = f(x) and gradient *= f'(x) in one pass.
void ty_activation_and_gradient(int kind, const float *x, float *gradient, float *out, size_t count);
// out[row, c] = residual[row, c] + factor * scale[c] * (out[row, c] + bias[c]); a null scale is ones, a null bias zeros.
void ty_add_residual(const float *residual, float factor, const float *scale, const float *bias, float *out, size_t rows,
                     size_t width);
// out[r, c] = a[r, c] + row[c]; a null row is zeros.
void ty_add_row(const float *a, const float *row, float *out, size_t rows, size_t width);
