// Matrix products in register tiles, as in gemm.c, whose operands are rounded to bfloat16 while they are packed; sums stay in
// single precision. Plain C computes the same bits as AVX-512's instructions, denormal numbers aside, which these take for
// zero: it is what they are tested against, and no faster than products of single precision.
#include "bfloat16.h"
#include "gemm_blocks.h"
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define TY_LEVEL plain
#define TY_WIDTH 4
#define TY_ROWS 6
#define TY_PAIR_INSTRUCTIONS 0
#include "gemm_level.h"
#include "gemm_pairs.h"
#include "gemm_level_end.h"
#undef TY_PAIR_INSTRUCTIONS

#if defined(__x86_64__)
#define TY_LEVEL v4
#define TY_WIDTH 16
#define TY_ROWS 12
#define TY_PAIR_INSTRUCTIONS 1
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4,avx512bf16"), min_vector_width(512))), apply_to = function)
#include "gemm_level.h"
#include "gemm_pairs.h"
#include "gemm_level_end.h"
#pragma clang attribute pop
#endif

int ty_multiplies_bfloat16(void) {
#if defined(__x86_64__)
    return __builtin_cpu_supports("x86-64-v4") && __builtin_cpu_supports("avx512bf16");
#else
    return 0;
#endif
}

void ty_product_bfloat16(const struct ty_product *product, float *scratch, ptrdiff_t row, ptrdiff_t row_end, ptrdiff_t column,
                         ptrdiff_t column_end) {
#if defined(__x86_64__)
    if (ty_multiplies_bfloat16()) {
        product_v4(product, scratch, row, row_end, column, column_end);
        return;
    }
#endif
    product_plain(product, scratch, row, row_end, column, column_end);
}
