// Softmax with its largest logit subtracted, so that nothing overflows.
#include "include/kernel_softmax.h"
#include "softmax_row.h"

TY_DISPATCH double ty_softmax_cross_entropy(const float *restrict logits, const float *restrict target,
                                            float *restrict probabilities, size_t count) {
    TY_REASSOCIATE
    float highest = -INFINITY;
    for (size_t k = 0; k < count; k++) highest = logits[k] > highest ? logits[k] : highest;
    double sum = 0, product = 0, mass = 0;
    for (size_t k = 0; k < count; k++) {
        const float e = ty_exp(logits[k] - highest);
        probabilities[k] = e;
        sum += e;
    }
    for (size_t k = 0; k < count; k++) {
        // A target of zero asks nothing of its logit, even of one at minus infinity.
        product += target[k] == 0.0f ? 0.0f : target[k] * (logits[k] - highest);
        mass += target[k];
    }
    const float factor = (float)(1.0 / sum);
    for (size_t k = 0; k < count; k++) probabilities[k] *= factor;
    return mass * log(sum) - product;
}

TY_DISPATCH void ty_softmax_cross_entropy_gradient(const float *restrict target, float factor,
                                                   float *restrict probabilities, size_t count) {
    TY_REASSOCIATE
    float mass = 0;
    for (size_t k = 0; k < count; k++) mass += target[k];
    for (size_t k = 0; k < count; k++) probabilities[k] = (probabilities[k] * mass - target[k]) * factor;
}

TY_DISPATCH void ty_softmax(float *restrict logits, size_t count) { softmax_row(logits, (ptrdiff_t)count); }

TY_DISPATCH void ty_softmax_gradient(const float *restrict probabilities, float *restrict gradient, size_t count) {
    TY_REASSOCIATE
    float mean = 0;
    for (size_t k = 0; k < count; k++) mean += probabilities[k] * gradient[k];
    for (size_t k = 0; k < count; k++) gradient[k] = probabilities[k] * (gradient[k] - mean);
}
