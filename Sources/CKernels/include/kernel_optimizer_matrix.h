// What the optimisers that look at a parameter as a matrix need: Adafactor's factored second moment, Muon's momentum, and the
// vector algebra of L-BFGS.
#pragma once
#include <stddef.h>

// out[i] = mean over j of (x[j * stride + i])² for i in 0..<inner, j in 0..<length: one row or column of Adafactor's moments.
void ty_mean_squares(const float *x, size_t length, size_t stride, size_t inner, float *out);
// moment += weight * (mean - moment)
void ty_lerp(float *moment, const float *mean, float weight, size_t count);
// update[c * inner + i] = g / sqrt(max(row[i] * column[c * inner + i] * inverse_mean[i], floor)): one row of Adafactor's update.
void ty_adafactor_row(const float *gradient, const float *row, const float *column, const float *inverse_mean, float floor,
                      float *update, size_t columns, size_t inner);
// The same without factors: variance += weight * (g² - variance); update = g / sqrt(max(variance, floor)).
void ty_adafactor_vector(const float *gradient, float *variance, float weight, float floor, float *update, size_t count);
// value = value * shrink + rate * update
void ty_shrink_add(float *value, float shrink, float rate, const float *update, size_t count);
// Muon: buffer += (1 - momentum)(g - buffer); update = g + momentum * (buffer - g) with Nesterov's rule, else buffer.
void ty_muon_momentum(const float *gradient, float *buffer, float momentum, int nesterov, float *update, size_t count);
// Rounds to the nearest bfloat16, ties to even.
void ty_round_bfloat16(float *values, size_t count);
// Sets every element to at least -bound and at most bound; what is not a number stays so.
void ty_clamp(float *values, float bound, size_t count);
// The largest magnitude, and the sum of magnitudes in double.
float ty_max_magnitude(const float *values, size_t count);
double ty_sum_magnitudes(const float *values, size_t count);
