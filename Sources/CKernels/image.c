// Resampling, blending and normalising of 8-bit RGB pictures.
#include "include/kernel_image.h"
#include "kernel_support.h"

#pragma clang fp contract(off)

typedef float float4 __attribute__((vector_size(16)));
typedef uint8_t byte4 __attribute__((vector_size(4)));

static inline __attribute__((always_inline)) float4 pixel_at(const uint8_t *p) {
    byte4 bytes;
    memcpy(&bytes, p, 4);
    return __builtin_convertvector(bytes, float4);
}

static inline __attribute__((always_inline)) uint8_t to_byte(float value) {
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

TY_DISPATCH void ty_image_resample_row(const uint8_t *restrict source, size_t sourcePixels, const int32_t *restrict first,
                                       const int32_t *restrict taps, const float *restrict weights, size_t width,
                                       size_t count, float *restrict out) {
    for (size_t column = 0; column < count; column++) {
        const uint8_t *p = source + 3 * (size_t)first[column];
        const float *w = weights + column * width;
        const size_t n = (size_t)taps[column];
        float4 sum = {0, 0, 0, 0};
        // Four bytes are loaded for three, which the very last pixel of the picture does not have.
        const size_t whole = (size_t)first[column] + n < sourcePixels ? n : n - 1;
        for (size_t tap = 0; tap < whole; tap++) sum += pixel_at(p + 3 * tap) * w[tap];
        for (size_t tap = whole; tap < n; tap++) {
            const float4 pixel = {p[3 * tap], p[3 * tap + 1], p[3 * tap + 2], 0};
            sum += pixel * w[tap];
        }
        for (size_t c = 0; c < 3; c++) out[3 * column + c] = sum[c];
    }
}

TY_DISPATCH void ty_image_add_row(const float *restrict row, float weight, size_t count, float *restrict out) {
    for (size_t i = 0; i < count; i++) out[i] += row[i] * weight;
}

TY_DISPATCH void ty_image_blend(const uint8_t *base, const uint8_t *image, float factor, size_t count, uint8_t *out) {
    for (size_t i = 0; i < count; i++) {
        const float low = base[i];
        out[i] = to_byte(low + factor * ((float)image[i] - low));
    }
}

TY_DISPATCH void ty_image_grey(const uint8_t *restrict pixels, size_t count, int isRepeated, uint8_t *restrict out) {
    const size_t step = isRepeated ? 3 : 1;
    for (size_t i = 0; i < count; i++) {
        const uint32_t luma = pixels[3 * i] * 19595u + pixels[3 * i + 1] * 38470u + pixels[3 * i + 2] * 7471u + 0x8000u;
        for (size_t c = 0; c < step; c++) out[step * i + c] = (uint8_t)(luma >> 16);
    }
}

TY_DISPATCH void ty_image_smooth_row(const uint8_t *restrict above, const uint8_t *restrict row,
                                     const uint8_t *restrict below, size_t width, uint8_t *restrict out) {
    const size_t count = 3 * width;
    for (size_t i = 0; i < 3; i++) {
        out[i] = row[i];
        out[count - 3 + i] = row[count - 3 + i];
    }
    for (size_t i = 3; i + 3 < count; i++) {
        const uint32_t sum = above[i - 3] + above[i] + above[i + 3] + row[i - 3] + 5u * row[i] + row[i + 3] +
                             below[i - 3] + below[i] + below[i + 3];
        // The nearest of sum / 13; a sum is at most 13 * 255, where this multiplication is exact.
        out[i] = (uint8_t)((sum * 2 + 13) * 20165u >> 19);
    }
}

void ty_image_affine_row(const uint8_t *restrict pixels, int32_t width, int32_t height, int64_t x, int64_t y,
                         int64_t stepX, int64_t stepY, size_t count, uint8_t *restrict out) {
    for (size_t i = 0; i < count; i++, x += stepX, y += stepY) {
        const int64_t column = x >> 16, row = y >> 16;
        const int isInside = column >= 0 && column < width && row >= 0 && row < height;
        const uint8_t *p = pixels + (isInside ? 3 * (row * width + column) : 0);
        for (size_t c = 0; c < 3; c++) out[3 * i + c] = isInside ? p[c] : 0;
    }
}

TY_DISPATCH void ty_image_normalize_bytes(const uint8_t *restrict pixels, const float *restrict gain,
                                          const float *restrict offset, size_t count, float *restrict out) {
    const float g0 = gain[0], g1 = gain[1], g2 = gain[2], o0 = offset[0], o1 = offset[1], o2 = offset[2];
    for (size_t i = 0; i < count; i++) {
        out[3 * i] = (float)pixels[3 * i] * g0 + o0;
        out[3 * i + 1] = (float)pixels[3 * i + 1] * g1 + o1;
        out[3 * i + 2] = (float)pixels[3 * i + 2] * g2 + o2;
    }
}

TY_DISPATCH void ty_image_normalize_levels(const float *levels, const float *restrict gain, const float *restrict offset,
                                           size_t count, float *out) {
    const float g0 = gain[0], g1 = gain[1], g2 = gain[2], o0 = offset[0], o1 = offset[1], o2 = offset[2];
    for (size_t i = 0; i < count; i++) {
        out[3 * i] = levels[3 * i] * g0 + o0;
        out[3 * i + 1] = levels[3 * i + 1] * g1 + o1;
        out[3 * i + 2] = levels[3 * i + 2] * g2 + o2;
    }
}

TY_DISPATCH void ty_image_round(const float *restrict levels, size_t count, uint8_t *restrict out) {
    for (size_t i = 0; i < count; i++) out[i] = to_byte(levels[i] + 0.5f);
}
