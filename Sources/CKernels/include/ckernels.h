// Everything the engine calls in C, one header a subject.
#pragma once
#include "kernel_parallel.h"
#include "kernel_elementwise.h"
#include "kernel_convolution.h"
