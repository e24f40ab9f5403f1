# The operations of a training step, bound to fixed arrays or called on them. Compiled once, for every CPU.
#
# An operation is made once and called in every step, so that a step allocates nothing and costs little
# Python. Arrays are checked when it is made: C-contiguous, of one dtype, of sizes that fit.
cimport numpy as cnp
from libc.stdint cimport int64_t
from libc.string cimport memcpy, memset

import numpy as np

from fastact._dispatch import f32, f64

cdef extern from "portable.h" nogil:
    ctypedef struct fp_flags:
        pass
    fp_flags save_fp_flags()
    void restore_fp_flags(fp_flags flags)
    void flush_subnormals()

cdef extern from "numpy/arrayobject.h":
    object PyArray_MatrixProduct2(object a, object b, cnp.ndarray out)

cnp.import_array()

include "kernel_types.pxi"

ctypedef void (*ProductKernel)(void*, Py_ssize_t, Py_ssize_t, void*, Py_ssize_t, Py_ssize_t, void*, Py_ssize_t,
                               Py_ssize_t, Py_ssize_t) noexcept nogil
ctypedef void (*MatrixVectorKernel)(void*, void*, Py_ssize_t, Py_ssize_t) noexcept nogil
ctypedef void (*LossKernel)(void*, void*, void*, void*, Py_ssize_t*, double*, Py_ssize_t, Py_ssize_t, double,
                            double, Py_ssize_t*) noexcept nogil
ctypedef void (*WeightKernel)(void*, void*, void*, Py_ssize_t, Py_ssize_t, Py_ssize_t) noexcept nogil
ctypedef double (*SumKernel)(void*, Py_ssize_t) noexcept nogil
ctypedef bint (*FiniteKernel)(void*, Py_ssize_t) noexcept nogil
ctypedef void (*MaskKernel)(void*, void*, double, void*, Py_ssize_t) noexcept nogil
ctypedef double (*PenaltyKernel)(void*, Py_ssize_t, double, double) noexcept nogil
ctypedef void (*PenaltyGradientKernel)(void*, void*, Py_ssize_t, double, double) noexcept nogil
ctypedef void (*ClipKernel)(void*, Py_ssize_t, double) noexcept nogil
ctypedef void (*UpdateKernel)(void*, void*, void*, void*, void*, Py_ssize_t, double, double, double, double,
                              double) noexcept nogil


cdef int checked(tuple arrays, tuple sizes) except -1:
    # 0 for float32, 1 for float64. A mistake found here is one of fastact's own, and would corrupt memory.
    cdef int kind = cnp.PyArray_TYPE(arrays[0])
    for array, size in zip(arrays, sizes, strict=True):
        if not cnp.PyArray_IS_C_CONTIGUOUS(array) or cnp.PyArray_TYPE(array) != kind or array.size != size:
            raise ValueError(f"expected {size} contiguous elements, got {array.shape} of {array.dtype}")
    if kind not in (cnp.NPY_FLOAT, cnp.NPY_DOUBLE):
        raise TypeError(f"expected float32 or float64, got {arrays[0].dtype}")
    return kind == cnp.NPY_DOUBLE


cdef size_t address(str name, bint double):
    return (f64 if double else f32).TRAINING[name]


cdef inline void* memory(cnp.ndarray array) noexcept:
    return cnp.PyArray_DATA(array)


#: a product of at most so many multiplications costs less here than the way to BLAS
cdef Py_ssize_t SMALL_PRODUCT = 1024


cdef class Product:
    """``out[:] = a @ b`` for matrices; a call is np.dot without its Python, and for small ones without BLAS."""

    cdef readonly cnp.ndarray a
    cdef readonly cnp.ndarray b
    cdef readonly cnp.ndarray out
    cdef ProductKernel kernel

    def __init__(self, cnp.ndarray a, cnp.ndarray b, cnp.ndarray out):
        self.a, self.b, self.out = a, b, out
        PyArray_MatrixProduct2(a, b, out)  # which checks them
        if a.size * b.shape[1] <= SMALL_PRODUCT:
            self.kernel = <ProductKernel>address("product", out.dtype == np.float64)

    def __call__(self):
        cdef fp_flags flags
        cdef Py_ssize_t size
        if self.kernel == NULL:
            PyArray_MatrixProduct2(self.a, self.b, self.out)
            return
        flags = save_fp_flags()
        size = cnp.PyArray_ITEMSIZE(self.out)
        self.kernel(memory(self.a), self.a.strides[0] // size, self.a.strides[1] // size,
                    memory(self.b), self.b.strides[0] // size, self.b.strides[1] // size,
                    memory(self.out), self.a.shape[0], self.a.shape[1], self.b.shape[1])
        restore_fp_flags(flags)


