// Attention of one head over one window. Queries, keys and values are gathered from the packed array into small matrices
// that stay in the second cache; the logits exist only a block of rows at a time, also on the way back, where they are
// computed again from the saved logarithms of their sums (Dao et al., FlashAttention, 2022).
#include "activation_math.h"
#include "include/kernel_attention.h"

// Eight floats at any address.
typedef float vector __attribute__((vector_size(32), aligned(4)));

enum {
    lanes = 8,
    panel = 2 * lanes, // columns of a register tile
    tile = 6,          // rows of a register tile
    block = 60,        // rows of logits at a time
};

static inline size_t round_up(size_t count, size_t unit) { return (count + unit - 1) / unit * unit; }
// The distance of rows: an odd number of cache lines, so that a column's lines spread over all sets.
static inline size_t row_stride(size_t count) { return (round_up(count, 16) / 16 | 1) * 16; }

// c[tile rows, 16] = (c +) a[rows, inner] b[inner, 16]; `rows` is constant after inlining and the sums stay in registers.
TY_INLINE void product_tile(const int rows, const float *a, size_t a_row, size_t a_inner, const float *b, size_t b_row, float *c,
                            size_t c_row, size_t inner, int adds) {
    vector sum[tile][2];
    for (int r = 0; r < rows; r++) {
        for (int half = 0; half < 2; half++)
            sum[r][half] = adds ? *(const vector *)(c + (size_t)r * c_row + half * lanes) : (vector){0};
    }
    for (size_t k = 0; k < inner; k++) {
        const vector low = *(const vector *)(b + k * b_row), high = *(const vector *)(b + k * b_row + lanes);
        for (int r = 0; r < rows; r++) {
            const float factor = a[(size_t)r * a_row + k * a_inner];
            sum[r][0] += factor * low;
            sum[r][1] += factor * high;
        }
    }
    for (int r = 0; r < rows; r++) {
        for (int half = 0; half < 2; half++) *(vector *)(c + (size_t)r * c_row + half * lanes) = sum[r][half];
    }
}

// c[rows, columns] = (c +) a b, columns rounded up to whole panels; element (r, k) of a is a[r a_row + k a_inner].
TY_INLINE void product(const float *a, size_t a_row, size_t a_inner, const float *b, size_t b_row, float *c, size_t c_row,
                       size_t rows, size_t columns, size_t inner, int adds) {
#define TILE(count) product_tile(count, a + r * a_row, a_row, a_inner, b + column, b_row, c + r * c_row + column, c_row, inner, adds)
    for (size_t column = 0; column < columns; column += panel) {
        size_t r = 0;
        for (; r + tile <= rows; r += tile) TILE(tile);
        switch (rows - r) {
        case 5: TILE(5); break;
        case 4: TILE(4); break;
        case 3: TILE(3); break;
        case 2: TILE(2); break;
        case 1: TILE(1); break;
        default: break;
        }
    }
#undef TILE
}

// The token's part `part` (0 query, 1 key, 2 value) for this head.
static inline const float *token(const struct ty_attention *shape, const struct ty_attention_head *head, size_t t, size_t part) {
    const size_t offset = (part * shape->heads + head->head) * shape->width;
    const int32_t row = head->rows[t];
    return (row < 0 ? head->padding : head->qkv + (size_t)row * 3 * shape->heads * shape->width) + offset;
}

// out[t, c] = factor * part, with zeros up to a whole panel.
TY_INLINE void gather(const struct ty_attention *shape, const struct ty_attention_head *head, size_t part, float factor, float *out,
                      size_t stride) {
    const size_t padded = round_up(shape->width, panel);
    for (size_t t = 0; t < shape->tokens; t++, out += stride) {
        const float *from = token(shape, head, t, part);
        for (size_t c = 0; c < shape->width; c++) out[c] = factor * from[c];
        for (size_t c = shape->width; c < padded; c++) out[c] = 0;
    }
}

