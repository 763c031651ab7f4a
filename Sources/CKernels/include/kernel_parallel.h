// The one thread pool: GNU OpenMP's, which oneDNN and OpenBLAS use as well.
#pragma once
#include <stddef.h>

// Runs body(context, thread, threads) once on each of `threads` threads and waits for all of them.
// Calls from inside a parallel region run on the calling thread alone.
void ty_parallel(void (*body)(void *context, int thread, int threads), void *context, int threads);

// The number of threads that ty_parallel, oneDNN and OpenBLAS use when called from this thread.
void ty_set_threads(int threads);
int ty_threads(void);

// True inside the body of ty_parallel.
int ty_in_parallel(void);

// Starts the program anew with the number of times that a waiting thread looks before it sleeps, unless the environment
// already says how threads wait: the OpenMP library reads that before `main`. Returns when it changes nothing.
void ty_restart_with_spin_count(const char *count, char **arguments);

// Lowers or raises the calling thread's own scheduling priority (Linux: nice values belong to threads).
// Returns 0, or the errno of the refusal.
int ty_set_thread_nice(int nice);
