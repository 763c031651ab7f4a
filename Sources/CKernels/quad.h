// Four by four floats turned around: what lies in rows comes to lie in columns.
#pragma once
#include <stddef.h>

typedef float quad __attribute__((vector_size(16), aligned(4), may_alias));

// to[k * to_row + n] = n-th of a, b, c, d at k, for n and k below four.
static inline __attribute__((always_inline)) void turn_quad(const float *at_a, const float *at_b, const float *at_c,
                                                            const float *at_d, float *to, ptrdiff_t to_row) {
    const quad a = *(const quad *)at_a, b = *(const quad *)at_b, c = *(const quad *)at_c, d = *(const quad *)at_d;
    const quad ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5), ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
    const quad cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5), cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
    *(quad *)to = __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5);
    *(quad *)(to + to_row) = __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7);
    *(quad *)(to + 2 * to_row) = __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5);
    *(quad *)(to + 3 * to_row) = __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7);
}
