// Steps of the rules that divide by a running size of the gradient: Adamax, NAdam, RAdam, Adagrad, Adadelta, RMSprop.
#include "include/kernel_optimizer_rules.h"
#include "kernel_support.h"

TY_DISPATCH void ty_adamax_step(const struct ty_gradient_rule *rule, float rate, float beta1, float beta2, float epsilon,
                                float *restrict value, const float *restrict gradient, float *restrict first,
                                float *restrict norm, size_t count) {
    const float sign = rule->sign, decay = rule->weight_decay;
    for (size_t i = 0; i < count; i++) {
        const float g = sign * gradient[i] + decay * value[i];
        const float m = first[i] + (1.0f - beta1) * (g - first[i]);
        const float old = beta2 * norm[i], fresh = fabsf(g) + epsilon;
        const float n = old > fresh ? old : fresh;
        first[i] = m;
        norm[i] = n;
        value[i] -= rate * m / n;
    }
}

TY_DISPATCH void ty_adaptive_step(const struct ty_adaptive *rule, float *restrict value, const float *restrict gradient,
                                  float *restrict first, float *restrict second, size_t count) {
    const float sign = rule->gradient.sign, decay = rule->gradient.weight_decay, shrink = rule->gradient.shrink;
    const float beta1 = rule->beta1, beta2 = rule->beta2, epsilon = rule->epsilon;
    const float gradient_rate = rule->gradient_rate, momentum_rate = rule->momentum_rate, inverse_root = rule->inverse_root;
    const bool adaptive = rule->adaptive;
    for (size_t i = 0; i < count; i++) {
        const float v = value[i] * shrink;
        const float g = sign * gradient[i] + decay * v;
        const float m = first[i] + (1.0f - beta1) * (g - first[i]);
        const float s = beta2 * second[i] + (1.0f - beta2) * g * g;
        first[i] = m;
        second[i] = s;
        const float denominator = adaptive ? sqrtf(s) * inverse_root + epsilon : 1.0f;
        value[i] = v - (gradient_rate * g + momentum_rate * m) / denominator;
    }
}

TY_DISPATCH void ty_adagrad_step(const struct ty_gradient_rule *rule, float rate, float epsilon, float *restrict value,
                                 const float *restrict gradient, float *restrict sum, size_t count) {
    const float sign = rule->sign, decay = rule->weight_decay;
    for (size_t i = 0; i < count; i++) {
        const float g = sign * gradient[i] + decay * value[i];
        const float s = sum[i] + g * g;
        sum[i] = s;
        value[i] -= rate * g / (sqrtf(s) + epsilon);
    }
}

TY_DISPATCH void ty_adadelta_step(const struct ty_gradient_rule *rule, float rate, float rho, float epsilon, float *restrict value,
                                  const float *restrict gradient, float *restrict square, float *restrict delta, size_t count) {
    const float sign = rule->sign, decay = rule->weight_decay;
    for (size_t i = 0; i < count; i++) {
        const float g = sign * gradient[i] + decay * value[i];
        const float s = rho * square[i] + (1.0f - rho) * g * g;
        const float d = sqrtf(delta[i] + epsilon) / sqrtf(s + epsilon) * g;
        square[i] = s;
        delta[i] = rho * delta[i] + (1.0f - rho) * d * d;
        value[i] -= rate * d;
    }
}

TY_DISPATCH void ty_rmsprop_step(const struct ty_gradient_rule *rule, float rate, float alpha, float momentum, float epsilon,
                                 float *restrict value, const float *restrict gradient, float *restrict square,
                                 float *restrict mean, float *restrict buffer, size_t count) {
    const float sign = rule->sign, decay = rule->weight_decay;
    for (size_t i = 0; i < count; i++) {
        const float g = sign * gradient[i] + decay * value[i];
        const float s = alpha * square[i] + (1.0f - alpha) * g * g;
        square[i] = s;
        float spread = s;
        if (mean) {
            const float m = mean[i] + (1.0f - alpha) * (g - mean[i]);
            mean[i] = m;
            spread = s - m * m;
        }
        float change = g / (sqrtf(spread) + epsilon);
        if (buffer) {
            change += momentum * buffer[i];
            buffer[i] = change;
        }
        value[i] -= rate * change;
    }
}
