// Loops over plain arrays of floats. Callers split the range over threads.
#pragma once
#include <stddef.h>

// out[i] = a[i] + b[i]
void ty_add(const float *a, const float *b, float *out, size_t count);
// out[i] += a[i]
void ty_accumulate(const float *a, float *out, size_t count);
// out[i] = value
void ty_fill(float value, float *out, size_t count);
// out[i] = a[i] * factor
void ty_scale(const float *a, float factor, float *out, size_t count);
