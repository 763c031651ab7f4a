// The C interface of oneDNN; the C++ one cannot be imported without C++ interoperability.
#pragma once
#include <dnnl.h>
