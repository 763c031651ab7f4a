// Rows of channels: the bias and the weight order of convolutions and linear layers.
#include "kernel_convolution.h"
#include "kernel_support.h"

void ty_transpose(const float *from, float *to, size_t rows, size_t columns) {
    for (size_t c = 0; c < columns; c++)
        for (size_t r = 0; r < rows; r++) to[c * rows + r] = from[r * columns + c];
}

void ty_repeat_row(const float *row, float *out, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++) memcpy(out + r * columns, row, columns * sizeof(float));
}

TY_DISPATCH void ty_sum_rows(const float *values, float *out, size_t rows, size_t columns) {
    memset(out, 0, columns * sizeof(float));
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++) out[c] += values[r * columns + c];
}
