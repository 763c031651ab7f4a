// JPEG, PNG, WebP and gzip in one module: the dataset readers need all four and nothing else does.
#pragma once
#include <turbojpeg.h>
#include <spng.h>
#include <webp/decode.h>
#include <webp/encode.h>
#include <zlib.h>