cdef class Elementwise:
    """``out[:] = kernel(*inputs)``, the loop of an activation without what NumPy does around it.

    All are contiguous; the last `parameters` inputs are single numbers.
    """

    cdef void* kernel
    cdef readonly tuple arrays     # inputs and output; keeps their memory alive
    cdef void* operands[5]
    cdef int inputs
    cdef int parameters
    cdef Py_ssize_t n

    def __init__(self, str name, tuple inputs, cnp.ndarray out, int parameters=0):
        self.n, self.inputs, self.arrays = out.size, len(inputs), (*inputs, out)
        self.parameters = parameters
        sizes = (len(inputs) - parameters) * (self.n,) + parameters * (1,)
        double = checked((out, *inputs), (self.n, *sizes))
        loop = (f64 if double else f32).LOOPS[name]
        if loop[2] != parameters or not 1 <= self.inputs <= 4:
            raise ValueError(f"{name} has {loop[2]} parameters, got {parameters}")
        self.kernel = <void*><size_t>loop[1 if parameters else 0]
        for k in range(self.inputs + 1):
            self.operands[k] = memory(self.arrays[k])

    def __call__(self):
        cdef fp_flags flags = save_fp_flags()
        self.compute(0, self.n)
        restore_fp_flags(flags)

    cdef void compute(self, Py_ssize_t offset, Py_ssize_t n) noexcept:
        # n elements, which begin `offset` bytes behind the first
        cdef char* x[5]
        cdef int k
        for k in range(self.inputs + 1):
            fixed = self.inputs - self.parameters <= k < self.inputs
            x[k] = <char*>self.operands[k] + (0 if fixed else offset)
        call(self.kernel, self.inputs + 1, x, n)


cdef class Rowwise:
    """A matrix and a vector as long as its rows: ``add_to_rows``, or ``sum_of_rows``, which sets the vector."""

    cdef MatrixVectorKernel kernel
    cdef bint sums
    cdef readonly cnp.ndarray first
    cdef readonly cnp.ndarray second
    cdef Py_ssize_t rows
    cdef Py_ssize_t columns

    def __init__(self, str name, cnp.ndarray matrix, cnp.ndarray vector):
        self.rows, self.columns = matrix.shape[0], matrix.shape[1]
        double = checked((matrix, vector), (self.rows * self.columns, self.columns))
        self.sums = name == "sum_of_rows"
        self.kernel = <MatrixVectorKernel>address("add_rows_to" if self.sums else name, double)
        self.first, self.second = matrix, vector

    def __call__(self):
        cdef fp_flags flags = save_fp_flags()
        self.begin()
        self.kernel(memory(self.first), memory(self.second), self.rows, self.columns)
        restore_fp_flags(flags)

    cdef void begin(self) noexcept:
        if self.sums:
            memset(memory(self.second), 0, cnp.PyArray_NBYTES(self.second))

    cdef void compute(self, Py_ssize_t row, Py_ssize_t rows, Py_ssize_t size) noexcept:
        # so many rows of `size` bytes
        self.kernel(<char*>memory(self.first) + row * size, memory(self.second), rows, self.columns)


#: bytes of a block of rows; with as much of another array or two it fits into the first cache
cdef Py_ssize_t BLOCK_BYTES = 8192


