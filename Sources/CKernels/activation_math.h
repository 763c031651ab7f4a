// Activations and their slopes as branch-free scalar functions that loops over arrays inline and vectorise.
#pragma once
#include "include/kernel_activation.h"
#include "kernel_support.h"

#define TY_INLINE static inline __attribute__((always_inline))

// e^x to about one unit in the last place; 0 below the smallest normal number, finite above the largest, NaN kept.
TY_INLINE float ty_exp(float x) {
    const float lowest = -87.33654f, highest = 88.37626f, round_magic = 12582912.0f;
    float clamped = x < lowest ? lowest : x;
    clamped = clamped > highest ? highest : clamped;
    // Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits.
    const float shifted = clamped * 1.44269504f + round_magic;
    const float n = shifted - round_magic;
    const float r = (clamped - n * 0.693359375f) + n * 2.12194440e-4f;
    // Minimax polynomial of Cephes' expf on [-ln2/2, ln2/2].
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    union { float value; uint32_t bits; } scale = {shifted};
    scale.bits = (scale.bits << 23) + 0x3f800000u;
    return x < lowest ? 0.0f : p * scale.value;
}

TY_INLINE float ty_minimum(float x, float y) { return x > y ? y : x; }
TY_INLINE float ty_maximum(float x, float y) { return x < y ? y : x; }

TY_INLINE float ty_sigmoid(float x) { return 1.0f / (1.0f + ty_exp(-x)); }
TY_INLINE float ty_sigmoid_slope(float x) {
    const float s = ty_sigmoid(x);
    return s * (1.0f - s);
}

TY_INLINE float ty_identity(float x) { return x; }
TY_INLINE float ty_identity_slope(float x) { (void)x; return 1.0f; }

TY_INLINE float ty_relu(float x) { return ty_maximum(x, 0.0f); }
TY_INLINE float ty_relu_slope(float x) { return x > 0.0f ? 1.0f : 0.0f; }

TY_INLINE float ty_relu6(float x) { return ty_minimum(ty_maximum(x, 0.0f), 6.0f); }
TY_INLINE float ty_relu6_slope(float x) { return ((x > 0.0f) & (x < 6.0f)) ? 1.0f : 0.0f; }

TY_INLINE float ty_silu(float x) { return x * ty_sigmoid(x); }
TY_INLINE float ty_silu_slope(float x) {
    const float s = ty_sigmoid(x);
    return s + x * s * (1.0f - s);
}

TY_INLINE float ty_hard_sigmoid(float x) { return ty_relu6(x + 3.0f) * (1.0f / 6.0f); }
TY_INLINE float ty_hard_sigmoid_slope(float x) { return ((x > -3.0f) & (x < 3.0f)) ? 1.0f / 6.0f : 0.0f; }

TY_INLINE float ty_hard_swish(float x) { return x * ty_hard_sigmoid(x); }
TY_INLINE float ty_hard_swish_slope(float x) {
    const float inside = x * (1.0f / 3.0f) + 0.5f;
    const float upper = x < 3.0f ? inside : 1.0f;
    return x <= -3.0f ? 0.0f : upper;
}

// Phi(x) from e^(-x^2/2), which the slope needs as well: Abramowitz and Stegun 7.1.26, absolute error below 1e-7.
TY_INLINE float ty_normal_cdf(float x, float gaussian) {
    const float z = fabsf(x) * 0.70710678f;
    const float t = 1.0f / (1.0f + 0.3275911f * z);
    float p = 1.061405429f;
    p = p * t - 1.453152027f;
    p = p * t + 1.421413741f;
    p = p * t - 0.284496736f;
    p = p * t + 0.254829592f;
    const float tail = 0.5f * p * t * gaussian;
    return x < 0.0f ? tail : 1.0f - tail;
}
TY_INLINE float ty_gelu(float x) { return x * ty_normal_cdf(x, ty_exp(-0.5f * x * x)); }
TY_INLINE float ty_gelu_slope(float x) {
    const float gaussian = ty_exp(-0.5f * x * x);
    return ty_normal_cdf(x, gaussian) + x * gaussian * 0.39894228f;
}

// Expands LOOP(name) for the activation that `kind` names, so that each has a vectorised loop of its own.
#define TY_FOR_ACTIVATION(kind, LOOP)                    \
    switch (kind) {                                      \
    case TY_RELU: LOOP(relu); break;                     \
    case TY_RELU6: LOOP(relu6); break;                   \
    case TY_SILU: LOOP(silu); break;                     \
    case TY_HARD_SWISH: LOOP(hard_swish); break;         \
    case TY_HARD_SIGMOID: LOOP(hard_sigmoid); break;     \
    case TY_SIGMOID: LOOP(sigmoid); break;               \
    case TY_GELU: LOOP(gelu); break;                     \
    default: LOOP(identity); break;                      \
    }
