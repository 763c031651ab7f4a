// Winograd convolution for one level of x86-64 or for plain C; winograd.c includes it after gemm_level.h.

// y = Bᵀ d: the input transform of one line.
static inline __attribute__((always_inline)) void LEVEL(input_line)(const vec d[6], vec y[6]) {
    const vec even_a = d[4] - point_b2 * d[2], odd_a = point_a * (d[3] - point_b2 * d[1]);
    const vec even_b = d[4] - point_a2 * d[2], odd_b = point_b * (d[3] - point_a2 * d[1]);
    y[0] = d[4] - point_sum * d[2] + point_product * d[0];
    y[1] = even_a + odd_a;
    y[2] = even_a - odd_a;
    y[3] = even_b + odd_b;
    y[4] = even_b - odd_b;
    y[5] = d[5] - point_sum * d[3] + point_product * d[1];
}

// y = Aᵀ m: four outputs of one line.
static inline __attribute__((always_inline)) void LEVEL(output_line)(const vec m[6], vec y[4]) {
    const vec even_a = m[1] + m[2], odd_a = m[1] - m[2], even_b = m[3] + m[4], odd_b = m[3] - m[4];
    y[0] = m[0] + even_a + even_b;
    y[1] = point_a * odd_a + point_b * odd_b;
    y[2] = point_a2 * even_a + point_b2 * even_b;
    y[3] = point_a * point_a2 * odd_a + point_b * point_b2 * odd_b + m[5];
}

// m = A y: the gradient of the above.
static inline __attribute__((always_inline)) void LEVEL(gradient_line)(const vec y[4], vec m[6]) {
    const vec even_a = y[0] + point_a2 * y[2], odd_a = point_a * (y[1] + point_a2 * y[3]);
    const vec even_b = y[0] + point_b2 * y[2], odd_b = point_b * (y[1] + point_b2 * y[3]);
    m[0] = y[0];
    m[1] = even_a + odd_a;
    m[2] = even_a - odd_a;
    m[3] = even_b + odd_b;
    m[4] = even_b - odd_b;
    m[5] = y[3];
}

// u = G g: the transform of three taps.
static inline __attribute__((always_inline)) void LEVEL(tap_line)(const vec g[3], vec u[6]) {
    const vec even_a = scale_a * (g[0] + point_a2 * g[2]), odd_a = scale_a * point_a * g[1];
    const vec even_b = scale_b * (g[0] + point_b2 * g[2]), odd_b = scale_b * point_b * g[1];
    u[0] = scale_zero * g[0];
    u[1] = even_a + odd_a;
    u[2] = even_a - odd_a;
    u[3] = even_b + odd_b;
    u[4] = even_b - odd_b;
    u[5] = g[2];
}

// g = Gᵀ u: the gradient of the above.
static inline __attribute__((always_inline)) void LEVEL(tap_gradient_line)(const vec u[6], vec g[3]) {
    const vec even_a = scale_a * (u[1] + u[2]), even_b = scale_b * (u[3] + u[4]);
    g[0] = scale_zero * u[0] + even_a + even_b;
    g[1] = scale_a * point_a * (u[1] - u[2]) + scale_b * point_b * (u[3] - u[4]);
    g[2] = point_a2 * even_a + point_b2 * even_b + u[5];
}

// Transforms the 6×6 window of `tile` in an image of `channels`. Vector c goes to out + (c / panel) * panel_step + c % panel,
// frequency f `step` further on; channels up to `padded` are written as zeros.
static inline __attribute__((always_inline)) void LEVEL(input_tile)(
    const float *image, ptrdiff_t height, ptrdiff_t width, ptrdiff_t channels, ptrdiff_t top, ptrdiff_t left, ptrdiff_t padded,
    float *out, ptrdiff_t panel, ptrdiff_t panel_step, ptrdiff_t step) {
    static const float zeros[TY_WIDTH];
    // Pixels outside of the image all point to zeros and stay there.
    const float *source[36];
    ptrdiff_t stride[36];
    for (int i = 0; i < 36; i++) {
        const ptrdiff_t y = top + i / 6, x = left + i % 6;
        const int inside = y >= 0 && y < height && x >= 0 && x < width;
        source[i] = inside ? image + (y * width + x) * channels : zeros;
        stride[i] = inside;
    }
    for (ptrdiff_t c = 0; c < padded; c += TY_WIDTH) {
        vec lines[6][6];
        const ptrdiff_t count = channels - c;
#pragma unroll
        for (int x = 0; x < 6; x++) {
            vec d[6], y[6];
            if (count >= TY_WIDTH)
                for (int i = 0; i < 6; i++) d[i] = LEVEL(load)(source[i * 6 + x] + stride[i * 6 + x] * c);
            else
                for (int i = 0; i < 6; i++) d[i] = LEVEL(load_part)(source[i * 6 + x] + stride[i * 6 + x] * c, count);
            LEVEL(input_line)(d, y);
            for (int i = 0; i < 6; i++) lines[i][x] = y[i];
        }
        float *to = out + c / panel * panel_step + c % panel;
#pragma unroll
        for (int i = 0; i < 6; i++) {
            vec y[6];
            LEVEL(input_line)(lines[i], y);
            for (int x = 0; x < 6; x++) LEVEL(store)(to + (i * 6 + x) * step, y[x]);
        }
    }
}

