# The loops that NumPy calls, and the ufuncs made of them. Compiled once, for every CPU.
#
# A kernel takes contiguous, aligned operands of one type that do not overlap. What else may come is
# settled here, for all kernels at once: other strides, operands in place, float16 and the
# floating-point flags. So the bits of a result cannot depend on where it stands.
# distutils: define_macros=NPY_TARGET_VERSION=NPY_2_0_API_VERSION
cimport numpy as cnp
from libc.stdint cimport uint16_t, uint64_t
from libc.stdlib cimport calloc, free, malloc

cdef extern from "portable.h" nogil:
    ctypedef struct fp_flags:
        pass
    fp_flags save_fp_flags()
    void restore_fp_flags(fp_flags flags)

cdef extern from "numpy/ufuncobject.h":
    object PyUFunc_FromFuncAndDataAndSignature(
        cnp.PyUFuncGenericFunction*, void**, char*, int, int, int, int, char*, char*, int, char*)

cnp.import_array()
cnp.import_umath()

cdef extern from *:
    """
    #define MOST_ARGS 5  /* operands, parameters and results of a kernel */
    #define MOST_AXES 8  /* of arrays that go past NumPy's iterator */
    #define SAMPLE 4096  /* elements by which a call measures whether it is worth several threads */
    #define BLOCK 512    /* floats gathered at a time, or half as many doubles: a block stays in the first cache */
    /* Aligned: a vector that is stored across two lines of the cache takes twice as long. */
    typedef struct { char of[MOST_ARGS][BLOCK * sizeof(float)] __attribute__((aligned(64))); } Rooms;
    """
    const int MOST_ARGS
    const int MOST_AXES
    const int SAMPLE
    const int BLOCK
    ctypedef struct Rooms:
        char* of[MOST_ARGS]

include "kernel_types.pxi"
include "loops/threads.pxi"

cdef enum:
    DTYPES = 3  # of those loops, in this order: NumPy takes the first that fits, and small integers become float32

cdef int[DTYPES] NUMBERS = [cnp.NPY_FLOAT, cnp.NPY_DOUBLE, cnp.NPY_FLOAT16]


cdef inline int loop_for(int number) noexcept nogil:
    # which of them is for the dtype of that number, or -1
    cdef int k
    for k in range(DTYPES):
        if NUMBERS[k] == number:
            return k
    return -1


ctypedef void (*Copy)(char* to, Py_ssize_t to_step, const char* source, Py_ssize_t step, Py_ssize_t n,
                      int size) noexcept nogil


cdef struct Loop:
    void* kernel
    void* uniform      # the kernel for parameters that are the same for all elements, or NULL
    int inputs         # operands, then parameters
    int parameters
    int args           # inputs, then results
    int size           # bytes of an element as the kernel takes it
    int double_inputs  # so many of the last inputs are double, and the kernel takes float
    bint narrow        # the other inputs and the results are float16 or bfloat16:
    Kernel2 widen      # converted to what the kernel takes,
    Kernel2 shorten    # and back
    Copy copy          # of elements in any strides


cdef inline bint is_parameter(const Loop* loop, int arg) noexcept nogil:
    return loop.inputs - loop.parameters <= arg < loop.inputs


cdef inline bint is_double(const Loop* loop, int arg) noexcept nogil:
    return loop.inputs - loop.double_inputs <= arg < loop.inputs


cdef inline int size_of(const Loop* loop, int arg) noexcept nogil:
    # bytes of an element where it is stored
    if is_double(loop, arg):
        return sizeof(double)
    return 2 if loop.narrow else loop.size


cdef inline char* gathered(const Loop* loop, int arg, char* x, Py_ssize_t step, Py_ssize_t n,
                           char* room) noexcept nogil:
    # n elements of an input as the kernel takes them: in place if they are so already, else in `room`
    cdef uint16_t halves[BLOCK]
    cdef Py_ssize_t i
    if is_double(loop, arg):
        for i in range(n):
            (<float*>room)[i] = <float>(<const double*>(x + i * step))[0]
    elif not loop.narrow:
        if step == loop.size:
            return x
        loop.copy(room, loop.size, x, step, n, loop.size)
    elif step == 2:
        loop.widen(x, room, n)
    else:
        loop.copy(<char*>halves, 2, x, step, n, 2)
        loop.widen(<char*>halves, room, n)
    return room


cdef inline void scatter(const Loop* loop, char* room, char* y, Py_ssize_t step, Py_ssize_t n) noexcept nogil:
    cdef uint16_t halves[BLOCK]
    if not loop.narrow:
        loop.copy(y, step, room, loop.size, n, loop.size)
    elif step == 2:
        loop.shorten(room, y, n)
    else:
        loop.shorten(room, <char*>halves, n)
        loop.copy(y, step, <char*>halves, 2, n, 2)


