/* Shifts the wall clock of one process, and of no other, by as many milliseconds as the file CLOCKSHIFT_FILE says (i64, little endian).
 * With CLOCKSHIFT_RATE, it also runs so many times as fast, and CLOCK_BOOTTIME with it: at CLOCKSHIFT_FROM of true time (ms since 1970)
 * it stood at CLOCKSHIFT_TO.
 *
 * gcc -shared -fPIC -O2 -o clockshift.so clockshift.c -ldl ; LD_PRELOAD=./clockshift.so CLOCKSHIFT_FILE=… program
 *
 * The file is mapped, so that a change of it is a jump of the clock at once, as a step by NTP is. CLOCK_MONOTONIC goes on, and so do
 * waits: a program under a fast clock is as slow as ever, and what it is late is late by so many times as much.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t *shift;
static int64_t rate = 1, from_ms, to_ms, up_ms;
static int (*real_clock)(clockid_t, struct timespec *);

static int64_t number(const char *name, int64_t otherwise) {
    const char *text = getenv(name);
    return text ? strtoll(text, NULL, 10) : otherwise;
}

__attribute__((constructor)) static void begin(void) {
    const char *file = getenv("CLOCKSHIFT_FILE");
    int fd = file ? open(file, O_RDONLY | O_CLOEXEC) : -1;
    void *at = fd >= 0 ? mmap(NULL, sizeof *shift, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
    if (fd >= 0) close(fd);
    shift = at == MAP_FAILED ? NULL : at;
    real_clock = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    rate = number("CLOCKSHIFT_RATE", 1);
    from_ms = number("CLOCKSHIFT_FROM", 0);
    to_ms = number("CLOCKSHIFT_TO", 0);
    up_ms = number("CLOCKSHIFT_UP", 0);
}

static void run(struct timespec *now, int64_t from, int64_t to) {
    int64_t ms = now->tv_sec * 1000 - from;
    int64_t ns = ms * 1000000 + now->tv_nsec;
    ns *= rate;
    now->tv_sec = to / 1000 + ns / 1000000000;
    now->tv_nsec = to % 1000 * 1000000 + ns % 1000000000;
    if (now->tv_nsec < 0) { now->tv_nsec += 1000000000; now->tv_sec--; }
    if (now->tv_nsec >= 1000000000) { now->tv_nsec -= 1000000000; now->tv_sec++; }
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    if (!real_clock) begin();
    int answer = real_clock(clock, now);
    if (answer == 0 && rate != 1) {
        if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) run(now, from_ms, to_ms);
        if (clock == CLOCK_BOOTTIME) run(now, up_ms, up_ms);
    }
    if (answer == 0 && shift && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        int64_t ns = now->tv_nsec + (*shift % 1000) * 1000000;
        now->tv_sec += *shift / 1000;
        if (ns < 0) { ns += 1000000000; now->tv_sec--; }
        if (ns >= 1000000000) { ns -= 1000000000; now->tv_sec++; }
        now->tv_nsec = ns;
    }
    return answer;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec t;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &t)) return -1;
    now->tv_sec = t.tv_sec;
    now->tv_usec = t.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *out) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    if (out) *out = t.tv_sec;
    return t.tv_sec;
}
