// Winograd's F(4×4, 3×3). Polynomials are taken at 0, ±3/4, ±3/2 and infinity: pairs of opposite points halve the work,
// and these fractions are exact in binary. Against the points 0, ±1, ±2 of the paper they halve the rounding error:
// 1.1e-6 against 2.0e-6 relative (root mean square, 64 channels), where a direct sum has 5e-7.
#include "kernel_winograd.h"
#include "kernel_support.h"
#include "quad.h"

static const float point_a = 3 / 4.0f, point_b = 3 / 2.0f, point_a2 = 9 / 16.0f, point_b2 = 9 / 4.0f;
// a² + b² and a²b².
static const float point_sum = 45 / 16.0f, point_product = 81 / 64.0f;
// One over the product of a point's differences from the others.
static const float scale_zero = 64 / 81.0f, scale_a = -128 / 243.0f, scale_b = 32 / 243.0f;

enum {
    tile_block = 48,    // tiles whose frequencies stay in the second-level cache
    part_block = 24,    // the same for a weight gradient, which keeps sums beside them
    inner_block = 64,   // terms of one sum: rounding grows with the length of a sum, so longer ones are added up in blocks
    weight_block = 64,  // channels whose weights are transformed at once when tiles are few, one block of the above
    skew = 16,          // floats between frequencies, so that their addresses fall into different cache sets
};

// A tile's image, and the output row and column where it starts.
struct place {
    ptrdiff_t image, top, left;
};

static ptrdiff_t tile_count(const struct ty_winograd *s) {
    return s->batch * ((s->output_height + 3) / 4) * ((s->output_width + 3) / 4);
}

static struct place place_of(const struct ty_winograd *s, ptrdiff_t tile) {
    const ptrdiff_t columns = (s->output_width + 3) / 4, rows = (s->output_height + 3) / 4;
    return (struct place){tile / (rows * columns), tile / columns % rows * 4, tile % columns * 4};
}

// out[tap][k][n] = weight[first + n][tap][k] for eight k, of which `count` exist; zero for outputs that do not exist.
static inline __attribute__((always_inline)) void turn_taps(const float *weight, ptrdiff_t channels, ptrdiff_t first,
                                                            ptrdiff_t outputs,
                                                            ptrdiff_t count, float *out, ptrdiff_t columns) {
    for (int tap = 0; tap < 9; tap++)
        for (ptrdiff_t n = 0; n < columns; n += 4)
            if (count == 8 && first + n + 4 <= outputs) {
                for (int k = 0; k < 8; k += 4) {
                    const float *from = weight + ((first + n) * 9 + tap) * channels + k;
                    turn_quad(from, from + 9 * channels, from + 18 * channels, from + 27 * channels,
                              out + (tap * 8 + k) * columns + n, columns);
                }
            } else {
                for (ptrdiff_t k = 0; k < count; k++)
                    for (ptrdiff_t i = n; i < n + 4; i++)
                        out[(tap * 8 + k) * columns + i] =
                            first + i < outputs ? weight[((first + i) * 9 + tap) * channels + k] : 0;
            }
}

// The functions of one level; what they do is said in the header.
struct level {
    struct ty_winograd_sizes (*sizes)(const struct ty_winograd *, ptrdiff_t);
    void (*transform_weights)(const struct ty_winograd *, const float *, float *, ptrdiff_t, ptrdiff_t);
    void (*convolve)(const struct ty_winograd *, const float *, const float *, const float *, float *, float *, ptrdiff_t,
                     ptrdiff_t);
    void (*transform_input)(const struct ty_winograd *, const float *, float *, ptrdiff_t, ptrdiff_t);
    void (*convolve_panels)(const struct ty_winograd *, const float *, const float *, const float *, float *, float *,
                            ptrdiff_t, ptrdiff_t);
    void (*gradient_part)(const struct ty_winograd *, const float *, const float *, float *, float *, ptrdiff_t, ptrdiff_t);
    void (*gradient_finish)(const struct ty_winograd *, const float *, ptrdiff_t, float *, int, ptrdiff_t, ptrdiff_t);
    void (*gradient_operands)(const struct ty_winograd *, const float *, const float *, float *, ptrdiff_t, ptrdiff_t,
                              ptrdiff_t, ptrdiff_t);
    void (*gradient_add)(const struct ty_winograd *, float *, ptrdiff_t, ptrdiff_t, float *, int, ptrdiff_t, ptrdiff_t);
    void (*gradient_units)(const struct ty_winograd *, float *, ptrdiff_t, float *, float *, int, ptrdiff_t, ptrdiff_t);
};

#define TY_BODY "winograd_level.h"
#include "gemm_every_level.h"

static const struct level *level(void) { return TY_BEST_LEVEL(functions); }

struct ty_winograd_sizes ty_winograd_sizes(const struct ty_winograd *shape, ptrdiff_t block) { return level()->sizes(shape,
    block); }

void ty_winograd_transform_weights(const struct ty_winograd *shape, const float *weight, float *weights, ptrdiff_t first,
                                   ptrdiff_t last) {
    level()->transform_weights(shape, weight, weights, first, last);
}

void ty_winograd_convolve(const struct ty_winograd *shape, const float *input, const float *weights, const float *bias,
                          float *output,
                          float *scratch, ptrdiff_t first, ptrdiff_t last) {
    level()->convolve(shape, input, weights, bias, output, scratch, first, last);
}

void ty_winograd_transform_input(const struct ty_winograd *shape, const float *input, float *transformed, ptrdiff_t first,
                                 ptrdiff_t last) {
    level()->transform_input(shape, input, transformed, first, last);
}

void ty_winograd_convolve_panels(const struct ty_winograd *shape, const float *transformed, const float *weight,
                                 const float *bias,
                                 float *output, float *panel_scratch, ptrdiff_t first, ptrdiff_t last) {
    level()->convolve_panels(shape, transformed, weight, bias, output, panel_scratch, first, last);
}

void ty_winograd_gradient_part(const struct ty_winograd *shape, const float *input, const float *output_gradient,
                               float *part_scratch,
                               float *sums, ptrdiff_t first, ptrdiff_t last) {
    level()->gradient_part(shape, input, output_gradient, part_scratch, sums, first, last);
}

void ty_winograd_gradient_operands(const struct ty_winograd *shape, const float *input, const float *output_gradient,
                                   float *operands,
                                   ptrdiff_t block, ptrdiff_t start, ptrdiff_t first, ptrdiff_t last) {
    level()->gradient_operands(shape, input, output_gradient, operands, block, start, first, last);
}

void ty_winograd_gradient_add(const struct ty_winograd *shape, float *operands, ptrdiff_t block, ptrdiff_t tiles, float *sums,
                              int adds,
                              ptrdiff_t first, ptrdiff_t last) {
    level()->gradient_add(shape, operands, block, tiles, sums, adds, first, last);
}

void ty_winograd_gradient_finish(const struct ty_winograd *shape, const float *sums, ptrdiff_t parts, float *weight_gradient,
                                 int adds,
                                 ptrdiff_t first, ptrdiff_t last) {
    level()->gradient_finish(shape, sums, parts, weight_gradient, adds, first, last);
}

void ty_winograd_gradient_units(const struct ty_winograd *shape, float *operands, ptrdiff_t tiles, float *unit_scratch,
                                float *weight_gradient, int adds, ptrdiff_t first, ptrdiff_t last) {
    level()->gradient_units(shape, operands, tiles, unit_scratch, weight_gradient, adds, first, last);
}
