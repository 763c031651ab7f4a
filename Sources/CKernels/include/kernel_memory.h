// The address space that tensors live in.
#pragma once
#include <stddef.h>

// Addresses that take memory when first written to, on pages of 2 MiB where the system has them: fewer faults, and fewer
// misses of the address cache. NULL when the system refuses so many.
void *ty_reserve_addresses(size_t bytes);

// Gives the memory of whole pages back; they read as zero when used again.
void ty_release_pages(void *start, size_t bytes);
