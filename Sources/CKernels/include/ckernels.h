// Everything the engine calls in C, one header a subject.
#pragma once
#include "kernel_parallel.h"
#include "kernel_elementwise.h"
#include "kernel_convolution.h"
#include "kernel_activation.h"
#include "kernel_batchnorm.h"
#include "kernel_optimizer.h"
#include "kernel_optimizer_matrix.h"
#include "kernel_optimizer_rules.h"
#include "kernel_image.h"
#include "kernel_pooling.h"
#include "kernel_resize.h"
#include "kernel_softmax.h"
