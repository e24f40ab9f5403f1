#!/usr/bin/env bash
# Look for data races: every function, called from two Python threads at once, under helgrind.
#
#     bash tools/races.sh
#
# Helgrind does not see how libgomp makes its threads wait, so a stand-in of a few lines made of POSIX
# threads takes its place. Needs valgrind and a C compiler. Races inside CPython and the C library are not counted.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cat >"$scratch/openmp.c" <<'C'
#include <pthread.h>
#include <time.h>
enum { THREADS = 4 };
static __thread int place, size = 1;
typedef struct { void (*work)(void *); void *data; int place, size; } member;
static void *begin(void *m) {
    place = ((member *)m)->place, size = ((member *)m)->size;
    ((member *)m)->work(((member *)m)->data);
    return NULL;
}
void GOMP_parallel(void (*work)(void *), void *data, unsigned n, unsigned flags) {
    pthread_t threads[THREADS];
    member team[THREADS];
    for (unsigned i = 1; i < n; i++) {
        team[i] = (member){work, data, i, n};
        pthread_create(&threads[i], NULL, begin, &team[i]);
    }
    size = n, work(data), size = 1;
    for (unsigned i = 1; i < n; i++) pthread_join(threads[i], NULL);
}
int omp_get_thread_num(void) { return place; }
int omp_get_num_threads(void) { return size; }
int omp_get_max_threads(void) { return THREADS; }
int omp_get_num_procs(void) { return THREADS; }
double omp_get_wtime(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + 1e-9 * t.tv_nsec;
}
C
${CC:-cc} -shared -fPIC -o "$scratch/openmp.so" "$scratch/openmp.c" -lpthread

cat >"$scratch/at_once.py" <<'PYTHON'
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from calls import answers

for dtype in (np.float16, np.float32, np.float64):
    x = np.random.default_rng(0).standard_normal(20_000).astype(dtype)
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(answers, [x, x])
    assert first == second
PYTHON
PYTHONPATH="$root/tests${PYTHONPATH:+:$PYTHONPATH}" PYTHONMALLOC=malloc OPENBLAS_NUM_THREADS=1 \
    LD_PRELOAD="$scratch/openmp.so" \
    valgrind --tool=helgrind --history-level=approx --log-file="$scratch/log" python "$scratch/at_once.py"

tail -n 1 "$scratch/log"
# of each report: what is said first, and the two innermost calls, in case the innermost is memcpy
grep -A 3 "data race" "$scratch/log" | grep -B 3 "fastact/_kernels" >"$scratch/races" || true
cat "$scratch/races"
[ ! -s "$scratch/races" ] && echo "no race in fastact"
