/* Preloaded into a program: kills it, as kill -9 does, right after the KILL_AT-th time that it changed what lasts, and
 * so before it changes anything more. That is each write, sync, cut, renaming and removal of a file under KILL_FOLDER;
 * and on the connection to the database server at KILL_PORT each message from the first one on that has a statement
 * which changes something. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long steps;
static atomic_int has_changed;

static void step(void) {
    const char *at = getenv("KILL_AT");
    if (at && atomic_fetch_add(&steps, 1) + 1 == atol(at)) kill(getpid(), SIGKILL);
}

static void step_at(const char *path) {
    const char *folder = getenv("KILL_FOLDER");
    if (folder && strncmp(path, folder, strlen(folder)) == 0) step();
}

static void step_of(int fd) {
    char name[64], path[4096];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(name, path, sizeof path - 1);
    if (length > 0) {
        path[length] = 0;
        step_at(path);
    }
}

static int changes(const char *bytes, size_t length) {
    static const char *const words[] = {"INSERT ", "UPDATE ", "DELETE "};
    for (int i = 0; i < 3; i++)
        if (memmem(bytes, length, words[i], 7)) return 1;
    return 0;
}

static void step_sent(int fd, const char *bytes, size_t length) {
    struct sockaddr_in peer;
    socklen_t size = sizeof peer;
    const char *port = getenv("KILL_PORT");
    if (!port || getpeername(fd, (struct sockaddr *)&peer, &size) || peer.sin_family != AF_INET) return;
    if (ntohs(peer.sin_port) != atoi(port)) return;
    if (changes(bytes, length)) has_changed = 1;
    if (has_changed) step();
}

/* Does what was asked, then counts it. */
#define THEN(done, counted)              \
    __typeof__(done) result = done;      \
    int number = errno;                  \
    counted;                             \
    errno = number;                      \
    return result;

#define REAL(type, name, ...)                            \
    static type (*real)(__VA_ARGS__);                    \
    if (!real) real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *bytes, size_t length) {
    REAL(ssize_t, write, int, const void *, size_t);
    THEN(real(fd, bytes, length), step_of(fd))
}
ssize_t writev(int fd, const struct iovec *pieces, int count) {
    REAL(ssize_t, writev, int, const struct iovec *, int);
    THEN(real(fd, pieces, count), step_of(fd))
}
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) {
    REAL(ssize_t, pwrite, int, const void *, size_t, off_t);
    THEN(real(fd, bytes, length, at), step_of(fd))
}
ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) {
    REAL(ssize_t, pwrite64, int, const void *, size_t, off64_t);
    THEN(real(fd, bytes, length, at), step_of(fd))
}
int fsync(int fd) {
    REAL(int, fsync, int);
    THEN(real(fd), step_of(fd))
}
int fdatasync(int fd) {
    REAL(int, fdatasync, int);
    THEN(real(fd), step_of(fd))
}
int ftruncate(int fd, off_t length) {
    REAL(int, ftruncate, int, off_t);
    THEN(real(fd, length), step_of(fd))
}
int ftruncate64(int fd, off64_t length) {
    REAL(int, ftruncate64, int, off64_t);
    THEN(real(fd, length), step_of(fd))
}
int rename(const char *from, const char *to) {
    REAL(int, rename, const char *, const char *);
    THEN(real(from, to), step_at(to))
}
int unlink(const char *path) {
    REAL(int, unlink, const char *);
    THEN(real(path), step_at(path))
}
ssize_t send(int fd, const void *bytes, size_t length, int flags) {
    REAL(ssize_t, send, int, const void *, size_t, int);
    THEN(real(fd, bytes, length, flags), step_sent(fd, bytes, length))
}
