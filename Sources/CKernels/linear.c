// The passes around a linear layer's matrix products, each over memory once.
#include "activation_math.h"
#include "include/kernel_linear.h"

TY_DISPATCH void ty_activation_and_gradient(int kind, const float *restrict x, float *restrict gradient, float *restrict out,
                                            size_t count) {
#define LOOP(name)                             \
    for (size_t i = 0; i < count; i++) {       \
        const float value = x[i];              \
        out[i] = ty_##name(value);             \
        gradient[i] *= ty_##name##_slope(value); \
    }
    TY_FOR_ACTIVATION(kind, LOOP)
#undef LOOP
}

TY_DISPATCH void ty_add_residual(const float *restrict residual, float factor, const float *restrict scale,
                                 const float *restrict bias, float *restrict out, size_t rows, size_t width) {
    for (size_t row = 0; row < rows; row++, residual += width, out += width) {
        if (scale && bias)
            for (size_t c = 0; c < width; c++) out[c] = residual[c] + factor * scale[c] * (out[c] + bias[c]);
        else if (scale)
            for (size_t c = 0; c < width; c++) out[c] = residual[c] + factor * scale[c] * out[c];
        else if (bias)
            for (size_t c = 0; c < width; c++) out[c] = residual[c] + factor * (out[c] + bias[c]);
        else
            for (size_t c = 0; c < width; c++) out[c] = residual[c] + factor * out[c];
    }
}

TY_DISPATCH void ty_add_row(const float *restrict a, const float *restrict row, float *restrict out, size_t rows, size_t width) {
    if (!row) {
        memcpy(out, a, rows * width * sizeof(float));
        return;
    }
    for (size_t r = 0; r < rows; r++, a += width, out += width)
        for (size_t c = 0; c < width; c++) out[c] = a[c] + row[c];
}
