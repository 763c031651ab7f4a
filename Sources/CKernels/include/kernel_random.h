// Random numbers from SplitMix64 (Steele, Lea, Flood, 2014), whose every draw is a function of its place in the stream, so that
// callers can split the range over threads. `state` is the generator's before its first draw here.
#pragma once
#include <stddef.h>
#include <stdint.h>

// What the state grows by with each draw.
#define TY_RANDOM_STRIDE 0x9E3779B97F4A7C15ull

// out[i] = lower + (upper - lower) * u, u uniform in [0, 1); one draw each.
void ty_uniform(uint64_t state, float lower, float upper, float *out, size_t count);
// out[i] = deviation * n, n standard normal by Box and Muller; two draws each.
void ty_normal(uint64_t state, float deviation, float *out, size_t count);
