/* Makes the Nth call that changes a file under a folder fail, in a process that loaded this with LD_PRELOAD.

   kb_arm(n, error, folder): from now on count; the nth call fails with this errno, all later ones go through. error < 0: the nth
   write is short instead. kb_seen(): calls counted so far. Everything under test writes by one of these: Python, SQLite, NumPy and
   FAISS (stdio), tantivy (Rust's std). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static int at = 0, error_number = 0, seen = 0;
static char folder[PATH_MAX];

void kb_arm(int n, int error, const char *where) {
    at = n;
    error_number = error;
    seen = 0;
    snprintf(folder, sizeof folder, "%s", where);
}

int kb_seen(void) { return seen; }

static int path_fails(const char *path) {
    if (!at || strncmp(path, folder, strlen(folder)) != 0) return 0;
    return __atomic_add_fetch(&seen, 1, __ATOMIC_SEQ_CST) == at;
}

static int fd_fails(int fd) {
    char link[64], path[PATH_MAX];
    if (!at) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n < 0) return 0;
    path[n] = 0;
    return path_fails(path);
}

#define REAL(name, type) static __typeof__(type) *real; if (!real) *(void **)(&real) = dlsym(RTLD_NEXT, name)
#define FAIL(result) do { errno = error_number < 0 ? EIO : error_number; return result; } while (0)

ssize_t write(int fd, const void *data, size_t n) {
    REAL("write", ssize_t (int, const void *, size_t));
    if (fd_fails(fd)) {
        if (error_number < 0 && n > 1) return real(fd, data, n / 2);
        FAIL(-1);
    }
    return real(fd, data, n);
}

ssize_t pwrite64(int fd, const void *data, size_t n, off64_t offset) {
    REAL("pwrite64", ssize_t (int, const void *, size_t, off64_t));
    if (fd_fails(fd)) {
        if (error_number < 0 && n > 1) return real(fd, data, n / 2, offset);
        FAIL(-1);
    }
    return real(fd, data, n, offset);
}

ssize_t pwrite(int fd, const void *data, size_t n, off_t offset) { return pwrite64(fd, data, n, offset); }

ssize_t writev(int fd, const struct iovec *parts, int n) {
    REAL("writev", ssize_t (int, const struct iovec *, int));
    if (fd_fails(fd)) FAIL(-1);
    return real(fd, parts, n);
}

size_t fwrite(const void *data, size_t size, size_t n, FILE *file) {
    REAL("fwrite", size_t (const void *, size_t, size_t, FILE *));
    if (fd_fails(fileno(file))) FAIL(0);
    return real(data, size, n, file);
}

int fsync(int fd) {
    REAL("fsync", int (int));
    if (fd_fails(fd)) FAIL(-1);
    return real(fd);
}

int fdatasync(int fd) {
    REAL("fdatasync", int (int));
    if (fd_fails(fd)) FAIL(-1);
    return real(fd);
}

int ftruncate64(int fd, off64_t length) {
    REAL("ftruncate64", int (int, off64_t));
    if (fd_fails(fd)) FAIL(-1);
    return real(fd, length);
}

int rename(const char *from, const char *to) {
    REAL("rename", int (const char *, const char *));
    if (path_fails(from)) FAIL(-1);
    return real(from, to);
}

int mkdir(const char *path, mode_t mode) {
    REAL("mkdir", int (const char *, mode_t));
    if (path_fails(path)) FAIL(-1);
    return real(path, mode);
}

#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        REAL(#name, int (const char *, int, ...)); \
        mode_t mode = 0; \
        if (flags & O_CREAT) { \
            va_list rest; \
            va_start(rest, flags); \
            mode = va_arg(rest, mode_t); \
            va_end(rest); \
            if (path_fails(path)) FAIL(-1); \
        } \
        return real(path, flags, mode); \
    }

OPEN(open)
OPEN(open64)