// Rows [first, last) of the transformed input as a left matrix: out[f][tile][channel].
static void LEVEL(transform_tiles)(const struct ty_winograd *s, const float *input, ptrdiff_t first, ptrdiff_t last, float *out,
                                   ptrdiff_t row, ptrdiff_t step) {
    for (ptrdiff_t t = first; t < last; t++) {
        const struct place at = place_of(s, t);
        LEVEL(input_tile)(input + at.image * s->height * s->width * s->channels, s->height, s->width, s->channels,
                          at.top - s->padding, at.left - s->padding, row, out + (t - first) * row, row, 0, step);
    }
}

// Tiles [first, last) of the output's `channels` from `channel` on, from products[f][tile - first][n].
static void LEVEL(transform_output)(const struct ty_winograd *s, const float *products, ptrdiff_t row, ptrdiff_t step,
                                    const float *bias, float *output, ptrdiff_t first, ptrdiff_t last, ptrdiff_t channel,
                                    ptrdiff_t channels) {
    for (ptrdiff_t t = first; t < last; t++) {
        const struct place at = place_of(s, t);
        const ptrdiff_t below = s->output_height - at.top, beside = s->output_width - at.left;
        const float *from = products + (t - first) * row;
        float *to = output + ((at.image * s->output_height + at.top) * s->output_width + at.left) * s->outputs + channel;
        for (ptrdiff_t c = 0; c < channels; c += TY_WIDTH) {
            const ptrdiff_t count = channels - c;
            vec lines[4][6];
#pragma unroll
            for (int x = 0; x < 6; x++) {
                vec m[6], y[4];
                for (int i = 0; i < 6; i++) m[i] = LEVEL(load)(from + (i * 6 + x) * step + c);
                LEVEL(output_line)(m, y);
                for (int i = 0; i < 4; i++) lines[i][x] = y[i];
            }
            const vec offset = bias ? LEVEL(load_part)(bias + channel + c, count) : (vec){0};
#pragma unroll
            for (int i = 0; i < 4; i++) {
                vec y[4];
                LEVEL(output_line)(lines[i], y);
                if (i < below)
                    for (int x = 0; x < 4; x++)
                        if (x < beside) LEVEL(store_part)(to + (i * s->output_width + x) * s->outputs + c, y[x] + offset, count);
            }
        }
    }
}

// products[f][t][n] (+)= Σ_k transformed[f][t][k] · weights[f][k][n] for the columns of one panel.
static inline __attribute__((always_inline)) void LEVEL(multiply_panel)(
    const float *transformed, ptrdiff_t row, const float *weights, float *products, ptrdiff_t product_row, ptrdiff_t tiles,
    ptrdiff_t inner, int adds, int is_first, ptrdiff_t columns) {
    for (ptrdiff_t t = 0; t < tiles; t += TY_ROWS) {
        const ptrdiff_t count = smaller(TY_ROWS, tiles - t);
        LEVEL(tile_rows)(transformed + t * row, row, 1, weights, TY_COLUMNS, inner, products + t * product_row, product_row,
                         adds, NULL, is_first, count, columns);
    }
}

static inline __attribute__((always_inline)) void LEVEL(tap_transform)(const vec taps[9], float *to, ptrdiff_t step) {
    vec lines[6][3];
#pragma unroll
    for (int x = 0; x < 3; x++) {
        const vec g[3] = {taps[x], taps[3 + x], taps[6 + x]};
        vec u[6];
        LEVEL(tap_line)(g, u);
        for (int i = 0; i < 6; i++) lines[i][x] = u[i];
    }
#pragma unroll
    for (int i = 0; i < 6; i++) {
        vec u[6];
        LEVEL(tap_line)(lines[i], u);
        for (int x = 0; x < 6; x++) LEVEL(store)(to + (i * 6 + x) * step, u[x]);
    }
}

