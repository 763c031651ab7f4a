// Normalisation of rows over their width, as transformers use it. Callers split the rows over threads.
#pragma once
#include <stddef.h>

// statistics[2 row] = mean, [2 row + 1] = 1 / sqrt(variance + epsilon);
// out = (x - mean) / sqrt(variance + epsilon) * weight + bias.
void ty_layernorm(const float *x, const float *weight, const float *bias, float epsilon, float *statistics, float *out,
                  size_t rows, size_t width);
// The same from statistics that are known.
void ty_layernorm_apply(const float *x, const float *statistics, const float *weight, const float *bias, float *out,
                        size_t rows, size_t width);
// sums[0..<width] = sum over rows of g * normalised x, sums[width..<2 width] = sum over rows of g. With n = normalised x:
// out = (out +) rstd * (g * weight - mean(g * weight) - n * mean(g * weight * n)); out may be g itself unless it adds.
void ty_layernorm_gradient(const float *x, const float *statistics, const float *weight, const float *g, int adds,
                           float *sums, float *out, size_t rows, size_t width);
