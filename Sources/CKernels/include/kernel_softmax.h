// Softmax, and its cross entropy, of one row.
#pragma once
#include <stddef.h>

// probabilities = softmax(logits); returns -sum over k of target[k] * log softmax(logits)[k].
double ty_softmax_cross_entropy(const float *logits, const float *target, float *probabilities, size_t count);
// probabilities[k] = (probabilities[k] * sum(target) - target[k]) * factor, the loss's gradient.
void ty_softmax_cross_entropy_gradient(const float *target, float factor, float *probabilities, size_t count);
// logits = softmax(logits)
void ty_softmax(float *logits, size_t count);
// gradient = that of the logits, from that of the probabilities.
void ty_softmax_gradient(const float *probabilities, float *gradient, size_t count);
