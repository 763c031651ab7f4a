// Rounding to bfloat16; shared by the kernels' source files.
#pragma once
#include <stdint.h>
#include <string.h>

typedef uint16_t bfloat16_bits __attribute__((may_alias));

// The nearest number with eight bits of significand, ties to even, as the upper half of its bits; NaN stays NaN.
static inline bfloat16_bits round_to_bfloat16(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    if (value != value) return (bfloat16_bits)(bits >> 16 | 0x40);
    return (bfloat16_bits)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}
