#define _DEFAULT_SOURCE
#include "kernel_memory.h"
#include <sys/mman.h>

void *ty_reserve_addresses(size_t bytes) {
    void *start = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (start == MAP_FAILED) return NULL;
#ifdef MADV_HUGEPAGE
    // A refusal costs speed alone.
    (void)madvise(start, bytes, MADV_HUGEPAGE);
#endif
    return start;
}

void ty_release_pages(void *start, size_t bytes) {
#ifdef MADV_DONTNEED
    (void)madvise(start, bytes, MADV_DONTNEED);
#endif
}
