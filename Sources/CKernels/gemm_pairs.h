// Operands of a product whose words are pairs of bfloat16 numbers, for one level; gemm_bfloat16.c includes it after
// gemm_level.h. The earlier number of a pair lies in the lower half of its word. Where TY_PAIR_INSTRUCTIONS is 1 the level
// has AVX-512's instructions for them (Intel, Architecture Instruction Set Extensions, AVX512_BF16).
typedef uint32_t LEVEL(word_vector) __attribute__((vector_size(TY_WIDTH * 4), aligned(4), may_alias));
#define word_vec LEVEL(word_vector)

// sum + the left word's numbers, the same for all columns, times those of each column: the later product first, as the
// instruction adds them. The products are exact, so that contraction changes nothing.
static inline __attribute__((always_inline)) vec LEVEL(add_pair_products)(vec sum, float left, vec right) {
    uint32_t bits;
    memcpy(&bits, &left, sizeof bits);
#if TY_PAIR_INSTRUCTIONS
    return (vec)_mm512_dpbf16_ps((__m512)sum, (__m512bh)_mm512_set1_epi32((int)bits), (__m512bh)right);
#else
    const word_vec earlier = (word_vec){0} + (bits << 16), later = (word_vec){0} + (bits & 0xffff0000u);
    sum += (vec)later * (vec)((word_vec)right & 0xffff0000u);
    return sum + (vec)earlier * (vec)((word_vec)right << 16);
#endif
}
#undef TY_ADD_PRODUCT
#define TY_ADD_PRODUCT(sum, word, columns) (sum) = LEVEL(add_pair_products)(sum, word, columns)

// Each lane's pair of the nearest bfloat16 numbers.
static inline __attribute__((always_inline)) vec LEVEL(round_pairs)(vec earlier, vec later) {
#if TY_PAIR_INSTRUCTIONS
    const __m512i low = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh((__m512)earlier));
    const __m512i high = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh((__m512)later));
    return (vec)_mm512_or_si512(low, _mm512_slli_epi32(high, 16));
#else
    word_vec pairs = {0};
    for (int i = 0; i < TY_WIDTH; i++) pairs[i] = round_to_bfloat16(earlier[i]) | (uint32_t)round_to_bfloat16(later[i]) << 16;
    return (vec)pairs;
#endif
}

// `terms` neighbouring floats, rounded, as neighbouring words; an odd number of them ends with a zero.
static inline __attribute__((always_inline)) void LEVEL(round_row)(const float *from, ptrdiff_t terms, float *to) {
    bfloat16_bits *out = (bfloat16_bits *)to;
    ptrdiff_t i = 0;
#if TY_PAIR_INSTRUCTIONS
    for (; i + 16 <= terms; i += 16) _mm256_storeu_si256((__m256i *)(out + i), (__m256i)_mm512_cvtneps_pbh(_mm512_loadu_ps(from + i)));
#endif
    for (; i < terms; i++) out[i] = round_to_bfloat16(from[i]);
    if (terms % 2) out[terms] = 0;
}

static inline __attribute__((always_inline)) ptrdiff_t LEVEL(words)(ptrdiff_t terms) { return (terms + 1) / 2; }

// The terms that `inner` words from word k on stand for.
static inline __attribute__((always_inline)) ptrdiff_t LEVEL(terms)(const struct ty_product *p, ptrdiff_t k, ptrdiff_t inner) {
    return smaller(2 * inner, p->inner - 2 * k);
}

