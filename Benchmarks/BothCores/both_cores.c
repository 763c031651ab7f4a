// Threads run only while a shared host gives the program all of their cores, and the program's clocks count only that time.
//
// A host with more machines than cores takes a core away and gives it back many times a second, and not both at once.
// Threads that wait for each other then wait for a core that is away, and a step's time says nothing of two cores. Here each
// thread stops in a signal handler until all cores are there, runs until the first of them is due to go, and stops again.
// What this cannot undo: caches are colder after each pause, and another pause may come between. `both_cores` loads it.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

typedef long long nanoseconds;
enum { most_seats = 16, watched = 64 };
// Shorter pauses are interrupts; a shorter run is not worth its start; a thread that stops later had lost its core; one
// that looked longer ago than `fresh` has.
enum { least_pause = 2000000, least_run = 200000, late = 100000, fresh = 2000, watch_limit = 1000000000 };

// A thread and the core that it is bound to.
static struct seat {
    pid_t thread;
    timer_t alarm;
    nanoseconds stays, pause;           // for how long the host leaves the core, and takes it
    _Atomic nanoseconds came, seen, lost; // when the core came last, was seen last, was lost before a run's end
    atomic_int waits;
    _Atomic long armed;
    long pauses, cut;
} seats[most_seats];
static int seat_count;

// The runs that were agreed on, and how far the current one reaches.
static _Atomic long agreed, started;
static _Atomic nanoseconds begin, end, counted;
static nanoseconds base, opened, asked_stay;
static long every = 1;

static int (*real_clock)(clockid_t, struct timespec *);

