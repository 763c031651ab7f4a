// Max and mean pooling. Gradients are gathered per input row, so threads never write to the same place.
#include "include/kernel_pooling.h"
#include "kernel_support.h"

static int clamp(int value, int low, int high) { return value < low ? low : value > high ? high : value; }

TY_DISPATCH void ty_max_pool_row(const struct ty_max_pool *pool, const float *restrict image, int output_row,
                                 float *restrict out, uint8_t *restrict chosen) {
    const int channels = pool->channels, top = output_row * pool->stride - pool->padding;
    const int first_row = clamp(top, 0, pool->height), last_row = clamp(top + pool->kernel, 0, pool->height);
    for (int ow = 0; ow < pool->output_width; ow++) {
        const int left = ow * pool->stride - pool->padding;
        const int first = clamp(left, 0, pool->width), last = clamp(left + pool->kernel, 0, pool->width);
        float *restrict best = out + (size_t)ow * channels;
        uint8_t *restrict place = chosen ? chosen + (size_t)ow * channels : NULL;
        for (int c = 0; c < channels; c++) best[c] = -INFINITY;
        if (place) memset(place, 255, channels);
        for (int h = first_row; h < last_row; h++) {
            for (int w = first; w < last; w++) {
                const float *restrict pixel = image + ((size_t)h * pool->width + w) * channels;
                if (!place) {
                    for (int c = 0; c < channels; c++) {
                        const int wins = (pixel[c] > best[c]) | (pixel[c] != pixel[c]);
                        best[c] = wins ? pixel[c] : best[c];
                    }
                    continue;
                }
                const uint8_t code = (uint8_t)((h - top) * pool->kernel + (w - left));
                for (int c = 0; c < channels; c++) {
                    const int wins = (pixel[c] > best[c]) | (pixel[c] != pixel[c]) | (place[c] == 255);
                    best[c] = wins ? pixel[c] : best[c];
                    place[c] = wins ? code : place[c];
                }
            }
        }
    }
}

TY_DISPATCH void ty_max_pool_gradient_row(const struct ty_max_pool *pool, const float *restrict gradient,
                                          const uint8_t *restrict chosen, int row, float *restrict out) {
    const int channels = pool->channels;
    memset(out, 0, (size_t)pool->width * channels * sizeof(float));
    for (int oh = 0; oh < pool->output_height; oh++) {
        const int inside_row = row + pool->padding - oh * pool->stride;
        if (inside_row < 0 || inside_row >= pool->kernel) continue;
        for (int ow = 0; ow < pool->output_width; ow++) {
            const size_t from = ((size_t)oh * pool->output_width + ow) * channels;
            const int left = ow * pool->stride - pool->padding;
            const int first = clamp(left, 0, pool->width), last = clamp(left + pool->kernel, 0, pool->width);
            for (int w = first; w < last; w++) {
                const uint8_t code = (uint8_t)(inside_row * pool->kernel + (w - left));
                float *restrict target = out + (size_t)w * channels;
                const float *restrict g = gradient + from;
                const uint8_t *restrict place = chosen + from;
                for (int c = 0; c < channels; c++) target[c] += place[c] == code ? g[c] : 0.0f;
            }
        }
    }
}

TY_DISPATCH void ty_mean_pool_row(struct ty_windows rows, struct ty_windows columns, const float *restrict image, int width,
                                  int channels, int output_row, float *restrict out) {
    for (int ow = 0; ow < columns.count; ow++) {
        float *restrict sum = out + (size_t)ow * channels;
        memset(sum, 0, channels * sizeof(float));
        for (int h = rows.start[output_row]; h < rows.end[output_row]; h++) {
            for (int w = columns.start[ow]; w < columns.end[ow]; w++) {
                const float *restrict pixel = image + ((size_t)h * width + w) * channels;
                for (int c = 0; c < channels; c++) sum[c] += pixel[c];
            }
        }
        const float factor = 1.0f / (rows.divisor[output_row] * columns.divisor[ow]);
        for (int c = 0; c < channels; c++) sum[c] *= factor;
    }
}

TY_DISPATCH void ty_mean_pool_gradient_row(struct ty_windows rows, struct ty_windows columns,
                                           const float *restrict gradient, int width, int channels, int row,
                                           bool adds, float *restrict out) {
    if (!adds) memset(out, 0, (size_t)width * channels * sizeof(float));
    for (int oh = 0; oh < rows.count; oh++) {
        if (row < rows.start[oh] || row >= rows.end[oh]) continue;
        for (int ow = 0; ow < columns.count; ow++) {
            const float factor = 1.0f / (rows.divisor[oh] * columns.divisor[ow]);
            const float *restrict g = gradient + ((size_t)oh * columns.count + ow) * channels;
            for (int w = columns.start[ow]; w < columns.end[ow]; w++) {
                float *restrict target = out + (size_t)w * channels;
                for (int c = 0; c < channels; c++) target[c] += g[c] * factor;
            }
        }
    }
}
