// How matrix products are cut into blocks, whatever their words: a word of a sum is a float or a pair of shorter numbers.
#pragma once
#include "kernel_gemm.h"
#include "kernel_support.h"
#include "quad.h"

// A block of the left matrix, at most 150 KiB, and a panel of the right one stay in the second-level cache. Long sums visit the
// result seldom: what is written into it comes from far away. Rows in place allow that; panels, which are packed again for
// every block of columns, want wide blocks more, although these come from further away.
enum { packed_depth = 400, packed_columns = 768, depth_in_place = 800, least_columns = 128, most_columns = 384 };
enum { least_rows = 48, most_rows = 192, left_floats = 96 * packed_depth, right_floats = packed_columns * packed_depth };
enum { cached_floats = 96 * 1024 };
// Floats between panels, and where in the scratch memory those of the left matrix start. Without gaps panels of the
// right matrix lie a multiple of 4 KiB apart, and push each other out of the first-level cache while a row is written into all
// of them; panels of the left matrix are written a little beyond their end.
enum {
    panel_gap = 16,
    left_start = right_floats + panel_gap * (packed_columns / 8),
    block_floats = left_start + left_floats + panel_gap * (most_rows / 6)
};

// How far one block reaches: terms (or words) of the sums, rows of the left matrix and columns of the right one.
struct product_block { ptrdiff_t depth, rows, columns; };

// Blocks of about the same depth and of about the same number of floats, with `rows` a multiple of every level's tile and
// `columns` of every level's panel. Rows in place meet as many columns as stay in the second-level cache.
static inline struct product_block product_block(ptrdiff_t words, int is_packed) {
    const ptrdiff_t most = is_packed ? packed_depth : depth_in_place, parts = words > 0 ? (words + most - 1) / most : 1;
    const ptrdiff_t depth = words > 0 ? (words + parts - 1) / parts : 1;
    const ptrdiff_t rows = left_floats / depth / least_rows * least_rows;
    const ptrdiff_t columns = smaller(cached_floats / depth / 32 * 32, most_columns);
    return (struct product_block){
        .depth = depth,
        .rows = smaller(rows < least_rows ? least_rows : rows, most_rows),
        .columns = is_packed ? packed_columns : columns < least_columns ? least_columns : columns,
    };
}

// to[k][n] = from[n * row + k] for `inner` k and `count` n, zeros up to `columns`. Where that is no multiple of four, what
// follows the last k is overwritten as well.
static inline __attribute__((always_inline)) void transpose_panel(const float *from, ptrdiff_t row, ptrdiff_t inner,
                                                                  ptrdiff_t count, float *to, const ptrdiff_t columns) {
    ptrdiff_t k = 0;
    if (count == columns)
        for (; k + 4 <= inner; k += 4) {
            // The next panel's rows lie apart as well.
            if (k % 16 == 0)
                for (ptrdiff_t n = 0; n < columns; n++) __builtin_prefetch(from + (columns + n) * row + k);
            // Backwards, so that the columns too many of the last four are written over.
            for (ptrdiff_t n = (columns - 1) / 4 * 4; n >= 0; n -= 4) {
                const float *at = from + n * row + k, *last = from + (columns - 1) * row + k;
                turn_quad(at, n + 1 < columns ? at + row : last, n + 2 < columns ? at + 2 * row : last,
                          n + 3 < columns ? at + 3 * row : last, to + k * columns + n, columns);
            }
        }
    for (; k < inner; k++)
        for (ptrdiff_t n = 0; n < columns; n++) to[k * columns + n] = n < count ? from[n * row + k] : 0;
}
