// One register tile of a matrix product, for one level of x86-64 or for plain C. Included by each source file once a
// level, with TY_LEVEL (a suffix), TY_WIDTH (floats in a vector) and TY_ROWS (rows of a tile) defined; TY_ROWS divides
// three vectors, so that a panel of that width holds whole tiles.
#define TY_JOIN_(name, level) name##_##level
#define TY_JOIN(name, level) TY_JOIN_(name, level)
#define LEVEL(name) TY_JOIN(name, TY_LEVEL)

typedef float LEVEL(vector) __attribute__((vector_size(TY_WIDTH * 4), aligned(4), may_alias));
#define vec LEVEL(vector)
// Columns of a tile, and the width of a panel of the right matrix: two vectors.
#define TY_COLUMNS (2 * TY_WIDTH)
// Width of a panel of a left matrix that is packed because its columns lie apart: three vectors, each whole tiles.
#define TY_LEFT (3 * TY_WIDTH)

static inline __attribute__((always_inline)) vec LEVEL(load)(const float *from) { return *(const vec *)from; }
static inline __attribute__((always_inline)) void LEVEL(store)(float *to, vec value) { *(vec *)to = value; }

// The first `count` lanes, the others zero; `count` may be negative.
static inline __attribute__((always_inline)) vec LEVEL(load_part)(const float *from, ptrdiff_t count) {
    if (count >= TY_WIDTH) return LEVEL(load)(from);
    float lanes[TY_WIDTH] = {0};
    for (ptrdiff_t i = 0; i < count; i++) lanes[i] = from[i];
    return LEVEL(load)(lanes);
}

static inline __attribute__((always_inline)) void LEVEL(store_part)(float *to, vec value, ptrdiff_t count) {
    if (count >= TY_WIDTH) {
        LEVEL(store)(to, value);
    } else {
        float lanes[TY_WIDTH];
        LEVEL(store)(lanes, value);
        for (ptrdiff_t i = 0; i < count; i++) to[i] = lanes[i];
    }
}

// out[m][n] = (out +) Σ_k left[m * left_row + k * left_step] · right[k * right_step + n] (+ bias[n]), `rows` and `vectors`
// constant; a bias, which may be NULL, goes with overwriting.
static inline __attribute__((always_inline)) void LEVEL(tile)(
    const float *restrict left, ptrdiff_t left_row, ptrdiff_t left_step, const float *restrict right, ptrdiff_t right_step,
    ptrdiff_t inner, float *restrict out, ptrdiff_t out_row, int adds, const float *bias, const int rows,
    const int vectors) {
    vec sum[TY_ROWS][2], columns[2];
#define TY_STEP(k) \
    { \
        _Pragma("unroll") for (int v = 0; v < vectors; v++) columns[v] = LEVEL(load)(right + (k) * right_step + v * TY_WIDTH); \
        _Pragma("unroll") for (int m = 0; m < rows; m++) { \
            const float factor = left[m * left_row + (k) * left_step]; \
            _Pragma("unroll") for (int v = 0; v < vectors; v++) sum[m][v] += factor * columns[v]; \
        } \
    }
#pragma unroll
    for (int m = 0; m < rows; m++)
#pragma unroll
        for (int v = 0; v < vectors; v++) sum[m][v] = (vec){0};
    for (int m = 0; m < rows; m++) __builtin_prefetch(out + m * out_row);
    ptrdiff_t k = 0;
    for (; k + 16 <= inner; k += 16) {
        // The next tile's rows lie apart, so the hardware does not foresee them.
        if (left_step == 1)
            for (int m = 0; m < rows; m++) __builtin_prefetch(left + (rows + m) * left_row + k);
#pragma unroll 4
        for (ptrdiff_t j = k; j < k + 16; j++) TY_STEP(j)
    }
    for (; k < inner; k++) TY_STEP(k)
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
    ptrdiff_t inner, float *restrict out, ptrdiff_t out_row, int adds, const float *bias, ptrdiff_t rows, ptrdiff_t columns) {
#define TY_TILE(n) \
    case n: \
        if (columns > TY_WIDTH) \
            LEVEL(tile)(left, left_row, left_step, right, right_step, inner, out, out_row, adds, bias, n, 2); \
        else \
            LEVEL(tile)(left, left_row, left_step, right, right_step, inner, out, out_row, adds, bias, n, 1); \
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
