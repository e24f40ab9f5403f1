# Where the arrays of a call stand in memory: their shape and steps, which overlap, and which are in C order.

cdef struct Arrays:  # of one shape; the last axis is a row, for which a kernel is called
    int count
    int ndim
    cnp.npy_intp shape[MOST_AXES]
    char* start[MOST_ARGS]
    cnp.npy_intp steps[MOST_AXES][MOST_ARGS]


cdef struct Span:  # of memory
    const char* low
    const char* high


cdef enum Overlap:  # of the results and the inputs of a call
    APART
    IN_PLACE  # a result overwrites inputs, element by element
    IN_TURN   # elements need those before them: the work has to be done one by one, or left to NumPy


cdef bint begin(Arrays* arrays, int ndim, const cnp.npy_intp* shape) noexcept nogil:
    # False if they have too many axes, or are numbers, of which NumPy makes scalars
    cdef int axis
    if not 0 < ndim <= MOST_AXES:
        return False
    arrays.count, arrays.ndim = 0, ndim
    for axis in range(ndim):
        arrays.shape[axis] = shape[axis]
    return True


cdef void add(Arrays* arrays, char* start, const cnp.npy_intp* strides) noexcept nogil:
    # an array; strides of NULL: a number
    cdef int axis
    arrays.start[arrays.count] = start
    for axis in range(arrays.ndim):
        arrays.steps[axis][arrays.count] = strides[axis] if strides else 0
    arrays.count += 1


cdef bint in_c_order(const Arrays* arrays, int k, int size) noexcept nogil:
    # whether the elements of one array, of so many bytes, follow each other so, be it with gaps or backwards
    cdef Py_ssize_t inner = size
    cdef Py_ssize_t step
    cdef int axis
    for axis in range(arrays.ndim - 1, -1, -1):
        if arrays.shape[axis] != 1:
            step = arrays.steps[axis][k]
            step = -step if step < 0 else step
            if step < inner:
                return False
            inner = step * arrays.shape[axis]
    return True


cdef Span span_of(const Arrays* arrays, int k, int size) noexcept nogil:
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


cdef inline bint apart(Span x, Span y) noexcept nogil:
    return x.high <= y.low or y.high <= x.low


cdef bint alike(const Arrays* arrays, int a, int b) noexcept nogil:
    # whether two arrays have their elements in the same places
    cdef int axis
    for axis in range(arrays.ndim):
        if arrays.shape[axis] != 1 and arrays.steps[axis][a] != arrays.steps[axis][b]:
            return False
    return arrays.start[a] == arrays.start[b]


cdef void join_axes(Arrays* arrays) noexcept nogil:
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


cdef inline void move_to_row(const Arrays* rows, Py_ssize_t row, char** args) noexcept nogil:
    # from the first one
    cdef Py_ssize_t place
    cdef int axis
    cdef int k
    for axis in range(rows.ndim - 2, -1, -1):
        place = row % rows.shape[axis]
        row //= rows.shape[axis]
        for k in range(rows.count):
            args[k] += place * rows.steps[axis][k]


cdef Overlap overlap_of(const Loop* loop, const Arrays* arrays) noexcept nogil:
    # of n > 0 elements; IN_TURN, too, for what cannot be told so simply
    cdef Overlap found = APART
    cdef Span result
    cdef int size
    cdef int k
    cdef int y
    for y in range(loop.inputs, loop.args):
        size = size_of(loop, y)
        if not in_c_order(arrays, y, size):
            return IN_TURN
        result = span_of(arrays, y, size)
        for k in range(loop.inputs):
            if not apart(span_of(arrays, k, size_of(loop, k)), result):
                # NumPy lets operands of a loop overlap otherwise only where each element needs those before it.
                if not alike(arrays, k, y):
                    return IN_TURN
                found = IN_PLACE
    return found
