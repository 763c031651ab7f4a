// Softmax of one row in place, for kernels of every level.
#pragma once
#include "activation_math.h"

// Turns a row of logits into probabilities; returns the logarithm of their sum.
TY_INLINE float softmax_row(float *restrict logits, ptrdiff_t count) {
    TY_REASSOCIATE
    float highest = -INFINITY, sum = 0;
    for (ptrdiff_t j = 0; j < count; j++) highest = logits[j] > highest ? logits[j] : highest;
    for (ptrdiff_t j = 0; j < count; j++) {
        const float e = ty_exp(logits[j] - highest);
        logits[j] = e;
        sum += e;
    }
    const float factor = 1.0f / sum;
    for (ptrdiff_t j = 0; j < count; j++) logits[j] *= factor;
    return highest + logf(sum);
}
