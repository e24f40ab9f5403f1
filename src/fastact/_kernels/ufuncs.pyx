# The loops that NumPy calls, and the ufuncs made of them. Compiled once, for every CPU.
#
# A kernel takes contiguous, aligned operands of one type that do not overlap. What else may come is
# settled here, for all kernels at once: other strides, operands in place, float16 and the
# floating-point flags. So the bits of a result cannot depend on where it stands.
# distutils: define_macros=NPY_TARGET_VERSION=NPY_2_0_API_VERSION
cimport numpy as cnp
from libc.stdint cimport uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy

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
    #define MOST_INPUTS 4
    #define SAMPLE 4096  /* elements by which a call measures whether it is worth several threads */
    #define BLOCK 512    /* elements gathered at a time: all operands of a block stay in the first cache */
    """
    const int MOST_INPUTS
    const int SAMPLE
    const int BLOCK

include "threads.pxi"

ctypedef void (*Kernel1)(char*, char*, Py_ssize_t) noexcept nogil
ctypedef void (*Kernel2)(char*, char*, char*, Py_ssize_t) noexcept nogil
ctypedef void (*Kernel3)(char*, char*, char*, char*, Py_ssize_t) noexcept nogil
ctypedef void (*Kernel4)(char*, char*, char*, char*, char*, Py_ssize_t) noexcept nogil


cdef struct Loop:
    void* kernel
    void* uniform      # the kernel for parameters that are the same for all elements, or NULL
    int inputs         # operands, then parameters
    int parameters
    int size           # bytes of an element as the kernel takes it
    int double_inputs  # so many of the last inputs are double, and the kernel takes float
    int narrow_inputs  # so many of the first inputs are float16, and so is the output then:
    Kernel1 widen      # converted to what the kernel takes,
    Kernel1 narrow     # and back; NULL for the kernel's own type


cdef inline void call(void* kernel, int inputs, char** x, char* y, Py_ssize_t n) noexcept nogil:
    if inputs == 1:
        (<Kernel1>kernel)(x[0], y, n)
    elif inputs == 2:
        (<Kernel2>kernel)(x[0], x[1], y, n)
    elif inputs == 3:
        (<Kernel3>kernel)(x[0], x[1], x[2], y, n)
    else:
        (<Kernel4>kernel)(x[0], x[1], x[2], x[3], y, n)


ctypedef fused element:
    uint16_t
    uint32_t
    uint64_t


cdef inline void copy(element* to, Py_ssize_t to_step, const element* source, Py_ssize_t step,
                      Py_ssize_t n) noexcept nogil:
    # steps in bytes; the usual ones as constants, with which the compiler vectorises
    cdef Py_ssize_t size = sizeof(element)
    cdef Py_ssize_t i
    if to_step == size and step == -size:
        for i in range(n):
            to[i] = source[-i]
    elif to_step == size and step == 2 * size:
        for i in range(n):
            to[i] = source[2 * i]
    elif to_step == -size and step == size:
        for i in range(n):
            to[-i] = source[i]
    else:
        for i in range(n):
            (<element*>(<char*>to + i * to_step))[0] = (<const element*>(<const char*>source + i * step))[0]


cdef inline void copy_strided(char* to, Py_ssize_t to_step, const char* source, Py_ssize_t step,
                              Py_ssize_t n, int size) noexcept nogil:
    if to_step == size and step == size:
        memcpy(to, source, n * size)
    elif size == 2:
        copy(<uint16_t*>to, to_step, <const uint16_t*>source, step, n)
    elif size == 4:
        copy(<uint32_t*>to, to_step, <const uint32_t*>source, step, n)
    else:
        copy(<uint64_t*>to, to_step, <const uint64_t*>source, step, n)


cdef inline int size_of(const Loop* loop, int operand) noexcept nogil:
    if operand >= loop.inputs - loop.double_inputs:
        return sizeof(double)
    return 2 if operand < loop.narrow_inputs else loop.size


cdef inline char* gathered(const Loop* loop, int operand, char* x, Py_ssize_t step, Py_ssize_t n,
                           char* room) noexcept nogil:
    # n elements of an operand as the kernel takes them: in place if they are so already, else in `room`
    cdef uint16_t halves[BLOCK]
    cdef Py_ssize_t i
    if operand >= loop.inputs - loop.double_inputs:
        for i in range(n):
            (<float*>room)[i] = <float>(<const double*>(x + i * step))[0]
    elif operand >= loop.narrow_inputs:
        if step == loop.size:
            return x
        copy_strided(room, loop.size, x, step, n, loop.size)
    elif step == 2:
        loop.widen(x, room, n)
    else:
        copy_strided(<char*>halves, 2, x, step, n, 2)
        loop.widen(<char*>halves, room, n)
    return room


cdef inline void scatter(const Loop* loop, char* room, char* y, Py_ssize_t step, Py_ssize_t n) noexcept nogil:
    cdef uint16_t halves[BLOCK]
    if loop.narrow == NULL:
        copy_strided(y, step, room, loop.size, n, loop.size)
    elif step == 2:
        loop.narrow(room, y, n)
    else:
        loop.narrow(room, <char*>halves, n)
        copy_strided(y, step, <char*>halves, 2, n, 2)


cdef inline bint apart(char* x, Py_ssize_t x_step, int x_size, char* y, Py_ssize_t y_step, int y_size,
                       Py_ssize_t n) noexcept nogil:
    # whether the memory between the first and the last element of x and that of y are disjoint
    cdef char* x_low = x + (n - 1) * x_step if x_step < 0 else x
    cdef char* x_high = (x if x_step < 0 else x + (n - 1) * x_step) + x_size
    cdef char* y_low = y + (n - 1) * y_step if y_step < 0 else y
    cdef char* y_high = (y if y_step < 0 else y + (n - 1) * y_step) + y_size
    return x_high <= y_low or y_high <= x_low


cdef struct Call:  # what the parts of one call have in common
    const Loop* loop
    void* kernel
    char** args
    cnp.npy_intp* steps
    int block      # elements gathered at a time; 0: the kernel takes the operands as they are
    bint in_place  # the result overwrites an operand


# Tried and rejected: to write results of 16 MB and more past the caches, block by block through room on the stack. With
# operands that begin a line of the cache relu took 0.8 of the time, otherwise up to 1.6, and exponential always 1.1.
cdef void elementwise_part(const void* work, Py_ssize_t start, Py_ssize_t stop) noexcept nogil:
    cdef const Call* c = <const Call*>work
    cdef int inputs = c.loop.inputs
    cdef char* args[MOST_INPUTS + 1]
    cdef int k
    for k in range(inputs + 1):
        args[k] = c.args[k] + start * c.steps[k]
    if c.block == 0:
        call(c.kernel, inputs, args, args[inputs], stop - start)
    else:
        in_blocks(c, args, stop - start)


cdef void in_blocks(const Call* c, char** args, Py_ssize_t n) noexcept nogil:
    cdef const Loop* loop = c.loop
    cdef cnp.npy_intp* steps = c.steps
    cdef char rooms[(MOST_INPUTS + 1) * BLOCK * 8]
    cdef char* x[MOST_INPUTS]
    cdef char* y = args[loop.inputs]
    cdef Py_ssize_t y_step = steps[loop.inputs]
    cdef bint y_direct = loop.narrow == NULL and y_step == loop.size and not c.in_place
    cdef char* y_room = rooms + MOST_INPUTS * BLOCK * 8
    cdef Py_ssize_t start = 0
    cdef Py_ssize_t m
    cdef int k
    while start < n:
        m = min(<Py_ssize_t>c.block, n - start)
        for k in range(loop.inputs):
            if steps[k] != 0 or start == 0 or c.block == 1:  # a broadcast operand is spread out once
                x[k] = gathered(loop, k, args[k] + start * steps[k], steps[k], m, rooms + k * BLOCK * 8)
        if y_direct:
            call(c.kernel, loop.inputs, x, y + start * y_step, m)
        else:
            call(c.kernel, loop.inputs, x, y_room, m)
            scatter(loop, y_room, y + start * y_step, y_step, m)
        start += m


cdef void elementwise_loop(char** args, cnp.npy_intp* dimensions, cnp.npy_intp* steps, void* data) noexcept nogil:
    cdef const Loop* loop = <const Loop*>data
    cdef Py_ssize_t n = dimensions[0]
    cdef char* y = args[loop.inputs]
    cdef Py_ssize_t y_step = steps[loop.inputs]
    cdef int y_size = loop.size if loop.narrow == NULL else 2
    cdef bint contiguous = loop.narrow == NULL and loop.double_inputs == 0 and (n == 1 or y_step == y_size)
    cdef bint uniform = loop.parameters > 0
    cdef bint in_turn = y_step == 0 and n > 1
    cdef Call c
    cdef fp_flags flags = save_fp_flags()
    cdef int k
    if n <= 0:
        return
    for k in range(loop.inputs - loop.parameters, loop.inputs):
        uniform = uniform and (n == 1 or steps[k] == 0)
    c.loop, c.args, c.steps, c.in_place = loop, args, steps, False
    c.kernel = loop.uniform if uniform else loop.kernel
    for k in range(loop.inputs):
        contiguous = contiguous and (n == 1 or steps[k] == y_size or (uniform and k >= loop.inputs - loop.parameters))
        if not apart(args[k], steps[k], size_of(loop, k), y, y_step, y_size, n):
            c.in_place = True
            # NumPy lets operands overlap otherwise only where each element needs those before it (accumulate).
            in_turn = in_turn or args[k] != y or (steps[k] != y_step and n > 1)
    if in_turn:
        c.block, c.in_place = 1, True
        elementwise_part(&c, 0, n)
    else:
        c.block = 0 if contiguous and not c.in_place else BLOCK
        share_out(&elementwise_part, &c, n, SAMPLE, BLOCK)
    restore_fp_flags(flags)


include "row_loops.pxi"
include "shortcuts.pxi"
include "direct.pxi"
include "promotion.pxi"
include "forwarding.pxi"


# -- making ufuncs ------------------------------------------------------------------------------

cdef list keep_alive = []  # NumPy keeps pointers to the names and docstrings of a ufunc


cdef void prepare(Loop* loop, tuple kernel, int inputs, int size, tuple conversions, bint of_numbers):
    # `conversions`: operands are of a narrow type; `of_numbers`: parameters are double, whatever the operands are
    loop.kernel = <void*><size_t>kernel[0]
    loop.uniform = <void*><size_t>kernel[1]
    loop.parameters = kernel[2]
    loop.inputs = inputs
    loop.size = size
    if of_numbers and size == sizeof(float):
        loop.double_inputs = loop.parameters
    if conversions is not None:
        loop.narrow_inputs = inputs - loop.double_inputs
        loop.widen = <Kernel1><size_t>conversions[0]
        loop.narrow = <Kernel1><size_t>conversions[1]


cdef inline int type_of(const Loop* loop, int operand, int number):
    # of an operand of a loop for the dtype of that number; the last operand is the result
    return cnp.NPY_DOUBLE if loop.inputs - loop.double_inputs <= operand < loop.inputs else number


def elementwise_ufunc(str name, str doc, int inputs, f32, f64, str loop_name, bint of_numbers=False):
    """A ufunc of the loops called `loop_name` in the kernel modules f32 and f64.

    If it is one `of_numbers`, its parameters, the last inputs, are double and do not decide the type of the
    result: for Python's numbers. As float16, 0.01 would be 0.010002.
    """
    # in this order: NumPy takes the first that fits, and small integers should become float32
    cdef list loops = [
        (cnp.NPY_FLOAT, f32.LOOPS[loop_name], 4, None),
        (cnp.NPY_DOUBLE, f64.LOOPS[loop_name], 8, None),
        (cnp.NPY_FLOAT16, f32.LOOPS[loop_name], 4, f32.CONVERSIONS["float16"]),
    ]
    cdef int count = len(loops)
    cdef cnp.PyUFuncGenericFunction* functions = <cnp.PyUFuncGenericFunction*>calloc(count, sizeof(void*))
    cdef void** data = <void**>calloc(count, sizeof(void*))
    cdef char* types = <char*>calloc(count, inputs + 1)
    cdef Loop* prepared = <Loop*>calloc(count, sizeof(Loop))
    cdef bytes c_name = name.encode()
    cdef bytes c_doc = doc.encode()
    cdef int k
    cdef int operand
    keep_alive.extend([c_name, c_doc])
    for k in range(count):
        number, kernel, size, conversions = loops[k]
        prepare(&prepared[k], kernel, inputs, size, conversions, of_numbers)
        functions[k] = <cnp.PyUFuncGenericFunction>&elementwise_loop
        data[k] = &prepared[k]
        for operand in range(inputs + 1):
            types[k * (inputs + 1) + operand] = type_of(&prepared[k], operand, number)
    ufunc = cnp.PyUFunc_FromFuncAndData(functions, data, types, count, inputs, 1, cnp.PyUFunc_None, c_name, c_doc, 0)
    if prepared[0].parameters == 0:
        call_directly(ufunc)
        let_numbers_be_narrow(ufunc, cnp.NPY_FLOAT16)
    return ufunc


def add_bfloat16(cnp.ufunc ufunc, int bfloat16, f32, str loop_name, bint of_numbers=False):
    """Give an elementwise ufunc a loop for the user-defined dtype of that number."""
    cdef int inputs = ufunc.nin
    cdef Loop* loop = <Loop*>calloc(1, sizeof(Loop))
    cdef int* types = <int*>calloc(inputs + 1, sizeof(int))
    cdef int operand
    prepare(loop, f32.LOOPS[loop_name], inputs, 4, f32.CONVERSIONS["bfloat16"], of_numbers)
    for operand in range(inputs + 1):
        types[operand] = type_of(loop, operand, bfloat16)
    cnp.PyUFunc_RegisterLoopForType(ufunc, bfloat16, <cnp.PyUFuncGenericFunction>&elementwise_loop, types, loop)
    if loop.parameters == 0:
        let_numbers_be_narrow(ufunc, bfloat16)


include "row_ufuncs.pxi"
include "gates.pxi"
