// JPEG, PNG and WebP in one module: the dataset readers need all three and nothing else does.
#pragma once
#include <turbojpeg.h>
#include <spng.h>
#include <webp/decode.h>
#include <webp/encode.h>
