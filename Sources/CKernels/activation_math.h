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

// 1 / (1 + 2^y), y = -x / ln 2. Unlike ty_exp's, the argument is rounded once: where that matters the sum is far from one.
TY_INLINE float ty_sigmoid(float x) {
    const float round_magic = 12582912.0f;
    const float y = ty_maximum(ty_minimum(x * -1.44269504f, 127.0f), -127.0f);
    const float shifted = y + round_magic;
    const float f = y - (shifted - round_magic);
    // Minimax polynomial of 2^f on [-1/2, 1/2], relative error below 1e-7.
    float p = 1.326472731e-03f;
    p = p * f + 9.671512991e-03f;
    p = p * f + 5.550733581e-02f;
    p = p * f + 2.402224243e-01f;
    p = p * f + 6.931470037e-01f;
    p = p * f + 1.0f;
    union { float value; uint32_t bits; } scale = {shifted};
    scale.bits = (scale.bits << 23) + 0x3f800000u;
    return 1.0f / (1.0f + p * scale.value);
}
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

// x * Phi(x). Phi(x) - 1/2 is odd: x times a quotient of polynomials in x^2 that is within 1e-8 up to 5.3, beyond which the
// tail is nothing beside the rounding.
TY_INLINE float ty_gelu(float x) {
    const float inside = ty_maximum(ty_minimum(x, 5.3f), -5.3f), u = inside * inside;
    float p = 5.108482128e-06f;
    p = p * u + 1.490717841e-04f;
    p = p * u + 4.494252615e-03f;
    p = p * u + 3.251171857e-02f;
    p = p * u + 3.989422321e-01f;
    float q = -1.907891622e-09f;
    q = q * u + 7.496949479e-07f;
    q = q * u + 6.348270108e-05f;
    q = q * u + 1.749102725e-03f;
    q = q * u + 2.762692608e-02f;
    q = q * u + 2.481607497e-01f;
    q = q * u + 1.0f;
    return x < -5.3f ? 0.0f : x * (0.5f + inside * p / q);
}
// Phi(x) + x * phi(x), less 1/2 as odd as Phi and approximated alike: within 7e-8 up to 5.5, where it is one.
TY_INLINE float ty_gelu_slope(float x) {
    const float inside = ty_maximum(ty_minimum(x, 5.5f), -5.5f), u = inside * inside;
    float p = 5.180179397e-09f;
    p = p * u + 9.489110084e-07f;
    p = p * u + 3.250780719e-05f;
    p = p * u + 3.141941561e-04f;
    p = p * u + 1.342146657e-02f;
    p = p * u - 1.537420508e-02f;
    p = p * u + 7.978848815e-01f;
    float q = 2.178199168e-07f;
    q = q * u + 1.139340384e-05f;
    q = q * u + 2.575117105e-04f;
    q = q * u + 4.253186751e-03f;
    q = q * u + 4.650234804e-02f;
    q = q * u + 3.140681982e-01f;
    q = q * u + 1.0f;
    return 0.5f + inside * p / q;
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