include "loops/arrays.pxi"


cdef struct Call:  # what the parts of one call have in common
    const Loop* loop
    const Arrays* rows  # NULL if there is one row
    void* kernel
    char* args[MOST_ARGS]
    Py_ssize_t steps[MOST_ARGS]
    int block      # elements gathered at a time; 0: the kernel takes the operands as they are
    bint in_place  # a result overwrites an operand


cdef void arrange(Call* c, const Loop* loop, char** args, const cnp.npy_intp* steps, Py_ssize_t n,
                  Overlap overlap) noexcept nogil:
    # how a kernel is brought to n > 0 elements, one row
    cdef bint uniform = loop.parameters > 0
    cdef bint as_they_are = overlap == APART and not loop.narrow and loop.double_inputs == 0
    cdef int backwards = 0
    cdef int k
    for k in range(loop.args):
        c.args[k] = args[k]
        c.steps[k] = steps[k]
        if n == 1:  # whose steps may be anything
            c.steps[k] = 0 if is_parameter(loop, k) else size_of(loop, k)
        if is_parameter(loop, k):
            uniform = uniform and c.steps[k] == 0
        backwards += (c.steps[k] < 0) - (c.steps[k] > 0)
    for k in range(loop.args):
        as_they_are = as_they_are and (c.steps[k] == loop.size or uniform and is_parameter(loop, k))
    c.loop, c.rows, c.in_place = loop, NULL, overlap != APART
    c.kernel = loop.uniform if uniform else loop.kernel
    c.block = 0 if as_they_are else 1 if overlap == IN_TURN else BLOCK * sizeof(float) // loop.size
    if backwards > 0 and overlap != IN_TURN:  # from the other end most are not reversed, and need no copies
        for k in range(loop.args):
            c.args[k] += (n - 1) * c.steps[k]
            c.steps[k] = -c.steps[k]


# Tried and rejected: to write results of 16 MB and more past the caches, block by block through room on the stack. With
# operands that begin a line of the cache relu took 0.8 of the time, otherwise up to 1.6, and exponential always 1.1.
cdef void elementwise_part(const void* work, Py_ssize_t start, Py_ssize_t stop) noexcept nogil:
    cdef const Call* c = <const Call*>work
    cdef char* args[MOST_ARGS]
    cdef Py_ssize_t n = c.rows.shape[c.rows.ndim - 1] if c.rows else stop
    cdef Py_ssize_t row
    cdef Py_ssize_t place
    cdef Py_ssize_t m
    cdef int k
    while start < stop:
        row = start // n
        place = start - row * n
        m = min(n - place, stop - start)
        for k in range(c.loop.args):
            args[k] = <char*>c.args[k] + place * c.steps[k]
        if row > 0:
            move_to_row(c.rows, row, args)
        if c.block == 0:
            call(c.kernel, c.loop.args, args, m)
        else:
            in_blocks(c, args, m)
        start += m


cdef void in_blocks(const Call* c, char** args, Py_ssize_t n) noexcept nogil:
    cdef const Loop* loop = c.loop
    cdef Rooms rooms
    cdef char* x[MOST_ARGS]
    cdef char* room
    cdef bint once
    cdef Py_ssize_t start = 0
    cdef Py_ssize_t m
    cdef int k
    while start < n:
        m = min(<Py_ssize_t>c.block, n - start)
        for k in range(loop.args):
            room = rooms.of[k]
            if k >= loop.inputs:
                x[k] = room
                if not loop.narrow and c.steps[k] == loop.size and not c.in_place:
                    x[k] = args[k] + start * c.steps[k]
            elif c.steps[k] != 0 or start == 0 or c.block == 1:  # a broadcast operand is spread out once
                once = c.kernel == loop.uniform and is_parameter(loop, k)
                x[k] = gathered(loop, k, args[k] + start * c.steps[k], c.steps[k], 1 if once else m, room)
        call(c.kernel, loop.args, x, m)
        for k in range(loop.inputs, loop.args):
            if x[k] == <char*>rooms.of[k]:
                scatter(loop, x[k], args[k] + start * c.steps[k], c.steps[k], m)
        start += m


cdef void elementwise_loop(char** args, const cnp.npy_intp* dimensions, const cnp.npy_intp* steps,
                           const void* data) noexcept nogil:
    # as NumPy calls it
    cdef fp_flags flags = save_fp_flags()
    cdef const Loop* loop = <const Loop*>data
    cdef Py_ssize_t n = dimensions[0]
    cdef Overlap overlap
    cdef Arrays arrays
    cdef Call c
    cdef int k
    if n > 0:
        begin(&arrays, 1, dimensions)
        for k in range(loop.args):
            add(&arrays, args[k], &steps[k])
        overlap = overlap_of(loop, &arrays)
        arrange(&c, loop, args, steps, n, overlap)
        if overlap == IN_TURN:
            elementwise_part(&c, 0, n)
        else:
            share_out(&elementwise_part, &c, n, SAMPLE, BLOCK)
    restore_fp_flags(flags)


