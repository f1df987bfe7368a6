#define _GNU_SOURCE /* O_TMPFILE, fallocate, mremap */
#include "spill.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "clock.h"
#include "spool.h"

/* Mappings at a time; parts of all of them, see look. */
enum { MOST = 128, SHARE = 3, FEW = 8, FILES_LEAST = 48 << 20, LEAST = 128 << 20 };
enum { PAUSE = 20000000 };       /* nanoseconds between two looks */
enum { WATCHER_STACK = 256 << 10 };

typedef struct { void *at; size_t bytes; int file; } spill; /* file -1: somebody else's */

static struct {
    pthread_mutex_t lock;
    pthread_cond_t end; /* of a watcher; made for the first */
    int can_end;
    spill items[MOST];
    int n;
    size_t bytes;       /* all of them */
    pthread_t watcher;
    pid_t watched;      /* the process that it watches; 0: there is no watcher */
    uintptr_t watch;    /* which watcher is to go on */
} all = {.lock = PTHREAD_MUTEX_INITIALIZER};

static atomic_size_t least = EW_SPILL_LEAST;
static atomic_int any; /* mappings there are */
static atomic_size_t ceiling; /* 0: none */

void ew_spill_from(size_t bytes) { atomic_store(&least, bytes ? bytes : EW_SPILL_LEAST); }

size_t ew_spill_within(size_t bytes) { return atomic_exchange(&ceiling, bytes); }

int ew_spill_large(size_t bytes) { return bytes / 4 >= atomic_load_explicit(&least, memory_order_relaxed); }

/* With the lock held. */
static spill *find(const void *memory) {
    for (int i = 0; i < all.n; i++)
        if (all.items[i].at == memory) return &all.items[i];
    return NULL;
}

void ew_spill_rest(void) {
    pthread_mutex_lock(&all.lock);
    for (int i = 0; i < all.n; i++) (void)!madvise(all.items[i].at, all.items[i].bytes, MADV_DONTNEED);
    pthread_mutex_unlock(&all.lock);
}

/* ---- the watcher: a thread that looks as long as there is anything to rest ---- */

/* Resident bytes, all and of mapped files; 0: nobody knows. */
static void resident(size_t *bytes, size_t *mapped) {
    char line[128];
    unsigned long pages = 0, files = 0;
    int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t n = file < 0 ? -1 : read(file, line, sizeof line - 1);
    if (file >= 0) close(file);
    line[n > 0 ? n : 0] = 0;
    if (sscanf(line, "%*u %lu %lu", &pages, &files) != 2) pages = files = 0;
    *bytes = pages * (size_t)sysconf(_SC_PAGESIZE);
    *mapped = files * (size_t)sysconf(_SC_PAGESIZE);
}

static void look(void) {
    pthread_mutex_lock(&all.lock);
    size_t most = all.bytes / SHARE, few = all.bytes / FEW, within = atomic_load(&ceiling), bytes, mapped;
    pthread_mutex_unlock(&all.lock);
    resident(&bytes, &mapped);
    int rising = bytes > (most > LEAST ? most : LEAST) && bytes > ew_peak_memory() / 8 * 7;
    if ((rising || (within && bytes > within / 8 * 7)) && mapped > (few > FILES_LEAST ? few : FILES_LEAST)) ew_spill_rest();
}

static void *watch(void *argument) {
    uintptr_t mine = (uintptr_t)argument;
    pthread_mutex_lock(&all.lock);
    while (all.watch == mine) {
        struct timespec then;
        clock_gettime(CLOCK_MONOTONIC, &then);
        then.tv_nsec += PAUSE;
        if (then.tv_nsec >= 1000000000) {
            then.tv_sec++;
            then.tv_nsec -= 1000000000;
        }
        (void)pthread_cond_timedwait(&all.end, &all.lock, &then);
        pthread_mutex_unlock(&all.lock);
        look();
        pthread_mutex_lock(&all.lock);
    }
    pthread_mutex_unlock(&all.lock);
    return NULL;
}

