// Operands of a product whose words are floats, for one level; gemm.c includes it after gemm_tile.h.

// Copies `inner` rows of `count` neighbouring floats, `step` apart, into panels of `width`, `panel` floats apart:
// out[panel][k][n], zeros at the end. Where `width` is not a number of whole vectors, what follows the last k of a panel is
// overwritten as well.
static inline __attribute__((always_inline)) void LEVEL(pack_rows)(const float *from, ptrdiff_t step, ptrdiff_t inner,
                                                                   ptrdiff_t count, float *out, const int width,
                                                                   ptrdiff_t panel) {
    const int whole = (width + TY_WIDTH - 1) / TY_WIDTH * TY_WIDTH;
    // Row by row, so that memory is read in one stream.
    for (ptrdiff_t k = 0; k < inner; k++) {
        const float *row = from + k * step;
        float *to = out + k * width;
        // The rows are short, so the hardware does not foresee the next ones.
        for (ptrdiff_t n = 0; n < count; n += 16) __builtin_prefetch(row + 4 * step + n);
        ptrdiff_t n = 0;
        for (; n + whole <= count; n += width, to += panel)
#pragma unroll
            for (int v = 0; v < whole; v += TY_WIDTH) LEVEL(store)(to + v, LEVEL(load)(row + n + v));
        for (; n < count; n += width, to += panel)
            for (int v = 0; v < whole; v += TY_WIDTH) LEVEL(store)(to + v, LEVEL(load_part)(row + n + v, count - n - v));
    }
}

static void LEVEL(pack_right)(const struct ty_product *p, ptrdiff_t k, ptrdiff_t inner, ptrdiff_t n, ptrdiff_t columns,
                              float *out, ptrdiff_t panel) {
    const float *from = p->right + k * p->right_row + n * p->right_column;
    if (p->right_column == 1) {
        LEVEL(pack_rows)(from, p->right_row, inner, columns, out, TY_COLUMNS, panel);
    } else {
        for (ptrdiff_t i = 0; i < columns; i += TY_COLUMNS)
            transpose_panel(from + i * p->right_column, p->right_column, inner, smaller(TY_COLUMNS, columns - i),
                            out + i / TY_COLUMNS * panel, TY_COLUMNS);
    }
}

static inline __attribute__((always_inline)) ptrdiff_t LEVEL(words)(ptrdiff_t terms) { return terms; }

// A left matrix is packed where its columns lie apart, and where its rows are a multiple of 4 KiB apart: these would fight for
// the same cache sets.
static inline __attribute__((always_inline)) int LEVEL(packs_left)(const struct ty_product *p) {
    return p->left_step != 1 || p->left_row % 1024 == 0;
}

static inline __attribute__((always_inline)) const float *LEVEL(left_in_place)(const struct ty_product *p, ptrdiff_t m, ptrdiff_t k) {
    return p->left + m * p->left_row + k * p->left_step;
}

static void LEVEL(pack_left)(const struct ty_product *p, ptrdiff_t m, ptrdiff_t rows, ptrdiff_t k, ptrdiff_t inner, float *out,
                             ptrdiff_t panel) {
    const float *from = LEVEL(left_in_place)(p, m, k);
    if (p->left_step != 1)
        LEVEL(pack_rows)(from, p->left_step, inner, rows, out, TY_ROWS, panel);
    else
        for (ptrdiff_t i = 0; i < rows; i += TY_ROWS)
            transpose_panel(from + i * p->left_row, p->left_row, inner, smaller(TY_ROWS, rows - i), out + i / TY_ROWS * panel,
                            TY_ROWS);
}

#include "gemm_product.h"
