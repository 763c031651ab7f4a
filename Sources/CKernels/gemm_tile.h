// One register tile of a matrix product, for one level; included after gemm_level.h. The words of its sums are floats,
// unless TY_ADD_PRODUCT says what else becomes of a word of the left matrix and a vector of words of the right one.
#ifndef TY_ADD_PRODUCT
#define TY_ADD_PRODUCT(sum, word, columns) (sum) += (word) * (columns)
#endif

// out[m][n] = (out +) Σ_k left[m * left_row + k * left_step] · right[k * right_step + n] (+ bias[n]), `rows` and `vectors`
// constant; a bias, which may be NULL, goes with overwriting. `is_first` tells that these rows of the left matrix, and those
// after them, come from far away.
static inline __attribute__((always_inline)) void LEVEL(tile)(
    const float *restrict left, ptrdiff_t left_row, ptrdiff_t left_step, const float *restrict right, ptrdiff_t right_step,
    ptrdiff_t inner, float *restrict out, ptrdiff_t out_row, int adds, const float *bias, int is_first, const int rows,
    const int vectors) {
    vec sum[TY_ROWS][2], columns[2];
    // Each third row has a pointer, from which the next two are one and two strides away: an address mode of the processor.
    // Held in registers, lest the compiler add up an address for each row and step.
    const float *third[(TY_ROWS + 2) / 3];
#define TY_STEP(k) \
    { \
        _Pragma("unroll") for (int v = 0; v < vectors; v++) columns[v] = LEVEL(load)(right + (k) * right_step + v * TY_WIDTH); \
        _Pragma("unroll") for (int m = 0; m < rows; m++) { \
            const float word = third[m / 3][m % 3 * left_row + (k) * left_step]; \
            _Pragma("unroll") for (int v = 0; v < vectors; v++) TY_ADD_PRODUCT(sum[m][v], word, columns[v]); \
        } \
    }
#pragma unroll
    for (int i = 0; 3 * i < rows; i++) third[i] = left + 3 * i * left_row;
#pragma unroll
    for (int m = 0; m < rows; m++)
#pragma unroll
        for (int v = 0; v < vectors; v++) sum[m][v] = (vec){0};
    for (int m = 0; m < rows; m++) __builtin_prefetch(out + m * out_row);
    ptrdiff_t k = 0;
    for (; k + 16 <= inner; k += 16) {
        // The next tile's rows lie apart, so the hardware does not foresee them.
        if (is_first)
#pragma unroll
            for (int m = 0; m < rows; m++) __builtin_prefetch(third[m / 3] + (m % 3 + rows) * left_row);
        for (int part = 0; part < 4; part++, right += 4 * right_step) {
#pragma unroll
            for (int i = 0; 3 * i < rows; i++) __asm__("" : "+r"(third[i]));
#pragma unroll
            for (int j = 0; j < 4; j++) TY_STEP(j)
#pragma unroll
            for (int i = 0; 3 * i < rows; i++) third[i] += 4 * left_step;
        }
    }
    for (ptrdiff_t j = 0; k + j < inner; j++) TY_STEP(j)
#undef TY_STEP
    vec offset[2] = {{0}, {0}};
    if (bias)
        for (int v = 0; v < vectors; v++) offset[v] = LEVEL(load)(bias + v * TY_WIDTH);
#pragma unroll
    for (int m = 0; m < rows; m++)
#pragma unroll
        for (int v = 0; v < vectors; v++) {
            float *to = out + m * out_row + v * TY_WIDTH;
            LEVEL(store)(to, sum[m][v] + (adds ? LEVEL(load)(to) : offset[v]));
        }
}

// As above for 1 ... TY_ROWS rows, and one vector of columns when that holds `columns`, otherwise two.
static inline __attribute__((always_inline)) void LEVEL(tile_rows)(
    const float *restrict left, ptrdiff_t left_row, ptrdiff_t left_step, const float *restrict right, ptrdiff_t right_step,
    ptrdiff_t inner, float *restrict out, ptrdiff_t out_row, int adds, const float *bias, int is_first, ptrdiff_t rows,
    ptrdiff_t columns) {
#define TY_TILE(n) \
    case n: \
        if (columns > TY_WIDTH) \
            LEVEL(tile)(left, left_row, left_step, right, right_step, inner, out, out_row, adds, bias, is_first, n, 2); \
        else \
            LEVEL(tile)(left, left_row, left_step, right, right_step, inner, out, out_row, adds, bias, is_first, n, 1); \
        break;
    switch (rows) {
        TY_TILE(1)
        TY_TILE(2)
        TY_TILE(3)
        TY_TILE(4)
        TY_TILE(5)
        TY_TILE(6)
#if TY_ROWS > 6
        TY_TILE(7)
        TY_TILE(8)
        TY_TILE(9)
        TY_TILE(10)
        TY_TILE(11)
        TY_TILE(12)
#endif
    }
#undef TY_TILE
}
