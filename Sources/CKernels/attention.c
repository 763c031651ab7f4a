// Attention of one head over one window. Queries, keys and values are gathered from the packed array into small matrices
// that stay in the second cache; the logits exist only a block of rows at a time, also on the way back, where they are
// computed again from the saved logarithms of their sums (Dao et al., FlashAttention, 2022).
#include "include/kernel_attention.h"
#include "quad.h"
#include "softmax_row.h"

enum {
    block = 60, // rows of logits at a time, whole tiles on every level
    edge = 16,  // floats in the widest vector
    ahead = 8,  // tokens that are fetched before they are read: their rows lie pages apart
};

// The distance of rows: an odd number of cache lines, so that a column's lines spread over all sets.
static inline ptrdiff_t row_stride(ptrdiff_t count) { return (round_up(count, edge) / edge | 1) * edge; }

// The token's part `part` (0 query, 1 key, 2 value) for this head.
static inline const float *token(const struct ty_attention *shape, const struct ty_attention_head *head, ptrdiff_t t,
                                 ptrdiff_t part) {
    const ptrdiff_t offset = (part * shape->heads + head->head) * shape->width;
    const int32_t row = head->rows[t];
    return (row < 0 ? head->padding : head->qkv + row * 3 * shape->heads * shape->width) + offset;
}

// Where the token's result begins in the output; negative for padding.
static inline ptrdiff_t output_place(const struct ty_attention *shape, const struct ty_attention_head *head, ptrdiff_t t) {
    return head->rows[t] < 0 ? -1 : (head->rows[t] * shape->heads + head->head) * shape->width;
}

static inline void fetch(const float *from, ptrdiff_t count) {
    for (ptrdiff_t c = 0; c < count; c += 16) __builtin_prefetch(from + c);
}

// out[t, c] = factor * part, with zeros up to a whole vector.
TY_INLINE void gather(const struct ty_attention *shape, const struct ty_attention_head *head, ptrdiff_t part, float factor,
                      float *out, ptrdiff_t stride) {
    const ptrdiff_t tokens = shape->tokens, width = shape->width, padded = round_up(width, edge);
    for (ptrdiff_t t = 0; t < tokens; t++, out += stride) {
        const float *from = token(shape, head, t, part);
        fetch(token(shape, head, smaller(t + ahead, tokens - 1), part), width);
        for (ptrdiff_t c = 0; c < width; c++) out[c] = factor * from[c];
        for (ptrdiff_t c = width; c < padded; c++) out[c] = 0;
    }
}

// out[c, t] = part, with zeros up to a whole vector.
TY_INLINE void gather_turned(const struct ty_attention *shape, const struct ty_attention_head *head, ptrdiff_t part, float *out,
                             ptrdiff_t stride) {
    const ptrdiff_t tokens = shape->tokens, width = shape->width;
    ptrdiff_t t = 0;
    for (; t + 4 <= tokens; t += 4) {
        const float *from[4];
        for (ptrdiff_t i = 0; i < 4; i++) {
            from[i] = token(shape, head, t + i, part);
            fetch(token(shape, head, smaller(t + i + ahead, tokens - 1), part), width);
        }
        ptrdiff_t c = 0;
        for (; c + 4 <= width; c += 4)
            turn_quad(from[0] + c, from[1] + c, from[2] + c, from[3] + c, out + c * stride + t, stride);
        for (; c < width; c++)
            for (ptrdiff_t i = 0; i < 4; i++) out[c * stride + t + i] = from[i][c];
    }
    for (; t < tokens; t++) {
        const float *from = token(shape, head, t, part);
        for (ptrdiff_t c = 0; c < width; c++) out[c * stride + t] = from[c];
    }
    const ptrdiff_t padded = round_up(tokens, edge);
    for (ptrdiff_t c = 0; c < width; c++)
        for (t = tokens; t < padded; t++) out[c * stride + t] = 0;
}

