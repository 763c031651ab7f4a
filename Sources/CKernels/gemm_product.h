// Matrix product for one level of x86-64 or for plain C; gemm.c includes it after gemm_level.h.

// Copies `inner` rows of `count` neighbouring floats, `step` apart, into panels of `width`, `panel` floats apart:
// out[panel][k][n], zeros at the end.
static inline __attribute__((always_inline)) void LEVEL(pack_rows)(const float *from, ptrdiff_t step, ptrdiff_t inner,
                                                                   ptrdiff_t count, float *out, const int width,
                                                                   ptrdiff_t panel) {
    // Row by row, so that memory is read in one stream.
    for (ptrdiff_t k = 0; k < inner; k++) {
        const float *row = from + k * step;
        float *to = out + k * width;
        // The rows are short, so the hardware does not foresee the next ones.
        for (ptrdiff_t n = 0; n < count; n += 16) __builtin_prefetch(row + 4 * step + n);
        ptrdiff_t n = 0;
        for (; n + width <= count; n += width, to += panel)
#pragma unroll
            for (int v = 0; v < width; v += TY_WIDTH) LEVEL(store)(to + v, LEVEL(load)(row + n + v));
        if (n < count)
            for (int v = 0; v < width; v += TY_WIDTH) LEVEL(store)(to + v, LEVEL(load_part)(row + n + v, count - n - v));
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

// Adds what is new in `from`, [rows][TY_COLUMNS], to a part of the result that is narrower than its vectors.
static void LEVEL(store_edge)(const float *from, float *out, ptrdiff_t out_row, const float *bias, int adds, ptrdiff_t rows,
                              ptrdiff_t columns) {
    for (ptrdiff_t m = 0; m < rows; m++)
        for (ptrdiff_t n = 0; n < columns; n++) {
            const float start = adds ? out[m * out_row + n] : bias ? bias[n] : 0;
            out[m * out_row + n] = start + from[m * TY_COLUMNS + n];
        }
}

static void LEVEL(product)(const struct ty_product *p, float *scratch, ptrdiff_t row, ptrdiff_t row_end, ptrdiff_t column,
                           ptrdiff_t column_end) {
    const ptrdiff_t blocks = (p->inner + inner_block - 1) / inner_block, depth = (p->inner + blocks - 1) / blocks;
    // Rows a multiple of 4 KiB apart would fight for the same cache sets, so they are copied.
    const int packs = p->left_step != 1, copies = !packs && p->left_row % 1024 == 0;
    float *block = scratch + right_floats;
    const ptrdiff_t width = packs || copies ? column_block : columns_in_cache(depth);
    const ptrdiff_t height = rows_in_cache(depth);
    for (ptrdiff_t n0 = column; n0 < column_end; n0 += width)
        for (ptrdiff_t k0 = 0; k0 < p->inner; k0 += depth) {
            const ptrdiff_t inner = smaller(depth, p->inner - k0), columns = smaller(width, column_end - n0);
            const ptrdiff_t panel = inner * TY_COLUMNS + panel_gap;
            const int adds = p->adds || k0 > 0;
            LEVEL(pack_right)(p, k0, inner, n0, columns, scratch, panel);
            for (ptrdiff_t m0 = row; m0 < row_end; m0 += height) {
                const ptrdiff_t rows = smaller(height, row_end - m0);
                const float *left = p->left + m0 * p->left_row + k0 * p->left_step;
                if (packs) LEVEL(pack_rows)(left, p->left_step, inner, rows, block, TY_LEFT, inner * TY_LEFT);
                if (copies)
                    for (ptrdiff_t m = 0; m < rows; m++) memcpy(block + m * inner, left + m * p->left_row,
                                                                (size_t)inner * sizeof(float));
                if (copies) left = block;
                const ptrdiff_t left_row = copies ? inner : p->left_row;
                for (ptrdiff_t n = 0; n < columns; n += TY_COLUMNS) {
                    const ptrdiff_t wide = smaller(TY_COLUMNS, columns - n);
                    const float *right = scratch + n / TY_COLUMNS * panel, *bias = p->bias && !adds ? p->bias + n0 + n : NULL;
                    // A tile writes whole vectors; narrower ones go through memory of their own.
                    float edge[TY_ROWS * TY_COLUMNS];
                    const int whole = wide == TY_COLUMNS || wide == TY_WIDTH;
                    for (ptrdiff_t m = 0; m < rows; m += TY_ROWS) {
                        const ptrdiff_t high = smaller(TY_ROWS, rows - m);
                        float *out = p->out + (m0 + m) * p->out_row + n0 + n, *to = whole ? out : edge;
                        const ptrdiff_t to_row = whole ? p->out_row : TY_COLUMNS;
                        const float *start = whole ? bias : NULL;
                        if (packs)
                            LEVEL(tile_rows)(block + m / TY_LEFT * TY_LEFT * inner + m % TY_LEFT, 1, TY_LEFT, right, TY_COLUMNS,
                                             inner, to,
                                             to_row, whole && adds, start, high, wide);
                        else
                            LEVEL(tile_rows)(left + m * left_row, left_row, 1, right, TY_COLUMNS, inner, to, to_row,
                                             whole && adds, start,
                                             high, wide);
                        if (!whole) LEVEL(store_edge)(edge, out, p->out_row, bias, adds, high, wide);
                    }
                }
            }
        }
}
