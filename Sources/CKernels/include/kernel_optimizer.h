// Fused optimiser steps over a range of one parameter, with torch's rules.
#pragma once
#include <stdbool.h>
#include <stddef.h>

// g = gradient + weight_decay * value; buffer = momentum * buffer + g;
// value -= learning_rate * (nesterov ? g + momentum * buffer : buffer). Without momentum the buffer is not touched.
void ty_sgd_step(float *value, const float *gradient, float *buffer, float learning_rate, float momentum,
                 float weight_decay, bool nesterov, size_t count);

struct ty_adam {
    float learning_rate, beta1, beta2, epsilon, weight_decay;
    // 1 - beta1^step and sqrt(1 - beta2^step).
    float correction1, root_correction2;
    // AdamW: decay shrinks the value; Adam: decay adds to the gradient.
    bool decoupled;
};
void ty_adam_step(const struct ty_adam *rule, float *value, const float *gradient, float *first, float *second, size_t count);

// average = decay * average + (1 - decay) * value
void ty_ema(float *average, const float *value, float decay, size_t count);
// The sum of squares in double.
double ty_sum_squares(const float *values, size_t count);
