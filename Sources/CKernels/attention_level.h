// Attention of one head over one window for one level of x86-64 or for plain C; attention.c includes it after gemm_level.h.

// out[rows, columns] = (out +) left right. A product's edge is as wide as its vectors: rows of `right` and `out` have room for it.
// Element (m, k) of the left matrix is left[m * left_row + k * left_step], and one of the two steps is 1.
static inline __attribute__((always_inline)) void LEVEL(multiply)(const float *left, ptrdiff_t left_row, ptrdiff_t left_step,
                                                                  const float *right, ptrdiff_t right_row, float *out,
                                                                  ptrdiff_t out_row, ptrdiff_t rows, ptrdiff_t columns,
                                                                  ptrdiff_t inner, int adds) {
    for (ptrdiff_t n = 0; n < columns; n += TY_COLUMNS)
        for (ptrdiff_t m = 0; m < rows; m += TY_ROWS)
            LEVEL(tile_rows)(left + m * left_row, left_row, left_step, right + n, right_row, inner, out + m * out_row + n, out_row,
                             adds, NULL, n == 0 && left_step == 1, smaller(TY_ROWS, rows - m), smaller(TY_COLUMNS, columns - n));
}

static __attribute__((noinline)) void LEVEL(multiply_rows)(const float *left, ptrdiff_t left_row, const float *right,
                                                           ptrdiff_t right_row, float *out, ptrdiff_t out_row, ptrdiff_t rows,
                                                           ptrdiff_t columns, ptrdiff_t inner) {
    LEVEL(multiply)(left, left_row, 1, right, right_row, out, out_row, rows, columns, inner, 0);
}

// With the left matrix turned around.
static __attribute__((noinline)) void LEVEL(multiply_columns)(const float *left, ptrdiff_t left_row, const float *right,
                                                              ptrdiff_t right_row, float *out, ptrdiff_t out_row, ptrdiff_t rows,
                                                              ptrdiff_t columns, ptrdiff_t inner, int adds) {
    LEVEL(multiply)(left, 1, left_row, right, right_row, out, out_row, rows, columns, inner, adds);
}

// Logits become probabilities, and `slopes`, the probabilities' gradient, becomes that of the logits.
static inline __attribute__((always_inline)) void LEVEL(softmax_gradient_row)(float *restrict logits, float *restrict slopes,
                                                                              float *restrict bias_gradient, float log_sum,
                                                                              float mean, ptrdiff_t count) {
    for (ptrdiff_t j = 0; j < count; j++) {
        const float probability = ty_exp(logits[j] - log_sum);
        logits[j] = probability;
        slopes[j] = probability * (slopes[j] - mean);
    }
    if (!bias_gradient) return;
    for (ptrdiff_t j = 0; j < count; j++) bias_gradient[j] += slopes[j];
}

static inline __attribute__((always_inline)) float LEVEL(inner_product)(const float *a, const float *b, ptrdiff_t count) {
    TY_REASSOCIATE
    float sum = 0;
    for (ptrdiff_t c = 0; c < count; c++) sum += a[c] * b[c];
    return sum;
}

static void LEVEL(attention_forward)(const struct ty_attention *shape, const struct ty_attention_head *head, float *output,
                                     float *log_sums) {
    const ptrdiff_t tokens = shape->tokens, width = shape->width;
    const struct buffers b = divide(shape, head->scratch);
    gather(shape, head, 0, 1.0f / sqrtf((float)width), b.query, b.wide);
    gather_turned(shape, head, 1, b.key_turned, b.long_);
    gather(shape, head, 2, 1.0f, b.value, b.wide);
    for (ptrdiff_t first = 0; first < tokens; first += block) {
        const ptrdiff_t rows = smaller(block, tokens - first);
        LEVEL(multiply_rows)(b.query + first * b.wide, b.wide, b.key_turned, b.long_, b.logits, b.long_, rows, tokens, width);
        for (ptrdiff_t r = 0; r < rows; r++) {
            bias_row(shape, head, first + r, b.logits + r * b.long_);
            log_sums[first + r] = softmax_row(b.logits + r * b.long_, tokens);
        }
        LEVEL(multiply_rows)(b.logits, b.long_, b.value, b.wide, b.query_gradient, b.wide, rows, width, tokens);
        for (ptrdiff_t r = 0; r < rows; r++) {
            const ptrdiff_t place = output_place(shape, head, first + r);
            if (place >= 0) memcpy(output + place, b.query_gradient + r * b.wide, (size_t)width * sizeof(float));
        }
    }
}

static void LEVEL(attention_gradient)(const struct ty_attention *shape, const struct ty_attention_head *head,
                                      const float *output, const float *log_sums, const float *output_gradient,
                                      float *qkv_gradient, float *bias_gradient, float *padding_gradient) {
    const ptrdiff_t tokens = shape->tokens, width = shape->width;
    const float scale = 1.0f / sqrtf((float)width);
    const struct buffers b = divide(shape, head->scratch);
    gather(shape, head, 0, scale, b.query, b.wide);
    gather(shape, head, 1, 1.0f, b.key, b.wide);
    gather_turned(shape, head, 1, b.key_turned, b.long_);
    gather_turned(shape, head, 2, b.value_turned, b.long_);
    gather_output(shape, head, output_gradient, b.gradient, b.wide);
    for (ptrdiff_t first = 0; first < tokens; first += block) {
        const ptrdiff_t rows = smaller(block, tokens - first);
        const float *query = b.query + first * b.wide, *gradient = b.gradient + first * b.wide;
        LEVEL(multiply_rows)(query, b.wide, b.key_turned, b.long_, b.logits, b.long_, rows, tokens, width);
        LEVEL(multiply_rows)(gradient, b.wide, b.value_turned, b.long_, b.slopes, b.long_, rows, tokens, width);
        for (ptrdiff_t r = 0; r < rows; r++) {
            const ptrdiff_t t = first + r, place = output_place(shape, head, t);
            bias_row(shape, head, t, b.logits + r * b.long_);
            // The sum of probabilities times their slopes equals that of outputs times their gradients.
            const float mean = place < 0 ? 0 : LEVEL(inner_product)(output + place, gradient + r * b.wide, width);
            LEVEL(softmax_gradient_row)(b.logits + r * b.long_, b.slopes + r * b.long_,
                                        bias_gradient ? bias_gradient + t * tokens : NULL, log_sums[t], mean, tokens);
        }
        LEVEL(multiply_rows)(b.slopes, b.long_, b.key, b.wide, b.query_gradient, b.wide, rows, width, tokens);
        LEVEL(multiply_columns)(b.slopes, b.long_, query, b.wide, b.key_gradient, b.wide, tokens, width, rows, first > 0);
        LEVEL(multiply_columns)(b.logits, b.long_, gradient, b.wide, b.value_gradient, b.wide, tokens, width, rows, first > 0);
        for (ptrdiff_t r = 0; r < rows; r++)
            scatter(shape, head, first + r, 0, scale, b.query_gradient + r * b.wide, qkv_gradient, padding_gradient);
    }
    for (ptrdiff_t t = 0; t < tokens; t++) {
        scatter(shape, head, t, 1, 1.0f, b.key_gradient + t * b.wide, qkv_gradient, padding_gradient);
        scatter(shape, head, t, 2, 1.0f, b.value_gradient + t * b.wide, qkv_gradient, padding_gradient);
    }
}
