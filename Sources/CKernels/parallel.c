// Entry to the OpenMP runtime without compiler support for OpenMP: the symbols of libgomp are called directly.
#include "kernel_parallel.h"
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

extern void GOMP_parallel(void (*function)(void *), void *data, unsigned threads, unsigned flags);
extern int omp_get_thread_num(void);
extern int omp_get_num_threads(void);
extern int omp_get_max_threads(void);
extern void omp_set_num_threads(int threads);
extern int omp_in_parallel(void);

struct region {
    void (*body)(void *, int, int);
    void *context;
};

static void run_region(void *data) {
    struct region *region = data;
    region->body(region->context, omp_get_thread_num(), omp_get_num_threads());
}

void ty_parallel(void (*body)(void *, int, int), void *context, int threads) {
    if (threads <= 1 || omp_in_parallel()) {
        body(context, 0, 1);
        return;
    }
    struct region region = {body, context};
    GOMP_parallel(run_region, &region, (unsigned)threads, 0);
}

void ty_set_threads(int threads) { omp_set_num_threads(threads < 1 ? 1 : threads); }
int ty_threads(void) { return omp_get_max_threads(); }
int ty_in_parallel(void) { return omp_in_parallel() != 0; }

void ty_restart_with_spin_count(const char *count, char **arguments) {
#ifdef __linux__
    static const char name[] = "GOMP_SPINCOUNT";
    if (getenv(name) || getenv("OMP_WAIT_POLICY") || setenv(name, count, 0) != 0) return;
    execv("/proc/self/exe", arguments);
#else
    (void)count, (void)arguments;
#endif
}

int ty_set_thread_nice(int nice) {
    errno = 0;
    return setpriority(PRIO_PROCESS, 0, nice) == 0 ? 0 : errno;
}
