# What the ways past NumPy's iterator share: which arrays take them, where a result goes, and the call itself.

cdef enum:
    FEW_ELEMENTS = 500  # for which NumPy, too, keeps Python's lock: to give it away and take it back costs as much


cdef bint agrees(x, int number, int ndim, const cnp.npy_intp* shape):
    # whether x is an array of that type and shape
    cdef int k
    if type(x) is not cnp.ndarray or cnp.PyArray_TYPE(x) != number or cnp.PyArray_NDIM(x) != ndim:
        return False
    for k in range(ndim):
        if cnp.PyArray_DIM(x, k) != shape[k]:
            return False
    return cnp.PyArray_ISBEHAVED_RO(x)


cdef inline bint plain(cnp.ndarray x):
    return cnp.PyArray_ISCARRAY_RO(x)


cdef bint fits(x, int number, int ndim, const cnp.npy_intp* shape):
    # whether it is contiguous, too
    return agrees(x, number, ndim, shape) and plain(x)


cdef cnp.ndarray result_in(out, int number, int ndim, cnp.npy_intp* shape):
    # a new array of that type and shape, or `out`; None if it is not one that may be written
    if out is None:
        return cnp.PyArray_EMPTY(ndim, shape, number, 0)
    return out if agrees(out, number, ndim, shape) and cnp.PyArray_ISWRITEABLE(out) else None


cdef cnp.ndarray contiguous_result_in(out, int number, int ndim, cnp.npy_intp* shape):
    cdef cnp.ndarray result = result_in(out, number, ndim, shape)
    return result if result is not None and plain(result) else None


cdef inline Span span_of_plain(cnp.ndarray x):
    return [cnp.PyArray_BYTES(x), cnp.PyArray_BYTES(x) + cnp.PyArray_NBYTES(x)]


cdef inline void carry_out(share_of_work part, const void* work, Py_ssize_t n) noexcept:
    # the work on n elements, by as many threads as it is worth; the floating-point flags stay as they are
    cdef fp_flags flags = save_fp_flags()
    if n < FEW_ELEMENTS:
        part(work, 0, n)
    else:
        with nogil:
            share_out(part, work, n, SAMPLE, BLOCK)
    restore_fp_flags(flags)


cdef bint as_numpy_orders(const Loop* loop, const Arrays* arrays) noexcept:
    # whether a new result of NumPy's is in C order, as it is if all operands are
    cdef int k
    for k in range(loop.inputs):
        if not is_parameter(loop, k) and not in_c_order(arrays, k, size_of(loop, k)):
            return False
    return True


cdef bint compute(const Loop* loop, Arrays* arrays, bint new_result, Py_ssize_t n, Py_ssize_t shortest) noexcept:
    # n elements; False, and nothing is done, where NumPy would give a new result another order, or copy operands first,
    # or rows are shorter than that
    cdef Overlap overlap = APART
    cdef Call c
    if n == 0:
        return True
    if new_result:
        if arrays.ndim > 1 and not as_numpy_orders(loop, arrays):
            return False
    else:
        overlap = overlap_of(loop, arrays)
        if overlap == IN_TURN:
            return False
    if arrays.ndim > 1:
        join_axes(arrays)
        if arrays.ndim > 1 and arrays.shape[arrays.ndim - 1] < shortest:
            return False
    arrange(&c, loop, arrays.start, arrays.steps[arrays.ndim - 1], arrays.shape[arrays.ndim - 1], overlap)
    if arrays.ndim > 1:
        c.rows = arrays
    carry_out(&elementwise_part, &c, n)
    return True
