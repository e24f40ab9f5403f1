# What the CPU can do, asked before any module that needs it is imported. Compiled for every CPU.

cdef extern from *:
    """
    #if defined(__x86_64__) && defined(__GNUC__)
    static int cpu_has_avx2(void) { __builtin_cpu_init(); return __builtin_cpu_supports("x86-64-v3") != 0; }
    static int cpu_has_avx512(void) { __builtin_cpu_init(); return __builtin_cpu_supports("x86-64-v4") != 0; }
    #else
    static int cpu_has_avx2(void) { return 0; }
    static int cpu_has_avx512(void) { return 0; }
    #endif
    """
    int cpu_has_avx2()
    int cpu_has_avx512()


def instruction_sets():
    """Names of the instruction sets that this CPU has and the system lets programs use, best last."""
    found = ["baseline"]
    if cpu_has_avx2():
        found.append("avx2")
    if cpu_has_avx512():
        found.append("avx512")
    return found