// Rounds `terms` rows of `count` neighbouring floats, `step` apart, into panels of `width`, `panel` words apart:
// out[panel][k][n] holds rows 2k and 2k + 1, zeros at the end. Where `width` is not a number of whole vectors, what follows the
// last k of a panel is overwritten as well.
static inline __attribute__((always_inline)) void LEVEL(pack_rows)(const float *from, ptrdiff_t step, ptrdiff_t terms,
                                                                   ptrdiff_t count, float *out, const int width,
                                                                   ptrdiff_t panel) {
    const int whole = (width + TY_WIDTH - 1) / TY_WIDTH * TY_WIDTH;
    for (ptrdiff_t k = 0; k < LEVEL(words)(terms); k++) {
        const float *earlier = from + 2 * k * step, *later = earlier + step;
        const int isPair = 2 * k + 1 < terms;
        float *to = out + k * width;
        // The rows are short, so the hardware does not foresee the next ones.
        for (ptrdiff_t n = 0; n < count; n += 16) {
            __builtin_prefetch(earlier + 4 * step + n);
            __builtin_prefetch(later + 4 * step + n);
        }
        for (ptrdiff_t n = 0; n < count; n += width, to += panel)
            for (int v = 0; v < whole; v += TY_WIDTH) {
                const ptrdiff_t left = count - n - v;
                const vec low = LEVEL(load_part)(earlier + n + v, left);
                const vec high = isPair ? LEVEL(load_part)(later + n + v, left) : (vec){0};
                LEVEL(store)(to + v, LEVEL(round_pairs)(low, high));
            }
    }
}

// Rounds `count` rows of `terms` neighbouring floats, `row` apart, into one panel: out[k][n] holds terms 2k and 2k + 1 of row n,
// zeros up to `width`. What follows the last k is overwritten as well where `width` is no multiple of four.
static inline __attribute__((always_inline)) void LEVEL(turn_rows)(const float *from, ptrdiff_t row, ptrdiff_t terms,
                                                                   ptrdiff_t count, float *out, const int width) {
    // Rounded in place of their words, a few at a time, these are then turned.
    enum { turned = 16 };
    float rounded[TY_COLUMNS * turned];
    for (ptrdiff_t word = 0; word < LEVEL(words)(terms); word += turned) {
        const ptrdiff_t some = smaller(2 * turned, terms - 2 * word);
        for (ptrdiff_t n = 0; n < count; n++) LEVEL(round_row)(from + n * row + 2 * word, some, rounded + n * turned);
        transpose_panel(rounded, turned, LEVEL(words)(some), count, out + word * width, width);
    }
}

static void LEVEL(pack_right)(const struct ty_product *p, ptrdiff_t k, ptrdiff_t inner, ptrdiff_t n, ptrdiff_t columns,
                              float *out, ptrdiff_t panel) {
    const float *from = p->right + 2 * k * p->right_row + n * p->right_column;
    const ptrdiff_t terms = LEVEL(terms)(p, k, inner);
    if (p->right_column == 1)
        LEVEL(pack_rows)(from, p->right_row, terms, columns, out, TY_COLUMNS, panel);
    else
        for (ptrdiff_t i = 0; i < columns; i += TY_COLUMNS)
            LEVEL(turn_rows)(from + i * p->right_column, p->right_column, terms, smaller(TY_COLUMNS, columns - i),
                             out + i / TY_COLUMNS * panel, TY_COLUMNS);
}

static inline __attribute__((always_inline)) int LEVEL(packs_left)(const struct ty_product *p) {
    (void)p; // Rounding moves it always.
    return 1;
}

static inline __attribute__((always_inline)) const float *LEVEL(left_in_place)(const struct ty_product *p, ptrdiff_t m, ptrdiff_t k) {
    return p->left + m * p->left_row + 2 * k * p->left_step;
}

static void LEVEL(pack_left)(const struct ty_product *p, ptrdiff_t m, ptrdiff_t rows, ptrdiff_t k, ptrdiff_t inner, float *out,
                             ptrdiff_t panel) {
    const float *from = LEVEL(left_in_place)(p, m, k);
    const ptrdiff_t terms = LEVEL(terms)(p, k, inner);
    if (p->left_step != 1)
        LEVEL(pack_rows)(from, p->left_step, terms, rows, out, TY_ROWS, panel);
    else
        for (ptrdiff_t i = 0; i < rows; i += TY_ROWS)
            LEVEL(turn_rows)(from + i * p->left_row, p->left_row, terms, smaller(TY_ROWS, rows - i), out + i / TY_ROWS * panel,
                             TY_ROWS);
}

#include "gemm_tile.h"
#include "gemm_product.h"
#undef word_vec