// Rows [from, to) of the right matrix for the panel of outputs from `first` on: out[f][k - from][n].
static void LEVEL(transform_weights)(const struct ty_winograd *s, const float *weight, ptrdiff_t first, ptrdiff_t from,
                                     ptrdiff_t to,
                                     float *out, ptrdiff_t step) {
    if (s->turned) {
        for (ptrdiff_t k = from; k < to; k++)
            for (int v = 0; v < TY_COLUMNS; v += TY_WIDTH) {
                vec taps[9];
#pragma unroll
                for (int i = 0; i < 9; i++)
                    taps[8 - i] = LEVEL(load_part)(weight + (k * 9 + i) * s->outputs + first + v, s->outputs - first - v);
                LEVEL(tap_transform)(taps, out + (k - from) * TY_COLUMNS + v, step);
            }
        return;
    }
    enum { run = 8 };
    float turned[9][run][TY_COLUMNS];
    for (ptrdiff_t k = from; k < to; k += run) {
        const ptrdiff_t count = smaller(run, to - k);
        turn_taps(weight + k, s->channels, first, s->outputs, count, &turned[0][0][0], TY_COLUMNS);
        for (ptrdiff_t j = 0; j < count; j++)
            for (int v = 0; v < TY_COLUMNS; v += TY_WIDTH) {
                vec taps[9];
#pragma unroll
                for (int i = 0; i < 9; i++) taps[i] = LEVEL(load)(&turned[i][j][v]);
                LEVEL(tap_transform)(taps, out + (k + j - from) * TY_COLUMNS + v, step);
            }
    }
}

static ptrdiff_t LEVEL(weight_step)(const struct ty_winograd *s) { return round_up(s->outputs, TY_COLUMNS) * s->channels + skew; }

static void LEVEL(transform_weight_panels)(const struct ty_winograd *s, const float *weight, float *out, ptrdiff_t first,
                                           ptrdiff_t last) {
    for (ptrdiff_t panel = first; panel < last; panel++)
        LEVEL(transform_weights)(s, weight, panel * TY_COLUMNS, 0, s->channels, out + panel * s->channels * TY_COLUMNS,
                                 LEVEL(weight_step)(s));
}

static void LEVEL(convolve)(const struct ty_winograd *s, const float *input, const float *weights, const float *bias,
                            float *output,
                            float *scratch, ptrdiff_t first, ptrdiff_t last) {
    const ptrdiff_t row = round_up(s->channels, TY_WIDTH), outputs = round_up(s->outputs, TY_COLUMNS);
    const ptrdiff_t step = tile_block * row + skew, product_step = tile_block * outputs + skew;
    float *products = scratch + 36 * step;
    for (ptrdiff_t t = first; t < last; t += tile_block) {
        const ptrdiff_t tiles = smaller(tile_block, last - t);
        LEVEL(transform_tiles)(s, input, t, t + tiles, scratch, row, step);
        for (int f = 0; f < 36; f++)
            for (ptrdiff_t n = 0; n < s->outputs; n += TY_COLUMNS)
                for (ptrdiff_t k = 0; k < s->channels; k += inner_block)
                    LEVEL(multiply_panel)(
                        scratch + f * step + k, row, weights + f * LEVEL(weight_step)(s) + n * s->channels + k * TY_COLUMNS,
                        products + f * product_step + n, outputs, tiles, smaller(inner_block, s->channels - k), k > 0,
                        n == 0, s->outputs - n);
        LEVEL(transform_output)(s, products, outputs, product_step, bias, output, t, t + tiles, 0, s->outputs);
    }
}

static void LEVEL(transform_input)(const struct ty_winograd *s, const float *input, float *out, ptrdiff_t first, ptrdiff_t last) {
    const ptrdiff_t row = round_up(s->channels, TY_WIDTH);
    LEVEL(transform_tiles)(s, input, first, last, out + first * row, row, tile_count(s) * row + skew);
}

