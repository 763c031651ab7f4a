// The blocks and tiles of a matrix product for one level, after the operands' moves into words: gemm_floats.h or gemm_pairs.h.

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
    const int packs = LEVEL(packs_left)(p);
    const ptrdiff_t words = LEVEL(words)(p->inner);
    const struct product_block block = product_block(words, packs);
    float *panels = scratch, *left_panels = scratch + left_start;
    for (ptrdiff_t n0 = column; n0 < column_end; n0 += block.columns)
        for (ptrdiff_t k0 = 0; k0 < words; k0 += block.depth) {
            const ptrdiff_t inner = smaller(block.depth, words - k0), columns = smaller(block.columns, column_end - n0);
            const ptrdiff_t panel = inner * TY_COLUMNS + panel_gap, left_panel = inner * TY_ROWS + panel_gap;
            const int adds = p->adds || k0 > 0;
            LEVEL(pack_right)(p, k0, inner, n0, columns, panels, panel);
            for (ptrdiff_t m0 = row; m0 < row_end; m0 += block.rows) {
                const ptrdiff_t rows = smaller(block.rows, row_end - m0);
                if (packs) LEVEL(pack_left)(p, m0, rows, k0, inner, left_panels, left_panel);
                for (ptrdiff_t n = 0; n < columns; n += TY_COLUMNS) {
                    const ptrdiff_t wide = smaller(TY_COLUMNS, columns - n);
                    const float *right = panels + n / TY_COLUMNS * panel, *bias = p->bias && !adds ? p->bias + n0 + n : NULL;
                    // A tile writes whole vectors; narrower ones go through memory of their own.
                    float edge[TY_ROWS * TY_COLUMNS];
                    const int whole = wide == TY_COLUMNS || wide == TY_WIDTH;
                    for (ptrdiff_t m = 0; m < rows; m += TY_ROWS) {
                        const ptrdiff_t high = smaller(TY_ROWS, rows - m);
                        float *out = p->out + (m0 + m) * p->out_row + n0 + n, *to = whole ? out : edge;
                        const ptrdiff_t to_row = whole ? p->out_row : TY_COLUMNS;
                        const float *start = whole ? bias : NULL;
                        if (packs)
                            LEVEL(tile_rows)(left_panels + m / TY_ROWS * left_panel, 1, TY_ROWS, right, TY_COLUMNS, inner, to,
                                             to_row, whole && adds, start, 0, high, wide);
                        else
                            LEVEL(tile_rows)(LEVEL(left_in_place)(p, m0 + m, k0), p->left_row, 1, right, TY_COLUMNS, inner, to,
                                             to_row, whole && adds, start, n == 0, high, wide);
                        if (!whole) LEVEL(store_edge)(edge, out, p->out_row, bias, adds, high, wide);
                    }
                }
            }
        }
}