// out[t, c] = what the output's gradient is at token t, zero at padding, with zeros up to a whole vector.
TY_INLINE void gather_output(const struct ty_attention *shape, const struct ty_attention_head *head, const float *gradient,
                             float *out, ptrdiff_t stride) {
    const ptrdiff_t tokens = shape->tokens, width = shape->width, padded = round_up(width, edge);
    for (ptrdiff_t t = 0; t < tokens; t++, out += stride) {
        const ptrdiff_t place = output_place(shape, head, t), next = output_place(shape, head, smaller(t + ahead, tokens - 1));
        if (next >= 0) fetch(gradient + next, width);
        memset(out, 0, (size_t)padded * sizeof(float));
        if (place >= 0) memcpy(out, gradient + place, (size_t)width * sizeof(float));
    }
}

// Adds the bias and the penalty between regions to the logits of row t.
TY_INLINE void bias_row(const struct ty_attention *shape, const struct ty_attention_head *head, ptrdiff_t t,
                        float *restrict logits) {
    if (head->bias) {
        const float *bias = head->bias + t * shape->tokens;
        for (ptrdiff_t j = 0; j < shape->tokens; j++) logits[j] += bias[j];
    }
    if (head->regions) {
        const uint8_t own = head->regions[t];
        for (ptrdiff_t j = 0; j < shape->tokens; j++) logits[j] += head->regions[j] == own ? 0.0f : -100.0f;
    }
}

// Writes factor * values to part `part` of the gradient at token t, or adds it to that of padding.
TY_INLINE void scatter(const struct ty_attention *shape, const struct ty_attention_head *head, ptrdiff_t t, ptrdiff_t part,
                       float factor, const float *values, float *qkv_gradient, float *padding_gradient) {
    const ptrdiff_t offset = (part * shape->heads + head->head) * shape->width;
    const int32_t row = head->rows[t];
    if (row >= 0) {
        float *target = qkv_gradient + row * 3 * shape->heads * shape->width + offset;
        for (ptrdiff_t c = 0; c < shape->width; c++) target[c] = factor * values[c];
    } else if (padding_gradient) {
        for (ptrdiff_t c = 0; c < shape->width; c++) padding_gradient[offset + c] += factor * values[c];
    }
}

struct buffers {
    ptrdiff_t wide, long_; // the distances of rows of [T, d] and of [d, T] matrices
    float *query, *key, *value, *key_turned, *value_turned, *gradient, *key_gradient, *value_gradient;
    float *logits, *slopes, *query_gradient;
};

static inline struct buffers divide(const struct ty_attention *shape, float *scratch) {
    struct buffers b = {.wide = row_stride(shape->width), .long_ = row_stride(shape->tokens)};
    const ptrdiff_t tall = shape->tokens * b.wide, flat = shape->width * b.long_, rows = block * b.long_;
    float **const talls[] = {&b.query, &b.key, &b.value, &b.gradient, &b.key_gradient, &b.value_gradient};
    for (size_t i = 0; i < sizeof talls / sizeof talls[0]; i++, scratch += tall) *talls[i] = scratch;
    b.key_turned = scratch;
    b.value_turned = b.key_turned + flat;
    b.logits = b.value_turned + flat;
    b.slopes = b.logits + rows;
    b.query_gradient = b.slopes + rows;
    return b;
}

ptrdiff_t ty_attention_scratch(const struct ty_attention *shape) {
    const ptrdiff_t wide = row_stride(shape->width), long_ = row_stride(shape->tokens);
    return 6 * shape->tokens * wide + 2 * shape->width * long_ + 2 * block * long_ + block * wide;
}

#define TY_BODY "attention_level.h"
#include "gemm_every_level.h"

void ty_attention_forward(const struct ty_attention *shape, const struct ty_attention_head *head, float *output,
                          float *log_sums) {
    TY_BEST_LEVEL(attention_forward)(shape, head, output, log_sums);
}

void ty_attention_gradient(const struct ty_attention *shape, const struct ty_attention_head *head, const float *output,
                           const float *log_sums, const float *output_gradient, float *qkv_gradient, float *bias_gradient,
                           float *padding_gradient) {
    TY_BEST_LEVEL(attention_gradient)
    (shape, head, output, log_sums, output_gradient, qkv_gradient, bias_gradient, padding_gradient);
}
