/* Sharing the work of one call out among the threads of OpenMP: how many, why no more, who does what.
 * Without OpenMP: one. (In C, for Cython's prange asks for Python's lock, and writes its last index
 * where other threads read their first: tools/races.sh.) */
#ifndef FASTACT_THREADS_H
#define FASTACT_THREADS_H

#include <limits.h>
#include <stddef.h>

#include "portable.h"

/* Does the work on the elements, or rows, from start to stop. */
typedef void (*share_of_work)(const void *work, ptrdiff_t start, ptrdiff_t stop);

#ifdef _OPENMP
#include <omp.h>
#include <pthread.h>

#define HAS_OPENMP 1
/* Seconds of work for which one more thread is woken. Waking one takes 5 us, but where another program
 * has its CPU, its return takes until the scheduler's next turn, some ms. */
#define THREAD_WORTHWHILE 100e-6
#define SHARES 4                /* for each thread: when another program takes its CPU, others do the rest */

static int wanted_threads = 0; /* the user's word; 0: none */
static int cpu_quota = INT_MAX;
static int forked = 0;
static int busy_threads = 0; /* in all calls that run at the moment */

/* OpenMP's threads stay in the parent: a child would wait for them for ever. */
static void in_child(void) { forked = 1; }

static void prepare_threads(int quota) {
    cpu_quota = quota > 0 ? quota : INT_MAX;
    pthread_atfork(NULL, NULL, in_child);
}

static void want_threads(int n) { __atomic_store_n(&wanted_threads, n, __ATOMIC_RELAXED); }

/* Asked in each large call, for all of it may change: omp_get_max_threads() is what OMP_NUM_THREADS and
 * threadpoolctl set, omp_get_num_procs() counts the CPUs of the calling thread's affinity. */
static int thread_limit(const char **why) {
    int wanted = __atomic_load_n(&wanted_threads, __ATOMIC_RELAXED);
    int limit, most;
    if (forked) {
        *why = "this process was forked, which OpenMP does not survive";
        return 1;
    }
    if (wanted) {
        limit = wanted;
        *why = "set_num_threads or FASTACT_NUM_THREADS";
    } else {
        limit = omp_get_num_procs();
        *why = "CPUs that this process may use";
        if (cpu_quota < limit) {
            limit = cpu_quota;
            *why = "the CPU quota of the cgroup";
        }
    }
    most = omp_get_max_threads();
    if (most < limit) {
        limit = most;
        *why = "the limit of OpenMP: OMP_NUM_THREADS, threadpoolctl or the CPUs at the start";
    }
    return limit;
}

/* At most n threads, the calling one included, of those that calls from other Python threads leave. */
static int borrow_threads(int n) {
    const char *why;
    int limit = thread_limit(&why), left;
    n = n < limit ? n : limit;
    if (n < 2) return 0;
    left = limit - __atomic_fetch_add(&busy_threads, n, __ATOMIC_RELAXED);
    left = left > 0 ? left : 0;
    if (left < n) {
        __atomic_fetch_sub(&busy_threads, n - left, __ATOMIC_RELAXED);
        n = left;
    }
    return n;
}

static void return_threads(int n) { __atomic_fetch_sub(&busy_threads, n, __ATOMIC_RELAXED); }

/* Do the work on n units by as many threads as it is worth. What a unit costs depends on kernel, dtype,
 * instruction set, strides and memory: the first `sample` units tell. Shares are multiples of `grain`. */
static void share_out(share_of_work task, const void *work, ptrdiff_t n, ptrdiff_t sample, ptrdiff_t grain) {
    fp_flags callers = save_fp_flags();
    double began, left;
    int threads;
    if (n < 4 * sample) {
        task(work, 0, n);
        return;
    }
    began = omp_get_wtime();
    task(work, 0, sample);
    left = (omp_get_wtime() - began) / sample * (n - sample) / THREAD_WORTHWHILE;
    threads = borrow_threads(left < INT_MAX ? (int)left : INT_MAX);
    if (threads < 2) {
        task(work, sample, n);
    } else {
        ptrdiff_t share = ((n - sample) / (SHARES * threads) / grain + 1) * grain, handed_out = 0;
#pragma omp parallel num_threads(threads)
        {
            fp_flags own = save_fp_flags();
            ptrdiff_t k = omp_get_thread_num(), start; /* a share for each, then whoever comes first */
            restore_fp_flags(callers);                 /* round and flush as in the calling thread */
            while ((start = sample + k * share) < n) {
                task(work, start, start + share < n ? start + share : n);
                k = omp_get_num_threads() + __atomic_fetch_add(&handed_out, 1, __ATOMIC_RELAXED);
            }
            restore_fp_flags(own);
        }
    }
    return_threads(threads);
}

#else

#define HAS_OPENMP 0

static void prepare_threads(int quota) { (void)quota; }
static void want_threads(int n) { (void)n; }
static int thread_limit(const char **why) {
    *why = "built without OpenMP";
    return 1;
}
static void share_out(share_of_work task, const void *work, ptrdiff_t n, ptrdiff_t sample, ptrdiff_t grain) {
    (void)sample, (void)grain;
    task(work, 0, n);
}

#endif
#endif
