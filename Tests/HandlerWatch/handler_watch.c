/// Loaded into the program under test (LD_PRELOAD): ends it with status 70 when a signal's handler allocates, or takes a lock of
/// the C library's. Swift's own `Mutex`, which asks the kernel, is not seen.
///
/// A handler that does so waits for ever where the signal met the same in the thread it interrupted, once in hundreds of signals.
/// Here it is found each time. With HANDLER_WATCH_ALLOCATES set, every handler allocates, to see that it is.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum { found = 70 };

/// Without the loader's help, which may allocate.
static _Thread_local int depth __attribute__((tls_model("initial-exec")));
static struct sigaction own[_NSIG];

// MARK: What a handler must not do

// glibc's allocator under its other names: `dlsym` for the names below would allocate.
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void __libc_free(void *memory);
void *__libc_memalign(size_t alignment, size_t size);

static void watch(void) {
    if (depth > 0) { _exit(found); }
}

void *malloc(size_t size) {
    watch();
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    watch();
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size) {
    watch();
    return __libc_realloc(old, size);
}

void free(void *memory) {
    watch();
    __libc_free(memory);
}

void *aligned_alloc(size_t alignment, size_t size) {
    watch();
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
    watch();
    *memory = __libc_memalign(alignment, size);
    return *memory ? 0 : ENOMEM;
}

int pthread_mutex_lock(pthread_mutex_t *mutex) {
    static int (*real)(pthread_mutex_t *);
    watch();
    if (!real) { real = (int (*)(pthread_mutex_t *))dlsym(RTLD_NEXT, "pthread_mutex_lock"); }
    return real(mutex);
}

// MARK: When a handler runs

static void handle(int number, siginfo_t *info, void *context) {
    depth += 1;
    if (getenv("HANDLER_WATCH_ALLOCATES")) { free(malloc(1)); }
    if (own[number].sa_flags & SA_SIGINFO) {
        own[number].sa_sigaction(number, info, context);
    } else {
        own[number].sa_handler(number);
    }
    depth -= 1;
}

/// What is asked for is told as it was set, so that who puts it back puts back what it was.
int sigaction(int number, const struct sigaction *new, struct sigaction *old) {
    static int (*real)(int, const struct sigaction *, struct sigaction *);
    if (!real) { real = (int (*)(int, const struct sigaction *, struct sigaction *))dlsym(RTLD_NEXT, "sigaction"); }
    const struct sigaction before = own[number];
    struct sigaction wrapped;
    const struct sigaction *set = new;
    if (new && new->sa_handler != SIG_DFL && new->sa_handler != SIG_IGN) {
        own[number] = wrapped = *new;
        wrapped.sa_sigaction = handle;
        wrapped.sa_flags |= SA_SIGINFO;
        set = &wrapped;
    }
    const int result = real(number, set, old);
    if (old && old->sa_sigaction == handle) { *old = before; }
    return result;
}
