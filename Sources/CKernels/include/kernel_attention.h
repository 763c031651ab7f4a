// Scaled dot-product attention of one head over one window of tokens, which are read and written where they lie.
#pragma once
#include <stddef.h>
#include <stdint.h>

struct ty_attention {
    ptrdiff_t tokens; // T, in a window
    ptrdiff_t heads;
    ptrdiff_t width;  // d, of one head
};

// One head of one window: token t is row rows[t] of the packed [rows, 3, heads, d] array `qkv` and of the output, or, where
// rows[t] is negative, `padding` and none. `bias` [T, T] is added to the logits, and -100 where the regions of two tokens
// differ; both may be null.
struct ty_attention_head {
    const float *qkv, *padding, *bias;
    const int32_t *rows;
    const uint8_t *regions;
    ptrdiff_t head;
    float *scratch; // ty_attention_scratch floats
};

ptrdiff_t ty_attention_scratch(const struct ty_attention *shape);
// output[rows[t], head, :] = softmax(q k^T / sqrt(d) + bias) v; log_sums[t] = log of the softmax's denominator.
void ty_attention_forward(const struct ty_attention *shape, const struct ty_attention_head *head, float *output, float *log_sums);
// Writes the head's part of `qkv_gradient` at the window's rows; adds to `bias_gradient` [T, T] and, for tokens that are
// padding, to `padding_gradient` [3, heads, d]; both may be null.
void ty_attention_gradient(const struct ty_attention *shape, const struct ty_attention_head *head, const float *output,
                           const float *log_sums, const float *output_gradient, float *qkv_gradient, float *bias_gradient,
                           float *padding_gradient);
