// What the depthwise kernels share: eight neighbouring channels in a vector, and the list of a row's partners.
#pragma once
#include "include/kernel_convolution.h"
#include "kernel_support.h"

enum { lanes = 8 };
typedef float vec __attribute__((vector_size(4 * lanes), aligned(4), may_alias));

#define DEPTHWISE_INLINE static inline __attribute__((always_inline))
