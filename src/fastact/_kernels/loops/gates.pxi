# Gated linear units of arrays of one dtype, without NumPy's iterator, which costs as much as the activation of a
# hundred elements.

cdef class GateFunction:
    """A gated linear unit, or its gradient, for arrays of float16, float32 or float64, be they views."""

    cdef Loop loops[DTYPES]
    cdef bint gradient

    def __init__(self, f32, f64, str loop_name, bint gradient):
        prepare_all(&self.loops[0], f32, f64, loop_name, 3 if gradient else 2, False, 2 if gradient else 1)
        self.gradient = gradient

    def shortcut(self, axis, out, x, dy=None):
        """The result for such arrays, along an axis of even length; None if it is not as simple as that."""
        cdef cnp.ndarray whole
        cdef cnp.ndarray gradient
        cdef cnp.ndarray result
        cdef Arrays arrays
        cdef Py_ssize_t n
        cdef int dtype
        cdef int number
        cdef int ndim
        cdef int along
        if type(x) is not cnp.ndarray or type(axis) is not int:
            return None
        whole = x
        dtype = loop_for(cnp.PyArray_TYPE(whole))
        ndim = cnp.PyArray_NDIM(whole)
        if dtype < 0 or not -ndim <= axis < ndim or not cnp.PyArray_ISBEHAVED_RO(whole):
            return None
        if not begin(&arrays, ndim, cnp.PyArray_DIMS(whole)):
            return None
        number = NUMBERS[dtype]
        along = axis if axis >= 0 else axis + ndim
        if cnp.PyArray_DIM(whole, along) % 2:
            return None
        arrays.shape[along] //= 2
        if self.gradient:
            if not agrees(dy, number, ndim, arrays.shape):
                return None
            gradient = dy
            add(&arrays, cnp.PyArray_BYTES(gradient), cnp.PyArray_STRIDES(gradient))
        add_halves(&arrays, whole, along)
        if self.gradient:  # contiguous: elements that its halves share would depend on the order of the work
            result = contiguous_result_in(out, number, ndim, cnp.PyArray_DIMS(whole))
        else:
            result = result_in(out, number, ndim, arrays.shape)
        if result is None:
            return None
        if self.gradient:
            add_halves(&arrays, result, along)
        else:
            add(&arrays, cnp.PyArray_BYTES(result), cnp.PyArray_STRIDES(result))
        n = cnp.PyArray_SIZE(whole) // 2
        return result if compute(&self.loops[dtype], &arrays, out is None, n, 0) else None


cdef void add_halves(Arrays* arrays, cnp.ndarray whole, int axis) noexcept:
    cdef char* start = cnp.PyArray_BYTES(whole)
    add(arrays, start, cnp.PyArray_STRIDES(whole))
    add(arrays, start + arrays.shape[axis] * cnp.PyArray_STRIDE(whole, axis), cnp.PyArray_STRIDES(whole))
