// Windows of an image to rows of a matrix and back. A window's pixels in one row of the image lie side by side, so they
// move together; pixels are gathered per input row on the way back, so that threads never write to the same place.
#include "include/kernel_patches.h"
#include "kernel_support.h"

static inline ptrdiff_t larger(ptrdiff_t a, ptrdiff_t b) { return a > b ? a : b; }

// The part of a window's columns that lies within the image.
struct reach {
    ptrdiff_t left, first, last;
};

static inline struct reach columns_of(const struct ty_patches *p, ptrdiff_t column) {
    const ptrdiff_t left = column * p->stride - p->side_padding;
    const ptrdiff_t first = smaller(larger(0, -left), p->kernel_width);
    return (struct reach){left, first, larger(first, smaller(p->kernel_width, p->width - left))};
}

TY_DISPATCH void ty_patches_gather(const struct ty_patches *p, const float *restrict input, float *restrict patches,
                                   ptrdiff_t origin, ptrdiff_t first, ptrdiff_t last) {
    const ptrdiff_t channels = p->channels, line = p->kernel_width * channels, patch = p->kernel_height * line;
    for (ptrdiff_t row = first; row < last; row++) {
        const ptrdiff_t image = row / p->output_height, top = row % p->output_height * p->stride - p->padding;
        float *restrict out = patches + (row - origin) * p->output_width * patch;
        for (ptrdiff_t column = 0; column < p->output_width; column++) {
            const struct reach reach = columns_of(p, column);
            const ptrdiff_t from = reach.first * channels, to = reach.last * channels;
            for (ptrdiff_t u = 0; u < p->kernel_height; u++, out += line) {
                const ptrdiff_t y = top + u;
                if (y < 0 || y >= p->height || from == to) {
                    for (ptrdiff_t i = 0; i < line; i++) out[i] = 0;
                    continue;
                }
                const float *restrict pixels = input + ((image * p->height + y) * p->width + reach.left) * channels;
                for (ptrdiff_t i = 0; i < from; i++) out[i] = 0;
                for (ptrdiff_t i = from; i < to; i++) out[i] = pixels[i];
                for (ptrdiff_t i = to; i < line; i++) out[i] = 0;
            }
        }
    }
}

TY_DISPATCH void ty_patches_scatter(const struct ty_patches *p, const float *restrict patches, float *restrict input,
                                    ptrdiff_t origin, ptrdiff_t end, ptrdiff_t owned, ptrdiff_t first, ptrdiff_t last) {
    const ptrdiff_t channels = p->channels, line = p->kernel_width * channels, patch = p->kernel_height * line;
    for (ptrdiff_t row = first; row < last; row++) {
        const ptrdiff_t image = row / p->height, reached = row % p->height + p->padding;
        float *restrict pixels = input + row * p->width * channels;
        if (row < owned) memset(pixels, 0, (size_t)(p->width * channels) * sizeof(float));
        // The output rows whose windows reach this one.
        const ptrdiff_t highest = image * p->output_height + smaller(reached / p->stride, p->output_height - 1);
        const ptrdiff_t below = reached - p->kernel_height + 1;
        const ptrdiff_t lowest = image * p->output_height + (below > 0 ? (below + p->stride - 1) / p->stride : 0);
        for (ptrdiff_t from = larger(lowest, origin); from <= smaller(highest, end - 1); from++) {
            const ptrdiff_t u = reached - from % p->output_height * p->stride;
            const float *restrict lines = patches + (from - origin) * p->output_width * patch + u * line;
            for (ptrdiff_t column = 0; column < p->output_width; column++, lines += patch) {
                const struct reach reach = columns_of(p, column);
                float *restrict to = pixels + reach.left * channels;
                for (ptrdiff_t i = reach.first * channels; i < reach.last * channels; i++) to[i] += lines[i];
            }
        }
    }
}
