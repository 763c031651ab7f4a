// Compiles TY_BODY after the register tile of gemm_tile.h, once for plain C and once for each level of x86-64 above it.
// TY_BEST_LEVEL then names the body's LEVEL(name) of the highest level that this processor has.
#define TY_LEVEL plain
#define TY_WIDTH 4
#define TY_ROWS 6
#include "gemm_level.h"
#include "gemm_tile.h"
#include TY_BODY
#include "gemm_level_end.h"

#if defined(__x86_64__)
#define TY_LEVEL v3
#define TY_WIDTH 8
#define TY_ROWS 6
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#include "gemm_level.h"
#include "gemm_tile.h"
#include TY_BODY
#include "gemm_level_end.h"
#pragma clang attribute pop

#define TY_LEVEL v4
#define TY_WIDTH 16
#define TY_ROWS 12
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"), min_vector_width(512))), apply_to = function)
#include "gemm_level.h"
#include "gemm_tile.h"
#include TY_BODY
#include "gemm_level_end.h"
#pragma clang attribute pop
#endif
#undef TY_BODY

#if defined(__x86_64__)
#define TY_BEST_LEVEL(name) \
    (__builtin_cpu_supports("x86-64-v4") ? name##_v4 : __builtin_cpu_supports("x86-64-v3") ? name##_v3 : name##_plain)
#else
#define TY_BEST_LEVEL(name) name##_plain
#endif