include "loops/row_loops.pxi"
include "loops/shortcuts.pxi"
include "loops/direct.pxi"
include "loops/promotion.pxi"
include "loops/forwarding.pxi"


# -- making ufuncs ------------------------------------------------------------------------------

cdef list keep_alive = []  # NumPy keeps pointers to the names and docstrings of a ufunc


cdef Kernel2 converter(f32, str narrow, int back):
    return <Kernel2><size_t>f32.CONVERSIONS[narrow][back]


cdef void prepare(Loop* loop, tuple kernel, int inputs, int size, f32, str narrow=None, bint of_numbers=False,
                  int results=1):
    # `f32` has conversions and copies, for float64, too; `narrow`: operands are of that type; `of_numbers`: parameters
    # are double, whatever the operands are
    loop.kernel = <void*><size_t>kernel[0]
    loop.uniform = <void*><size_t>kernel[1]
    loop.parameters = kernel[2]
    loop.inputs = inputs
    loop.args = inputs + results
    loop.size = size
    loop.copy = <Copy><size_t>f32.COPY
    if of_numbers and size == sizeof(float):
        loop.double_inputs = loop.parameters
    if narrow is not None:
        loop.narrow = True
        loop.widen, loop.shorten = converter(f32, narrow, 0), converter(f32, narrow, 1)


cdef void prepare_all(Loop* loops, f32, f64, str name, int inputs, bint of_numbers=False, int results=1):
    # those of `DTYPES`
    prepare(&loops[0], f32.LOOPS[name], inputs, 4, f32, None, of_numbers, results)
    prepare(&loops[1], f64.LOOPS[name], inputs, 8, f32, None, of_numbers, results)
    prepare(&loops[2], f32.LOOPS[name], inputs, 4, f32, "float16", of_numbers, results)


def elementwise_ufunc(str name, str doc, int inputs, f32, f64, str loop_name, bint of_numbers=False):
    """A ufunc of the loops called `loop_name` in the kernel modules f32 and f64.

    If it is one `of_numbers`, its parameters, the last inputs, are double and do not decide the type of the
    result: for Python's numbers. As float16, 0.01 would be 0.010002.
    """
    cdef cnp.PyUFuncGenericFunction* functions = <cnp.PyUFuncGenericFunction*>calloc(DTYPES, sizeof(void*))
    cdef void** data = <void**>calloc(DTYPES, sizeof(void*))
    cdef char* types = <char*>calloc(DTYPES, inputs + 1)
    cdef Loop* loops = <Loop*>calloc(DTYPES, sizeof(Loop))
    cdef bytes c_name = name.encode()
    cdef bytes c_doc = doc.encode()
    cdef int k
    cdef int arg
    keep_alive.extend([c_name, c_doc])
    prepare_all(loops, f32, f64, loop_name, inputs, of_numbers)
    for k in range(DTYPES):
        functions[k] = <cnp.PyUFuncGenericFunction>&elementwise_loop
        data[k] = &loops[k]
        for arg in range(inputs + 1):
            types[k * (inputs + 1) + arg] = cnp.NPY_DOUBLE if is_double(&loops[k], arg) else NUMBERS[k]
    ufunc = cnp.PyUFunc_FromFuncAndData(functions, data, types, DTYPES, inputs, 1, cnp.PyUFunc_None, c_name, c_doc, 0)
    if loops[0].parameters == 0:
        call_directly(ufunc)
        let_others_be_narrow(ufunc, cnp.NPY_FLOAT16)
    return ufunc


def add_bfloat16(cnp.ufunc ufunc, int bfloat16, f32, str loop_name, bint of_numbers=False):
    """Give an elementwise ufunc a loop for the user-defined dtype of that number."""
    cdef int inputs = ufunc.nin
    cdef Loop* loop = <Loop*>calloc(1, sizeof(Loop))
    cdef int[MOST_ARGS] types
    cdef int arg
    prepare(loop, f32.LOOPS[loop_name], inputs, 4, f32, "bfloat16", of_numbers)
    for arg in range(inputs + 1):
        types[arg] = cnp.NPY_DOUBLE if is_double(loop, arg) else bfloat16
    cnp.PyUFunc_RegisterLoopForType(ufunc, bfloat16, <cnp.PyUFuncGenericFunction>&elementwise_loop, types, loop)
    if loop.parameters == 0:
        let_others_be_narrow(ufunc, bfloat16)


include "loops/row_ufuncs.pxi"
include "loops/gates.pxi"
