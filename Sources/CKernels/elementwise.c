// Elementwise loops without a transcendental function; memory bandwidth is their limit.
#include "kernel_elementwise.h"
#include "kernel_support.h"

TY_DISPATCH void ty_add(const float *a, const float *b, float *out, size_t count) {
    for (size_t i = 0; i < count; i++) out[i] = a[i] + b[i];
}

TY_DISPATCH void ty_accumulate(const float *a, float *out, size_t count) {
    for (size_t i = 0; i < count; i++) out[i] += a[i];
}

TY_DISPATCH void ty_fill(float value, float *out, size_t count) {
    for (size_t i = 0; i < count; i++) out[i] = value;
}

TY_DISPATCH void ty_scale(const float *a, float factor, float *out, size_t count) {
    for (size_t i = 0; i < count; i++) out[i] = a[i] * factor;
}
