# What the ways past NumPy's iterator share: which arrays take them, where a result goes, and the call itself.

cdef enum:
    FEW = 500  # elements for which NumPy, too, keeps Python's lock: to give it away and take it back costs as much


cdef inline bint plain(cnp.ndarray x):
    return cnp.PyArray_ISCARRAY_RO(x)


cdef bint fits(x, int number, int ndim, const cnp.npy_intp* shape):
    # whether x is a contiguous array of that type and shape
    cdef int k
    if type(x) is not cnp.ndarray or cnp.PyArray_TYPE(x) != number or cnp.PyArray_NDIM(x) != ndim or not plain(x):
        return False
    for k in range(ndim):
        if cnp.PyArray_DIM(x, k) != shape[k]:
            return False
    return True


cdef cnp.ndarray result_in(out, int number, int ndim, cnp.npy_intp* shape):
    # a new array of that type and shape, or `out`; None if it is not one that may be written
    if out is None:
        return cnp.PyArray_EMPTY(ndim, shape, number, 0)
    return out if fits(out, number, ndim, shape) and cnp.PyArray_ISWRITEABLE(out) else None


cdef inline bint overlap(cnp.ndarray a, cnp.ndarray b):
    cdef char* a_start = cnp.PyArray_BYTES(a)
    cdef char* b_start = cnp.PyArray_BYTES(b)
    return a_start < b_start + cnp.PyArray_NBYTES(b) and b_start < a_start + cnp.PyArray_NBYTES(a)


cdef inline void carry_out(share_of_work part, const void* work, Py_ssize_t n) noexcept:
    # the work on n elements, by as many threads as it is worth; the floating-point flags stay as they are
    cdef fp_flags flags = save_fp_flags()
    if n < FEW:
        part(work, 0, n)
    else:
        with nogil:
            share_out(part, work, n, SAMPLE, BLOCK)
    restore_fp_flags(flags)
