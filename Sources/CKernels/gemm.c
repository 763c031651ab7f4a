// Matrix products in register tiles: a block of the right matrix is packed into panels that stay in the second-level
// cache, one panel at a time meets all rows of a block of the left matrix in the first-level cache (Goto and van de
// Geijn, "Anatomy of High-Performance Matrix Multiplication", 2008). A left matrix whose rows are whole is not packed.
#include "kernel_gemm.h"
#include "kernel_support.h"

// 256 KiB of packed right matrix and 96 of the left one share half a megabyte of second-level cache.
enum { inner_block = 256, column_block = 256, row_block = 96 };
// Floats between panels of the right matrix. Without them panels lie a multiple of 4 KiB apart, and push each other out of
// the first-level cache while a row is written into all of them. A panel has 8 columns at least.
enum { panel_gap = 16, right_floats = inner_block * column_block + column_block / 8 * panel_gap };

static inline ptrdiff_t smaller(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }

typedef float quad __attribute__((vector_size(16), aligned(4), may_alias));

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
                const quad a = *(const quad *)at, b = *(const quad *)(at + row);
                const quad c = *(const quad *)(at + 2 * row), d = *(const quad *)(at + 3 * row);
                const quad ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5), ab_high = __builtin_shufflevector(a, b, 2, 6, 3,
                    7);
                const quad cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5), cd_high = __builtin_shufflevector(c, d, 2, 6, 3,
                    7);
                float *out = to + k * columns + n;
                *(quad *)out = __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5);
                *(quad *)(out + columns) = __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7);
                *(quad *)(out + 2 * columns) = __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5);
                *(quad *)(out + 3 * columns) = __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7);
            }
        }
    for (; k < inner; k++)
        for (ptrdiff_t n = 0; n < columns; n++) to[k * columns + n] = n < count ? from[n * row + k] : 0;
}

typedef void product_function(const struct ty_product *, float *, ptrdiff_t, ptrdiff_t, ptrdiff_t, ptrdiff_t);

#define TY_BODY "gemm_product.h"
#include "gemm_every_level.h"

static product_function *best_product(void) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("x86-64-v4")) return product_v4;
    if (__builtin_cpu_supports("x86-64-v3")) return product_v3;
#endif
    return product_plain;
}

// A packed left block has its rows rounded up to a panel of the widest level.
ptrdiff_t ty_product_scratch(void) { return right_floats + inner_block * (row_block + 48); }
ptrdiff_t ty_product_columns(void) { return 32; }

void ty_product(const struct ty_product *product, float *scratch, ptrdiff_t row, ptrdiff_t row_end, ptrdiff_t column,
                ptrdiff_t column_end) {
    best_product()(product, scratch, row, row_end, column, column_end);
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