static void LEVEL(convolve_panels)(const struct ty_winograd *s, const float *transformed, const float *weight, const float *bias,
                                   float *output, float *scratch, ptrdiff_t first, ptrdiff_t last) {
    enum { group = 2, group_row = group * TY_COLUMNS };
    const ptrdiff_t tiles = tile_count(s), row = round_up(s->channels, TY_WIDTH), step = tiles * row + skew;
    const ptrdiff_t weight_step = weight_block * group_row + skew, product_step = tiles * group_row + skew;
    float *products = scratch + 36 * weight_step;
    for (ptrdiff_t panel = first; panel < last; panel += group) {
        const ptrdiff_t start = panel * TY_COLUMNS, end = smaller(s->outputs, smaller(panel + group, last) * TY_COLUMNS);
        for (ptrdiff_t k = 0; k < s->channels; k += weight_block) {
            const ptrdiff_t part = smaller(weight_block, s->channels - k);
            for (ptrdiff_t n = start; n < end; n += TY_COLUMNS)
                LEVEL(transform_weights)(s, weight, n, k, k + part, scratch + (n - start) * weight_block, weight_step);
            for (int f = 0; f < 36; f++)
                for (ptrdiff_t n = start; n < end; n += TY_COLUMNS)
                    LEVEL(multiply_panel)(
                        transformed + f * step + k, row, scratch + f * weight_step + (n - start) * weight_block,
                        products + f * product_step + n - start, group_row, tiles, part, k > 0, n == start, s->outputs - n);
        }
        LEVEL(transform_output)(s, products, group_row, product_step, bias, output, 0, tiles, start, end - start);
    }
}

// The 4×4 window of the output's gradient; out as in input_tile.
static void LEVEL(gradient_tile)(const float *image, ptrdiff_t row, ptrdiff_t channels, ptrdiff_t below, ptrdiff_t beside,
                                 ptrdiff_t padded,
                                 float *out, ptrdiff_t panel, ptrdiff_t panel_step, ptrdiff_t step) {
    static const float zeros[TY_WIDTH];
    const float *source[16];
    ptrdiff_t stride[16];
    for (int i = 0; i < 16; i++) {
        const int inside = i / 4 < below && i % 4 < beside;
        source[i] = inside ? image + i / 4 * row + i % 4 * channels : zeros;
        stride[i] = inside;
    }
    for (ptrdiff_t c = 0; c < padded; c += TY_WIDTH) {
        const ptrdiff_t count = channels - c;
        vec lines[6][4];
#pragma unroll
        for (int x = 0; x < 4; x++) {
            vec y[4], m[6];
            if (count >= TY_WIDTH)
                for (int i = 0; i < 4; i++) y[i] = LEVEL(load)(source[i * 4 + x] + stride[i * 4 + x] * c);
            else
                for (int i = 0; i < 4; i++) y[i] = LEVEL(load_part)(source[i * 4 + x] + stride[i * 4 + x] * c, count);
            LEVEL(gradient_line)(y, m);
            for (int i = 0; i < 6; i++) lines[i][x] = m[i];
        }
        float *to = out + c / panel * panel_step + c % panel;
#pragma unroll
        for (int i = 0; i < 6; i++) {
            vec m[6];
            LEVEL(gradient_line)(lines[i], m);
            for (int x = 0; x < 6; x++) LEVEL(store)(to + (i * 6 + x) * step, m[x]);
        }
    }
}

// Width of a panel of gradients: three vectors, which are whole tiles.
#define TY_LEFT (3 * TY_WIDTH)

// Of one block of tiles: left[f][panel of outputs][tile][output], right[f][panel of inputs][tile][input].
struct LEVEL(operands) {
    float *left, *right;
    ptrdiff_t left_step, right_step, block;
};

static struct LEVEL(operands) LEVEL(operands_in)(const struct ty_winograd *s, float *scratch, ptrdiff_t block) {
    const ptrdiff_t left_step = block * round_up(s->outputs, TY_LEFT) + skew, right_step = block * round_up(s->channels,
        TY_COLUMNS) + skew;
    return (struct LEVEL(operands)){scratch, scratch + 36 * left_step, left_step, right_step, block};
}

// Tiles [first, last) of the block that starts at tile `start`.
static void LEVEL(fill_operands)(const struct ty_winograd *s, const float *input, const float *output_gradient,
                                 struct LEVEL(operands) to, ptrdiff_t start, ptrdiff_t first, ptrdiff_t last) {
    for (ptrdiff_t t = first; t < last; t++) {
        const struct place at = place_of(s, start + t);
        LEVEL(input_tile)(
            input + at.image * s->height * s->width * s->channels, s->height, s->width, s->channels, at.top - s->padding,
            at.left - s->padding, round_up(s->channels, TY_WIDTH), to.right + t * TY_COLUMNS, TY_COLUMNS, to.block * TY_COLUMNS,
                to.right_step);
        LEVEL(gradient_tile)(
            output_gradient + ((at.image * s->output_height + at.top) * s->output_width + at.left) * s->outputs,
            s->output_width * s->outputs, s->outputs, s->output_height - at.top, s->output_width - at.left,
            round_up(s->outputs, TY_WIDTH), to.left + t * TY_LEFT, TY_LEFT, to.block * TY_LEFT, to.left_step);
    }
}