static nanoseconds now(void) {
    struct timespec time;
    real_clock(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static int ascending(const void *left, const void *right) {
    const nanoseconds difference = *(const nanoseconds *)left - *(const nanoseconds *)right;
    return (difference > 0) - (difference < 0);
}

// Learns how long this thread's core stays and how long it is away; a core that always stays has no pause.
static void watch(struct seat *seat) {
    nanoseconds stays[watched], pauses[watched], start = now(), last = start, came = 0;
    int count = 0;
    while (count < watched && (count > 0 || last - start < watch_limit)) {
        const nanoseconds time = now();
        if (time - last > least_pause) {
            if (came) stays[count] = last - came, pauses[count++] = time - last;
            came = time;
        }
        last = time;
    }
    seat->stays = watch_limit;
    if (!count) return;
    qsort(stays, count, sizeof *stays, ascending);
    qsort(pauses, count, sizeof *pauses, ascending);
    seat->stays = asked_stay ? asked_stay : stays[count / 10] - late / 2;
    seat->pause = pauses[count / 2];
}

// Adds the run that has ended: as much of it as no thread was without its core.
static void count_run(void) {
    nanoseconds until = end;
    for (int i = 0; i < seat_count; i++) {
        if (seats[i].lost && seats[i].lost < until) until = seats[i].lost;
        seats[i].lost = 0;
    }
    if (until > begin) counted += until - begin;
    begin = 0;
}

// Agrees on a run if all threads wait with their cores there for long enough.
static void agree(nanoseconds time) {
    nanoseconds until = time + watch_limit;
    for (int i = 0; i < seat_count; i++) {
        const struct seat *seat = &seats[i];
        if (!seat->waits || (i > 0 && seat->seen + fresh < time)) return;
        const nanoseconds leaves = seat->pause ? seat->came + seat->stays : time + watch_limit;
        if (leaves < until) until = leaves;
    }
    if (until - time < least_run) return;
    if (begin) count_run();
    end = until;
    agreed++;
}

static void stop(int signal) {
    (void)signal;
    const int error = errno;
    const pid_t thread = (pid_t)syscall(SYS_gettid);
    struct seat *seat = seats;
    while (seat < seats + seat_count && seat->thread != thread) seat++;
    if (seat == seats + seat_count) return;
    const nanoseconds entered = now();
    if (!seat->stays) {
        watch(seat);
    } else if (seat->pause && entered > end + late) {
        seat->lost = entered - seat->pause;
        seat->came = entered;
        seat->cut++;
    }
    const long before = agreed;
    seat->waits = 1;
    for (nanoseconds last = now(); agreed == before;) {
        const nanoseconds time = now();
        // Passing over windows keeps a single thread's caches as cold as those of threads that wait for each other.
        if (time - last > least_pause) seat->came = seat->pauses++ % every ? 0 : time;
        seat->seen = last = time;
        if (seat == seats) agree(time);
    }
    const nanoseconds left = end - now();
    const struct itimerspec alarm = {.it_value = {.tv_sec = left / 1000000000, .tv_nsec = left > 0 ? left % 1000000000 : 1}};
    timer_settime(seat->alarm, 0, &alarm, NULL);
    seat->waits = 0;
    seat->armed = agreed;
    if (seat == seats) {
        for (int i = 1; i < seat_count; i++)
            while (seats[i].armed != agreed) {}
        const nanoseconds time = now();
        begin = time < end ? time : end;
        started = agreed;
    } else {
        while (started != agreed) {}
    }
    errno = error;
}

// Processor seconds of a thread, 0 if it has gone.
static double seconds_of(const char *thread) {
    char path[288], text[512];
    snprintf(path, sizeof path, "/proc/self/task/%s/stat", thread);
    FILE *file = fopen(path, "r");
    if (!file) return 0;
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    long user = 0, system = 0;
    const char *rest = strrchr(text, ')');
    if (!rest || sscanf(rest + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld", &user, &system) != 2) return 0;
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

// Seats the threads that have worked most; tells whether each of them has worked for `seconds`.
static int find_threads(double seconds) {
    double worked[most_seats] = {0};
    DIR *folder = opendir("/proc/self/task");
    if (!folder) return 0;
    for (struct dirent *entry; (entry = readdir(folder));) {
        double time = entry->d_name[0] == '.' ? 0 : seconds_of(entry->d_name);
        pid_t thread = atoi(entry->d_name);
        for (int i = 0; i < seat_count && time > 0; i++)
            if (time > worked[i]) {
                const double lesser = worked[i];
                const pid_t other = seats[i].thread;
                worked[i] = time, seats[i].thread = thread;
                time = lesser, thread = other;
            }
    }
    closedir(folder);
    return worked[seat_count - 1] >= seconds;
}

static void *open_seats(void *after) {
    const struct timespec nap = {.tv_sec = 1};
    do nanosleep(&nap, NULL);
    while (!find_threads(*(double *)after));
    for (int i = 0; i < seat_count; i++) {
        cpu_set_t core;
        CPU_ZERO(&core);
        CPU_SET(i, &core);
        sched_setaffinity(seats[i].thread, sizeof core, &core);
        struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGRTMAX - 3};
        event._sigev_un._tid = seats[i].thread;
        timer_create(CLOCK_MONOTONIC, &event, &seats[i].alarm);
    }
    base = opened = now();
    for (int i = 0; i < seat_count; i++) syscall(SYS_tgkill, getpid(), seats[i].thread, SIGRTMAX - 3);
    return NULL;
}

// What the program reads as time: from the first run on, only the time of runs.
int clock_gettime(clockid_t clock, struct timespec *time) {
    if (!agreed || (clock != CLOCK_MONOTONIC && clock != CLOCK_MONOTONIC_RAW && clock != CLOCK_BOOTTIME))
        return real_clock ? real_clock(clock, time) : (int)syscall(SYS_clock_gettime, clock, time);
    const nanoseconds from = begin, real = now(), until = real < end ? real : end;
    const nanoseconds told = base + counted + (from && until > from ? until - from : 0);
    *time = (struct timespec){.tv_sec = told / 1000000000, .tv_nsec = told % 1000000000};
    return 0;
}

static double number(const char *name, double otherwise) {
    const char *text = getenv(name);
    return text ? atof(text) : otherwise;
}

__attribute__((constructor)) static void load(void) {
    static double after;
    real_clock = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    seat_count = (int)number("BOTH_CORES_THREADS", 2);
    after = number("BOTH_CORES_AFTER", 1);
    asked_stay = (nanoseconds)(number("BOTH_CORES_STAY", 0) * 1e6);
    every = (long)number("BOTH_CORES_EVERY", 1);
    if (!real_clock || seat_count < 1 || seat_count > most_seats || every < 1) return;
    sigaction(SIGRTMAX - 3, &(struct sigaction){.sa_handler = stop, .sa_flags = SA_RESTART}, NULL);
    pthread_t thread;
    pthread_create(&thread, NULL, open_seats, &after);
}

__attribute__((destructor)) static void tell(void) {
    if (!agreed) return;
    long cut = 0;
    for (int i = 0; i < seat_count; i++) cut += seats[i].cut;
    const double told = (double)counted / 1e9, took = (double)(now() - opened) / 1e9;
    fprintf(stderr, "both_cores: %ld runs of %.2f ms, one in %.1f ms; %.1f s of %.1f s counted; %ld times a core went early\n",
            (long)agreed, told / (double)agreed * 1e3, took / (double)agreed * 1e3, told, took, cut);
}
