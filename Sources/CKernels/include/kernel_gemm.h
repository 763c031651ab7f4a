// Products of single-precision matrices, and of the same rounded to bfloat16.
#pragma once
#include <stddef.h>

// out[m][n] = (out +) Σ_k left[m][k] · right[k][n] (+ bias[n]). Element (m, k) of the left matrix lies at left[m * left_row +
// k * left_step], (k, n) of the right one at right[k * right_row + n * right_column]; in each pair one step is 1.
struct ty_product {
    ptrdiff_t rows, columns, inner;
    const float *left;
    ptrdiff_t left_row, left_step;
    const float *right;
    ptrdiff_t right_row, right_column;
    float *out;
    ptrdiff_t out_row;
    const float *bias; // may be NULL; not with `adds`
    int adds;
};

// Floats of scratch memory that one call takes, the columns that belong together when they are shared out, and those for
// which a left matrix is packed once.
ptrdiff_t ty_product_scratch(void);
ptrdiff_t ty_product_columns(void);
ptrdiff_t ty_product_block_columns(void);

// Rows [row, row_end) and columns [column, column_end) of the result. Each element's sum has one order, whatever the range.
void ty_product(const struct ty_product *product, float *scratch, ptrdiff_t row, ptrdiff_t row_end, ptrdiff_t column,
                ptrdiff_t column_end);

// The same with the operands rounded to bfloat16, the nearest one and of two the even one, and sums in single precision.
void ty_product_bfloat16(const struct ty_product *product, float *scratch, ptrdiff_t row, ptrdiff_t row_end, ptrdiff_t column,
                         ptrdiff_t column_end);

// Whether this processor has instructions for that (AVX512_BF16). Without them it gives the same bits slowly.
int ty_multiplies_bfloat16(void);

// out[i] = (out[i] +) Σ_p parts[p * stride + i] for i in [first, last)
void ty_add_parts(const float *parts, ptrdiff_t count, ptrdiff_t stride, float *out, int adds, ptrdiff_t first, ptrdiff_t last);