// sums[o - from][n] (+)= Σ over tiles, for frequency f, one panel of inputs and outputs [from, to).
static inline __attribute__((always_inline)) void LEVEL(multiply_operands)(
    const struct ty_winograd *s, struct LEVEL(operands) of, ptrdiff_t tiles, int f, ptrdiff_t panel, ptrdiff_t from, ptrdiff_t to,
    float *sums, int adds) {
    const float *right = of.right + f * of.right_step + panel * of.block * TY_COLUMNS;
    for (ptrdiff_t o = from; o < to; o += TY_ROWS) {
        const float *left = of.left + f * of.left_step + o / TY_LEFT * of.block * TY_LEFT + o % TY_LEFT;
        float *out = sums + (o - from) * TY_COLUMNS;
        const ptrdiff_t rows = smaller(TY_ROWS, to - o);
        for (ptrdiff_t t = 0; t < tiles; t += inner_block)
            LEVEL(tile_rows)(left + t * TY_LEFT, 1, TY_LEFT, right + t * TY_COLUMNS, TY_COLUMNS, smaller(inner_block,
                tiles - t), out,
                             TY_COLUMNS, adds || t > 0, NULL, 0, rows, s->channels - panel * TY_COLUMNS);
    }
}

// Adds up `parts` sums[f][o - from][n] and turns them into the gradient of outputs [from, to) and one panel of inputs.
static void LEVEL(finish)(const struct ty_winograd *s, const float *sums, ptrdiff_t step, ptrdiff_t parts, ptrdiff_t part_step,
                          ptrdiff_t panel, ptrdiff_t from, ptrdiff_t to, float *weight_gradient, int adds) {
    for (ptrdiff_t o = from; o < to; o++)
        for (ptrdiff_t c = panel * TY_COLUMNS; c < smaller((panel + 1) * TY_COLUMNS, s->channels); c += TY_WIDTH) {
            vec lines[3][6];
#pragma unroll
            for (int x = 0; x < 6; x++) {
                vec u[6], g[3];
                for (int i = 0; i < 6; i++) {
                    const float *at = sums + (i * 6 + x) * step + (o - from) * TY_COLUMNS + c % TY_COLUMNS;
                    u[i] = LEVEL(load)(at);
                    for (ptrdiff_t part = 1; part < parts; part++) u[i] += LEVEL(load)(at + part * part_step);
                }
                LEVEL(tap_gradient_line)(u, g);
                for (int i = 0; i < 3; i++) lines[i][x] = g[i];
            }
#pragma unroll
            for (int i = 0; i < 3; i++) {
                vec g[3];
                LEVEL(tap_gradient_line)(lines[i], g);
                for (int x = 0; x < 3; x++) {
                    float *at = weight_gradient + (o * 9 + i * 3 + x) * s->channels + c;
                    LEVEL(store_part)(at, adds ? g[x] + LEVEL(load_part)(at, s->channels - c) : g[x], s->channels - c);
                }
            }
        }
}

// A whole sum is sums[f][panel of inputs][output][input].
static ptrdiff_t LEVEL(sums_step)(const struct ty_winograd *s) { return round_up(s->channels, TY_COLUMNS) * s->outputs + skew; }

static void LEVEL(gradient_part)(const struct ty_winograd *s, const float *input, const float *output_gradient, float *scratch,
                                 float *sums, ptrdiff_t first, ptrdiff_t last) {
    const struct LEVEL(operands) operands = LEVEL(operands_in)(s, scratch, part_block);
    for (ptrdiff_t t = first; t < last; t += part_block) {
        const ptrdiff_t tiles = smaller(part_block, last - t);
        LEVEL(fill_operands)(s, input, output_gradient, operands, t, 0, tiles);
        for (int f = 0; f < 36; f++)
            for (ptrdiff_t panel = 0; panel * TY_COLUMNS < s->channels; panel++)
                LEVEL(multiply_operands)(s, operands, tiles, f, panel, 0, s->outputs,
                                         sums + f * LEVEL(sums_step)(s) + panel * s->outputs * TY_COLUMNS, t > first);
    }
}

