// Random numbers by formulas without branches, which vectorise: about a nanosecond each.
#include "kernel_random.h"
#include "activation_math.h"

// The draw that leaves the generator at `state`, uniform in [0, 1).
TY_INLINE float drawn(uint64_t state) {
    uint64_t z = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    z ^= z >> 31;
    return (float)(int32_t)(z >> 40) * 0x1p-24f;
}

// ln x of a normal number, to about one unit in the last place.
TY_INLINE float natural_logarithm(float x) {
    union { float value; uint32_t bits; } parts = {x};
    // The exponent that leaves a factor m between the roots of 1/2 and of 2.
    const uint32_t root_half = 0x3f3504f3u;
    const int32_t exponent = (int32_t)(parts.bits - root_half) >> 23;
    parts.bits -= (uint32_t)exponent << 23;
    const float e = (float)exponent, r = parts.value - 1.0f, square = r * r;
    // Minimax polynomial of Cephes' logf.
    float p = 7.0376836292e-2f;
    p = p * r - 1.1514610310e-1f;
    p = p * r + 1.1676998740e-1f;
    p = p * r - 1.2420140846e-1f;
    p = p * r + 1.4249322787e-1f;
    p = p * r - 1.6668057665e-1f;
    p = p * r + 2.0000714765e-1f;
    p = p * r - 2.4999993993e-1f;
    p = p * r + 3.3333331174e-1f;
    return r + (r * square * p - 2.12194440e-4f * e - 0.5f * square) + 0.693359375f * e;
}

// cos 2πu of u in [0, 1).
TY_INLINE float cosine_of_turn(float u) {
    const int32_t quarter = (int32_t)(u * 4.0f + 0.5f);
    const float angle = (u - (float)quarter * 0.25f) * 6.28318531f, square = angle * angle;
    // Minimax polynomials of Cephes' sinf and cosf on [-π/4, π/4].
    const float sine = angle + angle * square * ((-1.9515295891e-4f * square + 8.3321608736e-3f) * square - 1.6666654611e-1f);
    const float cosine = 1.0f - 0.5f * square
        + square * square * ((2.443315711809948e-5f * square - 1.388731625493765e-3f) * square + 4.166664568298827e-2f);
    const float value = (quarter & 1) != 0 ? sine : cosine;
    return ((quarter + 1) & 2) != 0 ? -value : value;
}

TY_DISPATCH void ty_uniform(uint64_t state, float lower, float upper, float *out, size_t count) {
    const float range = upper - lower;
    for (size_t i = 0; i < count; i++) out[i] = lower + range * drawn(state + (i + 1) * TY_RANDOM_STRIDE);
}

TY_DISPATCH void ty_normal(uint64_t state, float deviation, float *out, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const uint64_t second = state + 2 * (i + 1) * TY_RANDOM_STRIDE;
        // No draw is zero, or its logarithm would be infinite.
        const float u = ty_maximum(drawn(second - TY_RANDOM_STRIDE), 1.17549435e-38f);
        out[i] = deviation * sqrtf(-2.0f * natural_logarithm(u)) * cosine_of_turn(drawn(second));
    }
}
