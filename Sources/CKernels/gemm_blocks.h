// How matrix products are cut into blocks, whatever their words: a word of a sum is a float or a pair of shorter numbers.
#pragma once
#include "kernel_gemm.h"
#include "kernel_support.h"
#include "quad.h"

// Long sums visit the result seldom: what is written into it comes from far away. A left block of at most 150 KiB and a panel of
// the right matrix stay in the second-level cache, and so does the packed right matrix where `cached_floats` bound its columns.
// A left matrix that is packed or copied for every block of columns wants wider ones, although these come from further away.
enum { inner_block = 800, column_block = 384, least_columns = 128, row_block = 48, cached_floats = 96 * 1024 };
// Floats between panels of the right matrix. Without them panels lie a multiple of 4 KiB apart, and push each other out of
// the first-level cache while a row is written into all of them. A panel has 8 columns at least.
enum { panel_gap = 16, right_floats = inner_block * column_block + column_block / 8 * panel_gap };

// Columns of the right matrix, in whole panels, that stay in the second-level cache when each is `depth` long.
static inline ptrdiff_t columns_in_cache(ptrdiff_t depth) {
    const ptrdiff_t columns = cached_floats / (depth > 0 ? depth : 1) / 32 * 32;
    return columns < least_columns ? least_columns : smaller(columns, column_block);
}

// Rows of the left matrix, a multiple of every level's panel, of about the same size whatever their depth.
static inline ptrdiff_t rows_in_cache(ptrdiff_t depth) {
    const ptrdiff_t rows = inner_block * row_block / (depth > 0 ? depth : 1) / row_block * row_block;
    return rows < row_block ? row_block : smaller(rows, 4 * row_block);
}

// to[k][n] = from[n * row + k] for `inner` k and `count` n, zeros up to `columns`.
static inline __attribute__((always_inline)) void transpose_panel(const float *from, ptrdiff_t row, ptrdiff_t inner,
                                                                  ptrdiff_t count, float *to, const ptrdiff_t columns) {
    ptrdiff_t k = 0;
    if (count == columns)
        for (; k + 4 <= inner; k += 4) {
            // The next panel's rows lie apart as well.
            if (k % 16 == 0)
                for (ptrdiff_t n = 0; n < columns; n++) __builtin_prefetch(from + (columns + n) * row + k);
            for (ptrdiff_t n = 0; n < columns; n += 4) {
                const float *at = from + n * row + k;
                turn_quad(at, at + row, at + 2 * row, at + 3 * row, to + k * columns + n, columns);
            }
        }
    for (; k < inner; k++)
        for (ptrdiff_t n = 0; n < columns; n++) to[k * columns + n] = n < count ? from[n * row + k] : 0;
}