static void LEVEL(gradient_finish)(const struct ty_winograd *s, const float *sums, ptrdiff_t parts, float *weight_gradient,
                                   int adds,
                                   ptrdiff_t first, ptrdiff_t last) {
    const ptrdiff_t step = LEVEL(sums_step)(s);
    for (ptrdiff_t panel = 0; panel * TY_COLUMNS < s->channels; panel++)
        LEVEL(finish)(s, sums + (panel * s->outputs + first) * TY_COLUMNS, step, parts, 36 * step, panel, first, last,
                      weight_gradient, adds);
}

static void LEVEL(gradient_operands)(const struct ty_winograd *s, const float *input, const float *output_gradient,
                                     float *operands,
                                     ptrdiff_t block, ptrdiff_t start, ptrdiff_t first, ptrdiff_t last) {
    LEVEL(fill_operands)(s, input, output_gradient, LEVEL(operands_in)(s, operands, block), start, first, last);
}

static void LEVEL(gradient_add)(const struct ty_winograd *s, float *operands, ptrdiff_t block, ptrdiff_t tiles, float *sums,
                                int adds,
                                ptrdiff_t first, ptrdiff_t last) {
    const ptrdiff_t panels = (s->channels + TY_COLUMNS - 1) / TY_COLUMNS;
    for (ptrdiff_t item = first; item < last; item++) {
        const ptrdiff_t f = item / panels, panel = item % panels;
        LEVEL(multiply_operands)(s, LEVEL(operands_in)(s, operands, block), tiles, (int)f, panel, 0, s->outputs,
                                 sums + f * LEVEL(sums_step)(s) + panel * s->outputs * TY_COLUMNS, adds);
    }
}

static void LEVEL(gradient_units)(const struct ty_winograd *s, float *operands, ptrdiff_t tiles, float *scratch,
                                  float *weight_gradient,
                                  int adds, ptrdiff_t first, ptrdiff_t last) {
    const ptrdiff_t panels = (s->channels + TY_COLUMNS - 1) / TY_COLUMNS, step = 4 * TY_LEFT * TY_COLUMNS + skew;
    for (ptrdiff_t unit = first; unit < last; unit++) {
        const ptrdiff_t panel = unit % panels, from = unit / panels * 4 * TY_LEFT, to = smaller(from + 4 * TY_LEFT, s->outputs);
        for (int f = 0; f < 36; f++)
            LEVEL(multiply_operands)(s, LEVEL(operands_in)(s, operands, tiles), tiles, f, panel, from, to, scratch + f * step, 0);
        LEVEL(finish)(s, scratch, step, 1, 0, panel, from, to, weight_gradient, adds);
    }
}

static struct ty_winograd_sizes LEVEL(sizes)(const struct ty_winograd *s, ptrdiff_t block) {
    const ptrdiff_t tiles = tile_count(s), row = round_up(s->channels, TY_WIDTH), outputs = round_up(s->outputs, TY_COLUMNS);
    const ptrdiff_t input_panels = round_up(s->channels, TY_COLUMNS) / TY_COLUMNS, left = round_up(s->outputs, TY_LEFT);
    const ptrdiff_t operands = input_panels * TY_COLUMNS + left;
    return (struct ty_winograd_sizes){
        .tiles = tiles,
        .panels = outputs / TY_COLUMNS,
        .weights = 36 * LEVEL(weight_step)(s),
        .scratch = 36 * (tile_block * (row + outputs) + 2 * skew),
        .transformed = 36 * (tiles * row + skew),
        .panel_scratch = 36 * ((weight_block + tiles) * 2 * TY_COLUMNS + 2 * skew),
        .items = 36 * input_panels,
        .units = input_panels * ((left + 4 * TY_LEFT - 1) / (4 * TY_LEFT)),
        .sums = 36 * LEVEL(sums_step)(s),
        .operands = 36 * (block * operands + 2 * skew),
        .part_scratch = 36 * (part_block * operands + 2 * skew),
        .unit_scratch = 36 * (4 * TY_LEFT * TY_COLUMNS + skew),
    };
}

static const struct level LEVEL(functions)[] = {{
    LEVEL(sizes), LEVEL(transform_weight_panels), LEVEL(convolve), LEVEL(transform_input), LEVEL(convolve_panels),
    LEVEL(gradient_part), LEVEL(gradient_finish), LEVEL(gradient_operands), LEVEL(gradient_add), LEVEL(gradient_units),
}};
#undef TY_LEFT
