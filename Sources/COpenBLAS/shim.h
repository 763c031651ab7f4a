// The CBLAS interface of OpenBLAS.
#pragma once
#include <cblas.h>
