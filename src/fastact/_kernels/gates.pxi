# Gated linear units of contiguous arrays, without NumPy's iterator: it calls a loop for each row of halves, and costs
# as much as the activation of a hundred elements.

cdef struct Halves:  # what the parts of one call have in common
    void* kernel
    int operands
    Py_ssize_t size
    Py_ssize_t chunk            # elements of a half that lie side by side
    char* start[MOST_INPUTS + 1]
    int chunks[MOST_INPUTS + 1]  # from one chunk of an operand to its next: 2, if the other half lies between


cdef void halves_part(const void* work, Py_ssize_t start, Py_ssize_t stop) noexcept nogil:
    cdef const Halves* h = <const Halves*>work
    cdef char* args[MOST_INPUTS + 1]
    cdef Py_ssize_t which
    cdef Py_ssize_t place
    cdef Py_ssize_t m
    cdef int k
    while start < stop:
        which = start // h.chunk
        place = start - which * h.chunk
        m = min(h.chunk - place, stop - start)
        for k in range(h.operands):
            args[k] = h.start[k] + (which * h.chunks[k] * h.chunk + place) * h.size
        call(h.kernel, h.operands - 1, args, args[h.operands - 1], m)
        start += m


cdef class GateFunction:
    """A gated linear unit, or its gradient, for contiguous arrays of float32 or float64."""

    cdef void* kernels[2]
    cdef bint gradient

    def __init__(self, f32, f64, str loop_name, bint gradient):
        self.kernels[0] = <void*><size_t>f32.LOOPS[loop_name][0]
        self.kernels[1] = <void*><size_t>f64.LOOPS[loop_name][0]
        self.gradient = gradient

    cdef void operand(self, Halves* h, cnp.ndarray x, bint both):
        # the array x, or both its halves, as the next operands
        cdef int half
        for half in range(1 + both):
            h.start[h.operands] = cnp.PyArray_BYTES(x) + half * h.chunk * h.size
            h.chunks[h.operands] = 1 + both
            h.operands += 1

    def shortcut(self, axis, out, x, dy=None):
        """The result for such arrays, along an axis of even length; None if it is not as simple as that."""
        cdef cnp.ndarray whole
        cdef cnp.ndarray result
        cdef cnp.npy_intp shape[64]
        cdef Halves h
        cdef Py_ssize_t n = 1
        cdef int number
        cdef int ndim
        cdef int along
        cdef int k
        if type(x) is not cnp.ndarray or type(axis) is not int:
            return None
        whole = x
        number = cnp.PyArray_TYPE(whole)
        ndim = cnp.PyArray_NDIM(whole)
        if number != cnp.NPY_FLOAT and number != cnp.NPY_DOUBLE or not plain(whole) or not -ndim <= axis < ndim:
            return None
        along = axis if axis >= 0 else axis + ndim
        if cnp.PyArray_DIM(whole, along) % 2:
            return None
        h.operands, h.size, h.chunk = 0, 4 if number == cnp.NPY_FLOAT else 8, 1
        h.kernel = self.kernels[number != cnp.NPY_FLOAT]
        for k in range(ndim):
            shape[k] = cnp.PyArray_DIM(whole, k) // (2 if k == along else 1)
            n *= shape[k]
            if k >= along:
                h.chunk *= shape[k]
        if self.gradient:
            if not fits(dy, number, ndim, shape):
                return None
            self.operand(&h, dy, False)
        self.operand(&h, whole, True)
        if self.gradient:
            shape[along] *= 2
        result = result_in(out, number, ndim, shape)
        if result is None or overlap(result, whole) or self.gradient and overlap(result, dy):
            return None
        self.operand(&h, result, self.gradient)
        carry_out(&halves_part, &h, n)
        return result
