// The steps of torch.optim's further rules over a range of one parameter. Everywhere
// g = sign * gradient + weight_decay * value, where sign is -1 to climb and 1 to descend, and value is first multiplied by
// `shrink`, which is 1 - learning_rate * weight_decay for decoupled decay (weight_decay is then 0) and else 1.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include "kernel_optimizer.h"

struct ty_gradient_rule {
    float sign, weight_decay, shrink;
};

// SGD without Nesterov's rule: buffer = is_first ? g : momentum * buffer + (1 - dampening) * g; value -= learning_rate * buffer.
void ty_sgd_dampened_step(const struct ty_gradient_rule *rule, float learning_rate, float momentum, float dampening, bool is_first,
                          float *value, const float *gradient, float *buffer, size_t count);

// Adam whose denominator takes the largest second moment so far (Reddi et al., 2018).
void ty_amsgrad_step(const struct ty_adam *rule, float *value, const float *gradient, float *first, float *second,
                     float *largest, size_t count);

// Adamax: first += (1 - beta1)(g - first); norm = max(beta2 * norm, |g| + epsilon); value -= rate * first / norm.
void ty_adamax_step(const struct ty_gradient_rule *rule, float rate, float beta1, float beta2, float epsilon,
                    float *value, const float *gradient, float *first, float *norm, size_t count);

// NAdam and RAdam: both moments as Adam's, then
// value -= (gradient_rate * g + momentum_rate * first) / (sqrt(second) * inverse_root + epsilon), or, when not adaptive,
// value -= momentum_rate * first.
struct ty_adaptive {
    struct ty_gradient_rule gradient;
    float beta1, beta2, epsilon, gradient_rate, momentum_rate, inverse_root;
    bool adaptive;
};
void ty_adaptive_step(const struct ty_adaptive *rule, float *value, const float *gradient, float *first, float *second, size_t count);

// Adagrad: sum += g²; value -= rate * g / (sqrt(sum) + epsilon).
void ty_adagrad_step(const struct ty_gradient_rule *rule, float rate, float epsilon,
                     float *value, const float *gradient, float *sum, size_t count);

// Adadelta: square = rho * square + (1 - rho) g²; d = sqrt(delta + epsilon) / sqrt(square + epsilon) * g;
// delta = rho * delta + (1 - rho) d²; value -= rate * d.
void ty_adadelta_step(const struct ty_gradient_rule *rule, float rate, float rho, float epsilon,
                      float *value, const float *gradient, float *square, float *delta, size_t count);

// RMSprop: square = alpha * square + (1 - alpha) g²; with `mean`, its square is taken off; the quotient
// g / (sqrt(square) + epsilon) goes through `buffer` where momentum is given. mean and buffer may be null.
void ty_rmsprop_step(const struct ty_gradient_rule *rule, float rate, float alpha, float momentum, float epsilon,
                     float *value, const float *gradient, float *square, float *mean, float *buffer, size_t count);

// Rprop: a step size per element grows by `grow` while the gradient keeps its sign and shrinks by `shrink` when it turns,
// in which case the element rests.
struct ty_rprop {
    float sign, shrink, grow, least, most;
};
void ty_rprop_step(const struct ty_rprop *rule, float *value, const float *gradient, float *previous, float *size, size_t count);

// ASGD: value = value * (1 - lambda * eta) - eta * g; average += mu * (value - average), or the value itself where mu is 1.
void ty_asgd_step(const struct ty_gradient_rule *rule, float decay, float eta, float mu,
                  float *value, const float *gradient, float *average, size_t count);
