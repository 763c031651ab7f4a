// Matrix products in register tiles: a block of the right matrix is packed into panels that stay in the second-level
// cache, one panel at a time meets all rows of a block of the left matrix in the first-level cache (Goto and van de
// Geijn, "Anatomy of High-Performance Matrix Multiplication", 2008). A left matrix whose rows are whole stays in place where
// the cache allows it.
#include "gemm_blocks.h"

#define TY_BODY "gemm_floats.h"
#include "gemm_every_level.h"

ptrdiff_t ty_product_scratch(void) { return block_floats; }
ptrdiff_t ty_product_columns(void) { return 32; }
ptrdiff_t ty_product_block_columns(void) { return packed_columns; }

void ty_product(const struct ty_product *product, float *scratch, ptrdiff_t row, ptrdiff_t row_end, ptrdiff_t column,
                ptrdiff_t column_end) {
    TY_BEST_LEVEL(product)(product, scratch, row, row_end, column, column_end);
}

TY_DISPATCH void ty_add_parts(const float *parts, ptrdiff_t count, ptrdiff_t stride, float *out, int adds, ptrdiff_t first,
                              ptrdiff_t last) {
    enum { block = 1024 };
    for (ptrdiff_t start = first; start < last; start += block) {
        const ptrdiff_t end = smaller(start + block, last);
        if (!adds) memcpy(out + start, parts + start, (size_t)(end - start) * sizeof(float));
        for (ptrdiff_t p = adds ? 0 : 1; p < count; p++)
            for (ptrdiff_t i = start; i < end; i++) out[i] += parts[p * stride + i];
    }
}
