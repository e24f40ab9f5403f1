# What the ways past NumPy's iterator share: which arrays take them, where a result goes, and the call itself.

cdef enum:
    FEW = 500  # elements for which NumPy, too, keeps Python's lock: to give it away and take it back costs as much


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


cdef inline bint overlap(cnp.ndarray a, cnp.ndarray b):
    # of contiguous arrays
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


cdef bint begin(Arrays* arrays, int ndim, const cnp.npy_intp* shape) noexcept:
    # False if they have too many axes, or are numbers, of which NumPy makes scalars
    cdef int axis
    if not 0 < ndim <= MOST_AXES:
        return False
    arrays.count, arrays.ndim = 0, ndim
    for axis in range(ndim):
        arrays.shape[axis] = shape[axis]
    return True


cdef void add(Arrays* arrays, char* start, const cnp.npy_intp* strides) noexcept:
    # an array; strides of NULL: a number
    cdef int axis
    arrays.start[arrays.count] = start
    for axis in range(arrays.ndim):
        arrays.steps[axis][arrays.count] = strides[axis] if strides else 0
    arrays.count += 1


cdef bint in_c_order(const Arrays* arrays, int k) noexcept:
    # whether the elements of one array follow each other so, be it with gaps or backwards
    cdef Py_ssize_t inner = 1
    cdef Py_ssize_t step
    cdef int axis
    for axis in range(arrays.ndim - 1, -1, -1):
        if arrays.shape[axis] != 1:
            step = abs(arrays.steps[axis][k])
            if step < inner:
                return False
            inner = step * arrays.shape[axis]
    return True


cdef Span span_of(const Arrays* arrays, int k, int size) noexcept:
    # the memory from the first to the last of an array's elements; there are some
    cdef const char* low = arrays.start[k]
    cdef const char* high = low + size
    cdef Py_ssize_t length
    cdef int axis
    for axis in range(arrays.ndim):
        length = arrays.steps[axis][k] * (arrays.shape[axis] - 1)
        if length < 0:
            low += length
        else:
            high += length
    return [low, high]


cdef bint alike(const Arrays* arrays, int a, int b) noexcept:
    # whether two arrays have their elements in the same places
    cdef int axis
    for axis in range(arrays.ndim):
        if arrays.shape[axis] != 1 and arrays.steps[axis][a] != arrays.steps[axis][b]:
            return False
    return arrays.start[a] == arrays.start[b]


cdef void join_axes(Arrays* arrays) noexcept:
    # Axes along which all arrays go on as along the next one become one with it; those of length 1 go.
    cdef bint joined
    cdef int axes = 0
    cdef int axis
    cdef int k
    for axis in range(arrays.ndim):
        if arrays.shape[axis] == 1 and (axes > 0 or axis < arrays.ndim - 1):
            continue
        joined = axes > 0
        for k in range(arrays.count):
            joined = joined and arrays.steps[axes - 1][k] == arrays.steps[axis][k] * arrays.shape[axis]
        axes += not joined
        arrays.shape[axes - 1] = arrays.shape[axis] * (arrays.shape[axes - 1] if joined else 1)
        for k in range(arrays.count):
            arrays.steps[axes - 1][k] = arrays.steps[axis][k]
    arrays.ndim = axes


cdef bint as_numpy_orders(const Loop* loop, const Arrays* arrays) noexcept:
    # whether a new result of NumPy's is in C order, as it is if all operands are
    cdef int k
    for k in range(loop.inputs):
        if not is_parameter(loop, k) and not in_c_order(arrays, k):
            return False
    return True


cdef Overlap overlap_of_arrays(const Loop* loop, const Arrays* arrays) noexcept:
    # IN_TURN, too, for what cannot be told so simply
    cdef Overlap found = APART
    cdef Span result
    cdef int k
    cdef int y
    for y in range(loop.inputs, loop.args):
        if not in_c_order(arrays, y):
            return IN_TURN
        result = span_of(arrays, y, size_of(loop, y))
        for k in range(loop.inputs):
            if not is_parameter(loop, k) and not apart(span_of(arrays, k, size_of(loop, k)), result):
                if not alike(arrays, k, y):
                    return IN_TURN
                found = IN_PLACE
    return found


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
        overlap = overlap_of_arrays(loop, arrays)
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
