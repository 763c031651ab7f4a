// Shared by the kernels' source files; not part of the module's interface.
#pragma once
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// Compiles a function once for each level of x86-64 and picks the best at load time; elsewhere plain C.
#if defined(__x86_64__)
#define TY_DISPATCH __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define TY_DISPATCH
#endif

// Inside a function: lets the compiler reorder floating-point sums, which vectorises reductions.
#define TY_REASSOCIATE _Pragma("clang fp reassociate(on) contract(fast)")

// Before a loop whose arrays are either the same one or do not overlap: it may be vectorised either way.
#define TY_SAME_OR_DISJOINT _Pragma("clang loop vectorize(assume_safety)")

static inline ptrdiff_t smaller(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }
static inline ptrdiff_t round_up(ptrdiff_t count, ptrdiff_t unit) { return (count + unit - 1) / unit * unit; }
