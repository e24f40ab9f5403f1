# What the loops, and Python, know of threads.h.
from libc.limits cimport INT_MAX

cdef extern from "loops/threads.h" nogil:
    ctypedef void (*share_of_work)(const void* work, Py_ssize_t start, Py_ssize_t stop) noexcept nogil
    void share_out(share_of_work task, const void* work, Py_ssize_t n, Py_ssize_t sample, Py_ssize_t grain)
    void _prepare_threads "prepare_threads"(int cpu_quota)
    void _want_threads "want_threads"(int n)
    int _thread_limit "thread_limit"(const char** why)
    const bint _has_openmp "HAS_OPENMP"

HAS_OPENMP = bool(_has_openmp)


def prepare_threads(int cpu_quota):
    """To be called once, when the library is imported; 0: there is no quota."""
    _prepare_threads(cpu_quota)


def want_threads(n):
    """Let calls use at most n threads; 0: as many as there are CPUs."""
    _want_threads(min(n, INT_MAX))


def thread_limit():
    """How many threads a call may use, and what limits them."""
    cdef const char* why = NULL
    cdef int limit = _thread_limit(&why)
    return limit, why.decode()
