// Activation functions over plain arrays.
#pragma once
#include <stddef.h>

// Which activation; the numbers are the raw values of Swift's Activation.
enum { TY_IDENTITY, TY_RELU, TY_RELU6, TY_SILU, TY_HARD_SWISH, TY_HARD_SIGMOID, TY_SIGMOID, TY_GELU };

// out[i] = activation(x[i])
void ty_activation(int kind, const float *x, float *out, size_t count);
// gradient[i] *= slope(x[i])
void ty_activation_gradient(int kind, const float *x, float *gradient, size_t count);
