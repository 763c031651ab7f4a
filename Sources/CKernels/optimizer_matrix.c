// What Adafactor, Muon, L-BFGS and clipping need beyond elementwise steps.
#include "bfloat16.h"
#include "include/kernel_optimizer_matrix.h"
#include "kernel_support.h"

TY_DISPATCH void ty_mean_squares(const float *restrict x, size_t length, size_t stride, size_t inner, float *restrict out) {
    if (inner == 1 && stride == 1) {
        TY_REASSOCIATE
        float sum = 0;
        for (size_t j = 0; j < length; j++) sum += x[j] * x[j];
        out[0] = sum / (float)length;
        return;
    }
    for (size_t i = 0; i < inner; i++) out[i] = 0;
    for (size_t j = 0; j < length; j++) {
        const float *row = x + j * stride;
        for (size_t i = 0; i < inner; i++) out[i] += row[i] * row[i];
    }
    for (size_t i = 0; i < inner; i++) out[i] /= (float)length;
}

TY_DISPATCH void ty_lerp(float *restrict moment, const float *restrict mean, float weight, size_t count) {
    for (size_t i = 0; i < count; i++) moment[i] += weight * (mean[i] - moment[i]);
}

TY_DISPATCH void ty_adafactor_row(const float *restrict gradient, const float *restrict row, const float *restrict column,
                                  const float *restrict inverse_mean, float floor, float *restrict update, size_t columns,
                                  size_t inner) {
    if (inner == 1) {
        const float factor = row[0] * inverse_mean[0];
        for (size_t c = 0; c < columns; c++) {
            const float estimate = factor * column[c];
            update[c] = gradient[c] / sqrtf(estimate > floor ? estimate : floor);
        }
        return;
    }
    for (size_t c = 0; c < columns; c++) {
        const size_t start = c * inner;
        for (size_t i = 0; i < inner; i++) {
            const float estimate = row[i] * inverse_mean[i] * column[start + i];
            update[start + i] = gradient[start + i] / sqrtf(estimate > floor ? estimate : floor);
        }
    }
}

TY_DISPATCH void ty_adafactor_vector(const float *restrict gradient, float *restrict variance, float weight, float floor,
                                     float *restrict update, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const float g = gradient[i];
        const float v = variance[i] + weight * (g * g - variance[i]);
        variance[i] = v;
        update[i] = g / sqrtf(v > floor ? v : floor);
    }
}

TY_DISPATCH void ty_shrink_add(float *restrict value, float shrink, float rate, const float *restrict update, size_t count) {
    for (size_t i = 0; i < count; i++) value[i] = value[i] * shrink + rate * update[i];
}

TY_DISPATCH void ty_muon_momentum(const float *restrict gradient, float *restrict buffer, float momentum, int nesterov,
                                  float *restrict update, size_t count) {
    const float towards = nesterov ? momentum : 1.0f;
    for (size_t i = 0; i < count; i++) {
        const float g = gradient[i];
        const float b = buffer[i] + (1.0f - momentum) * (g - buffer[i]);
        buffer[i] = b;
        update[i] = g + towards * (b - g);
    }
}

TY_DISPATCH void ty_round_bfloat16(float *restrict values, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const uint32_t bits = (uint32_t)round_to_bfloat16(values[i]) << 16;
        memcpy(values + i, &bits, sizeof bits);
    }
}

TY_DISPATCH void ty_clamp(float *restrict values, float bound, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const float x = values[i];
        values[i] = x > bound ? bound : x < -bound ? -bound : x;
    }
}

TY_DISPATCH float ty_max_magnitude(const float *restrict values, size_t count) {
    TY_REASSOCIATE
    float largest = 0;
    for (size_t i = 0; i < count; i++) {
        const float x = fabsf(values[i]);
        largest = x > largest ? x : largest;
    }
    return largest;
}

TY_DISPATCH double ty_sum_magnitudes(const float *restrict values, size_t count) {
    TY_REASSOCIATE
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += fabs((double)values[i]);
    return sum;
}
