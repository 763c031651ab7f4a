// Vectors of one level of x86-64, or of plain C. Included by each source file once a level, with TY_LEVEL (a suffix),
// TY_WIDTH (floats in a vector) and TY_ROWS (rows of a register tile, which divides three vectors) defined.
#define TY_JOIN_(name, level) name##_##level
#define TY_JOIN(name, level) TY_JOIN_(name, level)
#define LEVEL(name) TY_JOIN(name, TY_LEVEL)

typedef float LEVEL(vector) __attribute__((vector_size(TY_WIDTH * 4), aligned(4), may_alias));
#define vec LEVEL(vector)
// Columns of a tile, and the width of a panel of the right matrix: two vectors.
#define TY_COLUMNS (2 * TY_WIDTH)

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
