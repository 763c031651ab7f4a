// Steps of the momentum rules that the plain SGD and Adam kernels leave out: dampening, AMSGrad, Rprop, ASGD.
#include "include/kernel_optimizer_rules.h"
#include "kernel_support.h"

TY_DISPATCH void ty_sgd_dampened_step(const struct ty_gradient_rule *rule, float learning_rate, float momentum, float dampening,
                                      bool is_first, float *restrict value, const float *restrict gradient,
                                      float *restrict buffer, size_t count) {
    const float sign = rule->sign, decay = rule->weight_decay;
    const float kept = is_first ? 0.0f : momentum, added = is_first ? 1.0f : 1.0f - dampening;
    for (size_t i = 0; i < count; i++) {
        const float g = sign * gradient[i] + decay * value[i];
        const float b = kept * buffer[i] + added * g;
        buffer[i] = b;
        value[i] -= learning_rate * b;
    }
}

TY_DISPATCH void ty_amsgrad_step(const struct ty_adam *rule, float *restrict value, const float *restrict gradient,
                                 float *restrict first, float *restrict second, float *restrict largest, size_t count) {
    const float beta1 = rule->beta1, beta2 = rule->beta2, epsilon = rule->epsilon;
    const float shrink = rule->decoupled ? 1.0f - rule->learning_rate * rule->weight_decay : 1.0f;
    const float decay = rule->decoupled ? 0.0f : rule->weight_decay;
    const float step = rule->learning_rate / rule->correction1, inverse_root = 1.0f / rule->root_correction2;
    for (size_t i = 0; i < count; i++) {
        const float v = value[i] * shrink;
        const float g = gradient[i] + decay * v;
        const float m = first[i] + (1.0f - beta1) * (g - first[i]);
        const float s = beta2 * second[i] + (1.0f - beta2) * g * g;
        const float l = largest[i] > s ? largest[i] : s;
        first[i] = m;
        second[i] = s;
        largest[i] = l;
        value[i] = v - step * m / (sqrtf(l) * inverse_root + epsilon);
    }
}

TY_DISPATCH void ty_rprop_step(const struct ty_rprop *rule, float *restrict value, const float *restrict gradient,
                               float *restrict previous, float *restrict size, size_t count) {
    const float sign = rule->sign, shrink = rule->shrink, grow = rule->grow, least = rule->least, most = rule->most;
    for (size_t i = 0; i < count; i++) {
        const float g = sign * gradient[i], product = g * previous[i];
        const float factor = product > 0.0f ? grow : product < 0.0f ? shrink : 1.0f;
        float s = size[i] * factor;
        s = s < least ? least : s > most ? most : s;
        const float kept = product < 0.0f ? 0.0f : g;
        size[i] = s;
        value[i] -= kept > 0.0f ? s : kept < 0.0f ? -s : 0.0f;
        previous[i] = kept;
    }
}

TY_DISPATCH void ty_asgd_step(const struct ty_gradient_rule *rule, float decay, float eta, float mu, float *restrict value,
                              const float *restrict gradient, float *restrict average, size_t count) {
    const float sign = rule->sign, weight_decay = rule->weight_decay;
    for (size_t i = 0; i < count; i++) {
        const float g = sign * gradient[i] + weight_decay * value[i];
        const float v = value[i] * decay - eta * g;
        value[i] = v;
        // With mu = 1 the average is the value itself, without rounding.
        average[i] = mu == 1.0f ? v : average[i] + mu * (v - average[i]);
    }
}