/* With the lock held. Where no thread can be had, arrays rest where that is asked for. */
static void begin_watch(void) {
    pthread_attr_t attributes;
    sigset_t every, before;
    if (!all.can_end) {
        pthread_condattr_t monotonic; /* a clock that is set does not put a look off */
        pthread_condattr_init(&monotonic);
        pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
        all.can_end = pthread_cond_init(&all.end, &monotonic) == 0;
        pthread_condattr_destroy(&monotonic);
        if (!all.can_end) return;
    }
    if (pthread_attr_init(&attributes) != 0) return;
    (void)pthread_attr_setstacksize(&attributes, WATCHER_STACK);
    sigfillset(&every); /* signals are for the program's own threads */
    pthread_sigmask(SIG_SETMASK, &every, &before);
    if (pthread_create(&all.watcher, &attributes, watch, (void *)++all.watch) == 0) all.watched = getpid();
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
}

static int keep(spill item) {
    pthread_mutex_lock(&all.lock);
    int room = all.n < MOST;
    if (room) {
        all.items[all.n++] = item;
        all.bytes += item.bytes;
        atomic_store(&any, all.n);
        if (!all.watched && all.bytes >= atomic_load(&least)) begin_watch();
    }
    pthread_mutex_unlock(&all.lock);
    return room;
}

static int forget(const void *memory, spill *out) {
    pthread_mutex_lock(&all.lock);
    spill *item = find(memory);
    if (item) {
        *out = *item;
        all.bytes -= item->bytes;
        *item = all.items[--all.n];
        atomic_store(&any, all.n);
    }
    int last = item && !all.n && all.watched;
    int ours = last && all.watched == getpid(); /* a fork has no thread to wait for */
    pthread_t watcher = all.watcher;
    if (last) {
        all.watch++;
        all.watched = 0;
        pthread_cond_broadcast(&all.end);
    }
    pthread_mutex_unlock(&all.lock);
    if (ours) pthread_join(watcher, NULL);
    return item != NULL;
}

void *ew_spill_take(size_t bytes) {
    if (bytes < atomic_load_explicit(&least, memory_order_relaxed)) return NULL;
    int file = ew_temporary_file();
    if (file < 0) return NULL;
    spill item = {MAP_FAILED, bytes, file};
    /* room is taken now: a page that finds none later would kill the process */
    if (fallocate(file, 0, 0, (off_t)bytes) == 0) item.at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (item.at != MAP_FAILED && keep(item)) return item.at;
    if (item.at != MAP_FAILED) munmap(item.at, bytes);
    close(file);
    return NULL;
}

int ew_spill_free(void *memory) {
    spill item;
    if (!atomic_load_explicit(&any, memory_order_relaxed) || !forget(memory, &item)) return 0;
    munmap(item.at, item.bytes);
    close(item.file);
    return 1;
}

int ew_spill_resize(void *memory, size_t bytes, void **moved) {
    if (!atomic_load_explicit(&any, memory_order_relaxed)) return 0;
    pthread_mutex_lock(&all.lock);
    spill *item = find(memory);
    if (item) {
        void *at = MAP_FAILED;
        size_t room = bytes ? bytes : 1;
        if (room <= item->bytes || fallocate(item->file, 0, 0, (off_t)room) == 0)
            at = mremap(item->at, item->bytes, room, MREMAP_MAYMOVE);
        *moved = at == MAP_FAILED ? NULL : at;
        if (at != MAP_FAILED) {
            if (room < item->bytes) (void)!ftruncate(item->file, (off_t)room);
            all.bytes += room - item->bytes;
            item->at = at;
            item->bytes = room;
        }
    }
    pthread_mutex_unlock(&all.lock);
    return item != NULL;
}

void ew_spill_adopt(void *map, size_t bytes) { (void)!keep((spill){map, bytes, -1}); /* without room for it, it does not rest */ }

void ew_spill_disown(void *map) {
    spill item;
    (void)!forget(map, &item);
}

void ew_spill_trim(void) {
    ew_spill_rest();
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}