cdef class Blockwise:
    """A bias and the activation after it, or the gradients of both: two passes over a matrix as one.

    It goes over blocks of rows, so that the second finds in the cache what the first has left.
    """

    cdef Rowwise rowwise
    cdef Elementwise elementwise
    cdef bint bias_first
    cdef Py_ssize_t size   # of a row in bytes
    cdef Py_ssize_t step   # rows of a block

    def __init__(self, first, second):
        self.bias_first = isinstance(first, Rowwise)
        self.rowwise, self.elementwise = (first, second) if self.bias_first else (second, first)
        self.size = self.rowwise.columns * cnp.PyArray_ITEMSIZE(self.rowwise.first)
        self.step = max(1, BLOCK_BYTES // self.size)

    @staticmethod
    def fits(first, second):
        """Whether one follows the other on the same matrix."""
        if isinstance(first, Rowwise) and isinstance(second, Elementwise):
            matrix, other = first.first, second.arrays[0]
        elif isinstance(first, Elementwise) and isinstance(second, Rowwise):
            matrix, other = second.first, first.arrays[-1]
        else:
            return False
        return matrix.size == other.size and address_of(matrix) == address_of(other)

    def __call__(self):
        cdef fp_flags flags = save_fp_flags()
        cdef Py_ssize_t row = 0
        cdef Py_ssize_t rows
        self.rowwise.begin()
        while row < self.rowwise.rows:
            rows = min(self.step, self.rowwise.rows - row)
            if self.bias_first:
                self.rowwise.compute(row, rows, self.size)
            self.elementwise.compute(row * self.size, rows * self.rowwise.columns)
            if not self.bias_first:
                self.rowwise.compute(row, rows, self.size)
            row += rows
        restore_fp_flags(flags)


cdef class FusedLoss:
    """A loss of the network's output against `target`, with its gradient, in one pass.

    A call returns `scale` times the mean loss over rows and columns, and counts in `correct` what accuracy
    would call right: rows, but in ``sigmoid_loss`` elements. `losses` holds the value of each row, or
    element, times its row's weight if there are `weights`. `delta` is that of ``huber_loss``.
    """

    cdef LossKernel kernel
    cdef WeightKernel weigh
    cdef SumKernel sum
    cdef readonly cnp.ndarray output
    cdef readonly cnp.ndarray target
    cdef readonly cnp.ndarray gradient
    cdef readonly cnp.ndarray losses
    cdef cnp.ndarray weights   # of the rows, or None
    cdef cnp.ndarray winners   # work space of the softmax losses
    cdef cnp.ndarray rests
    cdef Py_ssize_t rows
    cdef Py_ssize_t columns
    cdef double weight
    cdef double delta
    cdef readonly Py_ssize_t correct

    def __init__(self, str name, cnp.ndarray output, cnp.ndarray target, cnp.ndarray gradient,
                 cnp.ndarray weights=None, double scale=1, double delta=1):
        self.rows, self.columns = output.shape[0], output.shape[1]
        size = self.rows * self.columns
        by_row = name.startswith("softmax")
        self.losses = np.empty(self.rows if by_row else size, output.dtype)
        if name == "softmax_loss_of_labels":
            double = checked((output, gradient), (size, size))
            if target.dtype != np.int64 or target.size != self.rows or not target.flags.c_contiguous:
                raise ValueError(f"expected {self.rows} labels of int64, got {target.dtype} {target.size}")
        else:
            double = checked((output, target, gradient), (size, size, size))
        self.kernel = <LossKernel>address(name, double)
        self.output, self.target, self.gradient = output, target, gradient
        self.winners, self.rests = np.empty(self.rows, np.intp), np.empty(self.rows)
        self.weight, self.delta = scale / max(self.losses.size, 1), delta
        self.weights = weights
        if weights is not None:
            checked((output, weights), (size, self.rows))
        self.weigh = <WeightKernel>address("weigh_rows", double)
        self.sum = <SumKernel>address("sum", double)

    def __call__(self):
        cdef fp_flags flags = save_fp_flags()
        cdef Py_ssize_t n = cnp.PyArray_SIZE(self.losses)
        cdef double total
        self.correct = 0
        self.kernel(memory(self.output), memory(self.target), memory(self.gradient), memory(self.losses),
                    <Py_ssize_t*>memory(self.winners), <double*>memory(self.rests), self.rows, self.columns,
                    self.weight, self.delta, &self.correct)
        if self.weights is not None:
            self.weigh(memory(self.losses), memory(self.gradient), memory(self.weights), self.rows,
                       n // self.rows, self.columns)
        total = self.sum(memory(self.losses), n)
        restore_fp_flags(flags)
        return total * self.weight


def address_of(cnp.ndarray array):
    """Where its first element stands, without the detour of `ctypes`."""
    return <size_t>memory(array)


def run(list operations):
    """Call one after the other."""
    for operation in operations:
        operation()


def gather(cnp.ndarray source, cnp.ndarray order, Py_ssize_t start, cnp.ndarray out):
    """Copy the rows ``order[start], order[start + 1], ...`` of `source` into those of `out`.

    A source of another dtype or layout, which was too large to convert, is converted on the way.
    """
    cdef Py_ssize_t rows = out.shape[0]
    cdef Py_ssize_t size = cnp.PyArray_ITEMSIZE(out) * (cnp.PyArray_SIZE(out) // rows if rows else 0)
    cdef const int64_t* index = <const int64_t*>memory(order) + start
    cdef char* to = <char*>memory(out)
    cdef const char* of = <const char*>memory(source)
    cdef Py_ssize_t i
    if start < 0 or start + rows > order.shape[0]:
        raise IndexError(f"rows {start} to {start + rows} of {order.shape[0]}")
    if cnp.PyArray_TYPE(source) != cnp.PyArray_TYPE(out) or not cnp.PyArray_ISCARRAY_RO(source):
        out[...] = source[order[start:start + rows]]
        return
    for i in range(rows):
        memcpy(to + i * size, of + index[i] * size, size)


def all_finite(cnp.ndarray x):
    """Whether no element of a contiguous array is infinite or NaN."""
    cdef fp_flags flags = save_fp_flags()
    kernel = <FiniteKernel>address("all_finite", checked((x,), (x.size,)))
    result = kernel(memory(x), cnp.PyArray_SIZE(x))
    restore_fp_flags(flags)
    return result


cdef class Mask:
    """``out[:] = x / (1 - rate) where uniform >= rate else 0``."""

    cdef MaskKernel kernel
    cdef cnp.ndarray x
    cdef cnp.ndarray uniform
    cdef cnp.ndarray out
    cdef double rate

    def __init__(self, cnp.ndarray x, cnp.ndarray uniform, double rate, cnp.ndarray out):
        double = checked((x, uniform, out), (x.size, x.size, x.size))
        self.kernel = <MaskKernel>address("drop", double)
        self.x, self.uniform, self.rate, self.out = x, uniform, rate, out

    def __call__(self):
        cdef fp_flags flags = save_fp_flags()
        self.kernel(memory(self.x), memory(self.uniform), self.rate, memory(self.out),
                    cnp.PyArray_SIZE(self.x))
        restore_fp_flags(flags)


cdef class Penalty:
    """``l1 sum(|w|) + l2 sum(w^2)``: a call returns it, and `add_gradient` adds its gradient to `gradient`."""

    cdef PenaltyKernel value
    cdef PenaltyGradientKernel slope
    cdef cnp.ndarray weight
    cdef cnp.ndarray gradient
    cdef double l1
    cdef double l2

    def __init__(self, cnp.ndarray weight, cnp.ndarray gradient, double l1, double l2):
        double = checked((weight, gradient), (weight.size, weight.size))
        self.value = <PenaltyKernel>address("penalty", double)
        self.slope = <PenaltyGradientKernel>address("add_penalty_gradient", double)
        self.weight, self.gradient, self.l1, self.l2 = weight, gradient, l1, l2

    def __call__(self):
        cdef fp_flags flags = save_fp_flags()
        result = self.value(memory(self.weight), cnp.PyArray_SIZE(self.weight), self.l1, self.l2)
        restore_fp_flags(flags)
        return result

    def add_gradient(self):
        cdef fp_flags flags = save_fp_flags()
        self.slope(memory(self.weight), memory(self.gradient), cnp.PyArray_SIZE(self.weight), self.l1, self.l2)
        restore_fp_flags(flags)


cdef class Clip:
    """Limit a gradient in place: ``clip_norm`` its Euclidean norm, ``clip_value`` each element."""

    cdef ClipKernel kernel
    cdef cnp.ndarray gradient
    cdef double limit

    def __init__(self, str name, cnp.ndarray gradient, double limit):
        double = checked((gradient,), (gradient.size,))
        self.kernel = <ClipKernel>address(name, double)
        self.gradient, self.limit = gradient, limit

    def __call__(self):
        cdef fp_flags flags = save_fp_flags()
        self.kernel(memory(self.gradient), cnp.PyArray_SIZE(self.gradient), self.limit)
        restore_fp_flags(flags)


cdef class Update:
    """An optimizer's step over all parameters `p`, with gradients `g` and up to three moments or None.

    A call takes the learning rate, what else the kernel called `name` needs, and the share that each
    parameter loses before. Where a gradient stays 0, as behind a dead relu, moments fade into subnormals,
    and stay at the last few of them for ever; Adam took 1.5 times as long then, so these count as 0.
    """

    cdef UpdateKernel kernel
    cdef tuple arrays     # keeps the memory alive
    cdef void* operands[5]
    cdef Py_ssize_t n

    def __init__(self, str name, *arrays):
        self.n = arrays[0].size
        given = tuple(array for array in arrays if array is not None)
        double = checked(given, len(given) * (self.n,))
        self.kernel = <UpdateKernel>address(name, double)
        self.arrays = given
        for k in range(5):
            self.operands[k] = memory(arrays[k]) if k < len(arrays) and arrays[k] is not None else NULL

    def __call__(self, double rate, double a=0, double b=0, double c=0, double decay=0):
        cdef fp_flags flags = save_fp_flags()
        cdef void** x = self.operands
        flush_subnormals()
        self.kernel(x[0], x[1], x[2], x[3], x[4], self.n, rate, a, b, c, decay)
        restore_fp_flags(flags)