// out[c, t] = part, with zeros up to a whole panel.
TY_INLINE void gather_transposed(const struct ty_attention *shape, const struct ty_attention_head *head, size_t part, float *out,
                                 size_t stride) {
    const size_t padded = round_up(shape->tokens, panel);
    for (size_t t = 0; t < shape->tokens; t++) {
        const float *from = token(shape, head, t, part);
        for (size_t c = 0; c < shape->width; c++) out[c * stride + t] = from[c];
    }
    for (size_t c = 0; c < shape->width; c++) {
        for (size_t t = shape->tokens; t < padded; t++) out[c * stride + t] = 0;
    }
}

// Adds the bias and the penalty between regions to the logits of row t.
TY_INLINE void bias_row(const struct ty_attention *shape, const struct ty_attention_head *head, size_t t, float *restrict logits) {
    if (head->bias) {
        const float *bias = head->bias + t * shape->tokens;
        for (size_t j = 0; j < shape->tokens; j++) logits[j] += bias[j];
    }
    if (head->regions) {
        const uint8_t own = head->regions[t];
        for (size_t j = 0; j < shape->tokens; j++) logits[j] += head->regions[j] == own ? 0.0f : -100.0f;
    }
}

struct buffers {
    size_t wide, long_; // the distances of rows of [T, d] and of [d, T] matrices
    float *query, *key, *value, *key_transposed, *value_transposed, *gradient, *key_gradient, *value_gradient;
    float *logits, *slopes, *query_gradient;
};

static inline struct buffers divide(const struct ty_attention *shape, float *scratch) {
    struct buffers b = {.wide = row_stride(shape->width), .long_ = row_stride(shape->tokens)};
    const size_t tall = shape->tokens * b.wide, flat = shape->width * b.long_, rows = block * b.long_;
    float **const talls[] = {&b.query, &b.key, &b.value, &b.gradient, &b.key_gradient, &b.value_gradient};
    for (size_t i = 0; i < sizeof talls / sizeof talls[0]; i++, scratch += tall) *talls[i] = scratch;
    b.key_transposed = scratch;
    b.value_transposed = b.key_transposed + flat;
    b.logits = b.value_transposed + flat;
    b.slopes = b.logits + rows;
    b.query_gradient = b.slopes + rows;
    return b;
}

size_t ty_attention_scratch(const struct ty_attention *shape) {
    const size_t wide = row_stride(shape->width), long_ = row_stride(shape->tokens);
    return 6 * shape->tokens * wide + 2 * shape->width * long_ + 2 * block * long_ + block * wide;
}

TY_DISPATCH void ty_attention_forward(const struct ty_attention *shape, const struct ty_attention_head *head, float *output,
                                      float *log_sums) {
    TY_REASSOCIATE
    const size_t tokens = shape->tokens, width = shape->width;
    const struct buffers b = divide(shape, head->scratch);
    gather(shape, head, 0, 1.0f / sqrtf((float)width), b.query, b.wide);
    gather_transposed(shape, head, 1, b.key_transposed, b.long_);
    gather(shape, head, 2, 1.0f, b.value, b.wide);
    for (size_t first = 0; first < tokens; first += block) {
        const size_t rows = tokens - first < block ? tokens - first : block;
        product(b.query + first * b.wide, b.wide, 1, b.key_transposed, b.long_, b.logits, b.long_, rows, tokens, width, 0);
        for (size_t r = 0; r < rows; r++) {
            float *restrict logits = b.logits + r * b.long_;
            bias_row(shape, head, first + r, logits);
            float highest = -INFINITY, sum = 0;
            for (size_t j = 0; j < tokens; j++) highest = logits[j] > highest ? logits[j] : highest;
            for (size_t j = 0; j < tokens; j++) {
                const float e = ty_exp(logits[j] - highest);
                logits[j] = e;
                sum += e;
            }
            log_sums[first + r] = highest + logf(sum);
            const float factor = 1.0f / sum;
            for (size_t j = 0; j < tokens; j++) logits[j] *= factor;
        }
        product(b.logits, b.long_, 1, b.value, b.wide, b.query_gradient, b.wide, rows, width, tokens, 0);
        for (size_t r = 0; r < rows; r++) {
            const int32_t row = head->rows[first + r];
            if (row < 0) continue;
            memcpy(output + ((size_t)row * shape->heads + head->head) * width, b.query_gradient + r * b.wide, width * sizeof(float));
        }
    }
}

