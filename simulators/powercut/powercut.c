/* Writes down what a process does to the files under POWERCUT_FOLDER, in order, into POWERCUT_LOG.
 *
 * gcc -shared -fPIC -O2 -o powercut.so powercut.c -ldl ; LD_PRELOAD=./powercut.so POWERCUT_FOLDER=… POWERCUT_LOG=… program
 *
 * A record, little endian: u64 number from 1, u8 what ('w' write, 't' truncate, 's' sync, 'u' unlink, 'r' rename), u32 length of the path,
 * u64 offset (or new length), u64 length of the data, path, data (of 'w': what is written; of 'r': the new path).
 * Writes are noted before, everything else after it was done, and only when it was; one lock keeps the order.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int log_fd = -1;
static uint64_t number;
static char folder[PATH_MAX];

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static void begin(void) {
    if (log_fd >= 0) return;
    const char *file = getenv("POWERCUT_LOG"), *where = getenv("POWERCUT_FOLDER");
    if (!file || !where || !realpath(where, folder)) abort();
    log_fd = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (log_fd < 0) abort();
}

static void put(const void *bytes, size_t left) {
    ssize_t (*real)(int, const void *, size_t) = REAL(write);
    for (const char *at = bytes; left;) {
        ssize_t done = real(log_fd, at, left);
        if (done <= 0) abort();
        at += done;
        left -= (size_t)done;
    }
}

static int watched(const char *path) {
    size_t n = strlen(folder);
    return strncmp(path, folder, n) == 0 && (path[n] == '/' || path[n] == 0);
}

static int path_of(int fd, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, PATH_MAX - 1);
    if (n <= 0) return 0;
    path[n] = 0;
    return watched(path);
}

static void note(char what, const char *path, uint64_t offset, const void *data, uint64_t length) {
    uint32_t path_length = (uint32_t)strlen(path);
    unsigned char head[29];
    number++;
    memcpy(head, &number, 8);
    head[8] = (unsigned char)what;
    memcpy(head + 9, &path_length, 4);
    memcpy(head + 13, &offset, 8);
    memcpy(head + 21, &length, 8);
    put(head, sizeof head);
    put(path, path_length);
    if (length) put(data, length);
}

static void note_fd(char what, int fd, uint64_t offset, const void *data, uint64_t length) {
    char path[PATH_MAX];
    int saved = errno;
    pthread_mutex_lock(&lock);
    begin();
    if (fd != log_fd && path_of(fd, path)) note(what, path, offset, data, length);
    pthread_mutex_unlock(&lock);
    errno = saved;
}

ssize_t pwrite64(int fd, const void *data, size_t n, off64_t offset) {
    note_fd('w', fd, (uint64_t)offset, data, n);
    return REAL(pwrite64)(fd, data, n, offset);
}

ssize_t pwrite(int fd, const void *data, size_t n, off_t offset) {
    note_fd('w', fd, (uint64_t)offset, data, n);
    return REAL(pwrite)(fd, data, n, offset);
}

ssize_t write(int fd, const void *data, size_t n) {
    int saved = errno;
    off_t at = lseek(fd, 0, SEEK_CUR);
    errno = saved;
    if (at >= 0) note_fd('w', fd, (uint64_t)at, data, n);
    return REAL(write)(fd, data, n);
}

int ftruncate64(int fd, off64_t length) {
    int answer = REAL(ftruncate64)(fd, length);
    if (answer == 0) note_fd('t', fd, (uint64_t)length, NULL, 0);
    return answer;
}

int ftruncate(int fd, off_t length) {
    int answer = REAL(ftruncate)(fd, length);
    if (answer == 0) note_fd('t', fd, (uint64_t)length, NULL, 0);
    return answer;
}

int fsync(int fd) {
    int answer = REAL(fsync)(fd);
    if (answer == 0) note_fd('s', fd, 0, NULL, 0);
    return answer;
}

int fdatasync(int fd) {
    int answer = REAL(fdatasync)(fd);
    if (answer == 0) note_fd('s', fd, 0, NULL, 0);
    return answer;
}

static void note_names(char what, const char *path, const char *target) {
    char whole[PATH_MAX], parent[PATH_MAX], other[PATH_MAX] = "";
    int saved = errno;
    pthread_mutex_lock(&lock);
    begin();
    for (int i = 0; i < 2; i++) {
        const char *from = i ? target : path;
        char *to = i ? other : whole;
        if (!from) break;
        const char *slash = strrchr(from, '/');
        snprintf(parent, sizeof parent, "%.*s", slash ? (int)(slash - from) : 1, slash ? from : ".");
        char real[PATH_MAX];
        if (!realpath(parent, real)) real[0] = 0;
        if (snprintf(to, PATH_MAX, "%s/%s", real, slash ? slash + 1 : from) >= PATH_MAX) abort();
    }
    if (watched(whole)) note(what, whole, 0, other, strlen(other));
    pthread_mutex_unlock(&lock);
    errno = saved;
}

int unlink(const char *path) {
    int answer = REAL(unlink)(path);
    if (answer == 0) note_names('u', path, NULL);
    return answer;
}

int rename(const char *path, const char *target) {
    int answer = REAL(rename)(path, target);
    if (answer == 0) note_names('r', path, target);
    return answer;
}
