// Optimiser steps: one pass over the parameter, its gradient and its state.
#include "include/kernel_optimizer.h"
#include "kernel_support.h"

TY_DISPATCH void ty_sgd_step(float *restrict value, const float *restrict gradient, float *restrict buffer,
                             float learning_rate, float momentum, float weight_decay, bool nesterov, size_t count) {
    if (momentum == 0.0f) {
        for (size_t i = 0; i < count; i++) value[i] -= learning_rate * (gradient[i] + weight_decay * value[i]);
        return;
    }
    // Nesterov: value -= rate * (g + momentum * buffer); otherwise value -= rate * buffer.
    const float from_gradient = nesterov ? 1.0f : 0.0f, from_buffer = nesterov ? momentum : 1.0f;
    for (size_t i = 0; i < count; i++) {
        const float g = gradient[i] + weight_decay * value[i];
        const float b = momentum * buffer[i] + g;
        buffer[i] = b;
        value[i] -= learning_rate * (from_gradient * g + from_buffer * b);
    }
}

TY_DISPATCH void ty_adam_step(const struct ty_adam *rule, float *restrict value, const float *restrict gradient,
                              float *restrict first, float *restrict second, size_t count) {
    const float beta1 = rule->beta1, beta2 = rule->beta2, epsilon = rule->epsilon;
    const float shrink = rule->decoupled ? 1.0f - rule->learning_rate * rule->weight_decay : 1.0f;
    const float decay = rule->decoupled ? 0.0f : rule->weight_decay;
    const float step = rule->learning_rate / rule->correction1, inverse_root = 1.0f / rule->root_correction2;
    for (size_t i = 0; i < count; i++) {
        const float v = value[i] * shrink;
        const float g = gradient[i] + decay * v;
        const float m = first[i] + (1.0f - beta1) * (g - first[i]);
        const float s = beta2 * second[i] + (1.0f - beta2) * g * g;
        first[i] = m;
        second[i] = s;
        value[i] = v - step * m / (sqrtf(s) * inverse_root + epsilon);
    }
}

TY_DISPATCH void ty_ema(float *restrict average, const float *restrict value, float decay, size_t count) {
    for (size_t i = 0; i < count; i++) average[i] = decay * average[i] + (1.0f - decay) * value[i];
}

TY_DISPATCH double ty_sum_squares(const float *values, size_t count) {
    TY_REASSOCIATE
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += (double)values[i] * values[i];
    return sum;
}
