// Nearest-neighbour enlargement: copies forward, sums backward.
#include "include/kernel_resize.h"
#include "kernel_support.h"

void ty_upsample_row(const float *row, size_t width, size_t channels, size_t factor, float *out) {
    float *target = out;
    for (size_t w = 0; w < width; w++) {
        for (size_t repeat = 0; repeat < factor; repeat++, target += channels)
            memcpy(target, row + w * channels, channels * sizeof(float));
    }
    const size_t length = width * factor * channels;
    for (size_t repeat = 1; repeat < factor; repeat++) memcpy(out + repeat * length, out, length * sizeof(float));
}

TY_DISPATCH void ty_upsample_gradient_row(const float *restrict gradient, size_t width, size_t channels, size_t factor,
                                          float *restrict out) {
    memset(out, 0, width * channels * sizeof(float));
    for (size_t h = 0; h < factor; h++) {
        for (size_t w = 0; w < width * factor; w++) {
            const float *restrict g = gradient + (h * width * factor + w) * channels;
            float *restrict target = out + w / factor * channels;
            for (size_t c = 0; c < channels; c++) target[c] += g[c];
        }
    }
}
