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
    const ptrdiff_t words = LEVEL(words)(p->inner), blocks = (words + inner_block - 1) / inner_block;
    const ptrdiff_t depth = (words + blocks - 1) / blocks;
    const int moves = LEVEL(moves_left)(p), panels = p->left_step != 1;
    float *block = scratch + right_floats;
    const ptrdiff_t width = moves ? column_block : columns_in_cache(depth);
    const ptrdiff_t height = rows_in_cache(depth);
    for (ptrdiff_t n0 = column; n0 < column_end; n0 += width)
        for (ptrdiff_t k0 = 0; k0 < words; k0 += depth) {
            const ptrdiff_t inner = smaller(depth, words - k0), columns = smaller(width, column_end - n0);
            const ptrdiff_t panel = inner * TY_COLUMNS + panel_gap;
            const int adds = p->adds || k0 > 0;
            LEVEL(pack_right)(p, k0, inner, n0, columns, scratch, panel);
            for (ptrdiff_t m0 = row; m0 < row_end; m0 += height) {
                const ptrdiff_t rows = smaller(height, row_end - m0);
                const float *left = moves ? block : LEVEL(left_in_place)(p, m0, k0);
                const ptrdiff_t left_row = moves ? inner : p->left_row;
                if (moves) LEVEL(move_left)(p, m0, rows, k0, inner, block);
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
                        if (panels)
                            LEVEL(tile_rows)(block + m / TY_LEFT * TY_LEFT * inner + m % TY_LEFT, 1, TY_LEFT, right, TY_COLUMNS,
                                             inner, to, to_row, whole && adds, start, high, wide);
                        else
                            LEVEL(tile_rows)(left + m * left_row, left_row, 1, right, TY_COLUMNS, inner, to, to_row,
                                             whole && adds, start, high, wide);
                        if (!whole) LEVEL(store_edge)(edge, out, p->out_row, bias, adds, high, wide);
                    }
                }
            }
        }
}