// Writes factor * values to part `part` of the gradient at token t, or adds it to that of padding.
TY_INLINE void scatter(const struct ty_attention *shape, const struct ty_attention_head *head, size_t t, size_t part, float factor,
                       const float *values, float *qkv_gradient, float *padding_gradient) {
    const size_t offset = (part * shape->heads + head->head) * shape->width;
    const int32_t row = head->rows[t];
    if (row >= 0) {
        float *target = qkv_gradient + (size_t)row * 3 * shape->heads * shape->width + offset;
        for (size_t c = 0; c < shape->width; c++) target[c] = factor * values[c];
    } else if (padding_gradient) {
        for (size_t c = 0; c < shape->width; c++) padding_gradient[offset + c] += factor * values[c];
    }
}

TY_DISPATCH void ty_attention_gradient(const struct ty_attention *shape, const struct ty_attention_head *head, const float *output,
                                       const float *log_sums, const float *output_gradient, float *qkv_gradient,
                                       float *bias_gradient, float *padding_gradient) {
    TY_REASSOCIATE
    const size_t tokens = shape->tokens, width = shape->width, padded = round_up(width, panel);
    const float scale = 1.0f / sqrtf((float)width);
    const struct buffers b = divide(shape, head->scratch);
    gather(shape, head, 0, scale, b.query, b.wide);
    gather(shape, head, 1, 1.0f, b.key, b.wide);
    gather_transposed(shape, head, 1, b.key_transposed, b.long_);
    gather_transposed(shape, head, 2, b.value_transposed, b.long_);
    for (size_t t = 0; t < tokens; t++) {
        float *target = b.gradient + t * b.wide;
        memset(target, 0, padded * sizeof(float));
        if (head->rows[t] < 0) continue;
        memcpy(target, output_gradient + ((size_t)head->rows[t] * shape->heads + head->head) * width, width * sizeof(float));
    }
    for (size_t first = 0; first < tokens; first += block) {
        const size_t rows = tokens - first < block ? tokens - first : block;
        product(b.query + first * b.wide, b.wide, 1, b.key_transposed, b.long_, b.logits, b.long_, rows, tokens, width, 0);
        product(b.gradient + first * b.wide, b.wide, 1, b.value_transposed, b.long_, b.slopes, b.long_, rows, tokens, width, 0);
        for (size_t r = 0; r < rows; r++) {
            const size_t t = first + r;
            float *restrict logits = b.logits + r * b.long_, *restrict slopes = b.slopes + r * b.long_;
            bias_row(shape, head, t, logits);
            // The sum of probabilities times their slopes equals that of outputs times their gradients.
            float mean = 0;
            if (head->rows[t] >= 0) {
                const float *o = output + ((size_t)head->rows[t] * shape->heads + head->head) * width;
                const float *g = b.gradient + t * b.wide;
                for (size_t c = 0; c < width; c++) mean += o[c] * g[c];
            }
            const float log_sum = log_sums[t];
            for (size_t j = 0; j < tokens; j++) {
                const float probability = ty_exp(logits[j] - log_sum);
                logits[j] = probability;
                slopes[j] = probability * (slopes[j] - mean);
            }
            if (bias_gradient) {
                float *restrict sums = bias_gradient + t * tokens;
                for (size_t j = 0; j < tokens; j++) sums[j] += slopes[j];
            }
        }
        product(b.slopes, b.long_, 1, b.key, b.wide, b.query_gradient, b.wide, rows, width, tokens, 0);
        product(b.slopes, 1, b.long_, b.query + first * b.wide, b.wide, b.key_gradient, b.wide, tokens, width, rows, first > 0);
        product(b.logits, 1, b.long_, b.gradient + first * b.wide, b.wide, b.value_gradient, b.wide, tokens, width, rows, first > 0);
        for (size_t r = 0; r < rows; r++)
            scatter(shape, head, first + r, 0, scale, b.query_gradient + r * b.wide, qkv_gradient, padding_gradient);
    }
    for (size_t t = 0; t < tokens; t++) {
        scatter(shape, head, t, 1, 1.0f, b.key_gradient + t * b.wide, qkv_gradient, padding_gradient);
        scatter(shape, head, t, 2, 1.0f, b.value_gradient + t * b.wide, qkv_gradient, padding_gradient);
    }
}
