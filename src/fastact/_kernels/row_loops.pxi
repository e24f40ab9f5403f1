# The loops over rows that NumPy calls: they bring rows of any strides and types to the kernels of rows.pxi.
#
# Rows that are contiguous and of the kernel's own type are handed over where they stand. Others are copied,
# some at a time; those that stand side by side, element by element (axis=0), are transposed, so that memory
# is read in order. Rows are independent: any range of them may be worked on alone.

cdef extern from "transpose.h" nogil:
    void transpose(char* to, Py_ssize_t to_step, const char* source, Py_ssize_t step, Py_ssize_t lines,
                   Py_ssize_t columns, int size)

cdef enum:
    MOST_OPERANDS = 6
    GROUP = 4096             # elements of an operand copied at a time: several short rows,
    SIDE_BY_SIDE = 16        # or so many long ones, the width of a cache line,
    LARGEST_GROUP = 1 << 20  # unless they become larger than this

cdef extern from "Python.h":
    object PyErr_NoMemory()

#: operands, the result last; the bytes from one row to the next in each; rows; elements of a row
ctypedef void (*RowKernel)(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n) noexcept nogil


cdef struct RowOperand:
    bint row           # as many elements as the row has, or one number
    bint narrow        # float16 or bfloat16
    bint negate        # on its way to or from the kernel
    int size           # bytes of an element for the kernel
    double fill        # what stands where the mask is False


cdef struct RowLoop:
    RowKernel kernel
    int operands               # without the mask
    RowOperand operand[MOST_OPERANDS]
    int mask                   # where the mask, rows of bool, stands among the operands of the ufunc, or -1
    Kernel1 widen
    Kernel1 narrow


cdef struct Rows:  # what one operand points at
    char* start
    Py_ssize_t outer   # bytes from one row to the next
    Py_ssize_t inner   # bytes from one element to the next


cdef inline int stored_size(const RowOperand* operand) noexcept nogil:
    return 2 if operand.narrow else operand.size


cdef inline void copy_rows(char* to, Py_ssize_t step, Rows source, Py_ssize_t rows, Py_ssize_t n,
                           int size) noexcept nogil:
    # to contiguous rows
    cdef Py_ssize_t r
    if source.outer == size and source.inner != size:
        transpose(to, step, source.start, source.inner, n, rows, size)
        return
    for r in range(rows):
        copy_strided(to + r * step, size, source.start + r * source.outer, source.inner, n, size)


cdef inline void copy_rows_back(Rows to, const char* source, Py_ssize_t step, Py_ssize_t rows, Py_ssize_t n,
                                int size) noexcept nogil:
    cdef Py_ssize_t r
    if to.outer == size and to.inner != size:
        transpose(to.start, to.inner, source, step, rows, n, size)
        return
    for r in range(rows):
        copy_strided(to.start + r * to.outer, to.inner, source + r * step, size, n, size)


cdef inline void apply_mask(char* row, Py_ssize_t n, int size, Rows mask, Py_ssize_t r, double fill) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        if not (mask.start + r * mask.outer + i * mask.inner)[0]:
            if size == 4:
                (<float*>row)[i] = <float>fill
            else:
                (<double*>row)[i] = fill


cdef inline void negate(char* row, Py_ssize_t n, int size) noexcept nogil:
    cdef Py_ssize_t i
    if size == 4:
        for i in range(n):
            (<float*>row)[i] = -(<float*>row)[i]
    else:
        for i in range(n):
            (<double*>row)[i] = -(<double*>row)[i]


cdef void over_rows(const RowLoop* loop, Rows* operands, Rows mask, Py_ssize_t rows, Py_ssize_t n) noexcept nogil:
    cdef char* args[MOST_OPERANDS]
    cdef Py_ssize_t steps[MOST_OPERANDS]
    cdef bint in_place[MOST_OPERANDS]
    cdef bint all_in_place = loop.mask < 0
    cdef Py_ssize_t group = max(<Py_ssize_t>SIDE_BY_SIDE, GROUP // max(<Py_ssize_t>1, n))
    cdef Py_ssize_t room
    cdef Py_ssize_t offset = 0
    cdef Py_ssize_t start
    cdef Py_ssize_t m
    cdef char* rooms
    cdef int k
    cdef const RowOperand* o
    for k in range(loop.operands):
        o = &loop.operand[k]
        in_place[k] = not o.narrow and not o.negate and (not o.row or n == 1 or operands[k].inner == o.size)
        all_in_place = all_in_place and in_place[k]
        args[k] = operands[k].start
        steps[k] = operands[k].outer
    if all_in_place:
        loop.kernel(args, steps, rows, n)
        return
    if group * n > LARGEST_GROUP:
        group = max(<Py_ssize_t>1, LARGEST_GROUP // n)
    group = min(group, rows)
    room = group * (n * 8 + 128)
    rooms = <char*>malloc(2 * loop.operands * room)
    if rooms == NULL:
        with gil:
            PyErr_NoMemory()
        return
    start = 0
    while start < rows:
        m = min(group, rows - start)
        one_group(loop, operands, mask, start, m, n, rooms, room, in_place)
        start += m
    free(rooms)


cdef inline Rows from_row(Rows rows, Py_ssize_t start) noexcept nogil:
    rows.start += start * rows.outer
    return rows


cdef void one_group(const RowLoop* loop, Rows* operands, Rows mask, Py_ssize_t start, Py_ssize_t m,
                    Py_ssize_t n, char* rooms, Py_ssize_t room, bint* in_place) noexcept nogil:
    cdef char* args[MOST_OPERANDS]
    cdef Py_ssize_t steps[MOST_OPERANDS]
    cdef int result = loop.operands - 1
    cdef char* stored
    cdef Py_ssize_t length
    cdef Py_ssize_t r
    cdef int size
    cdef int k
    cdef const RowOperand* o
    mask.start += start * mask.outer
    for k in range(loop.operands):
        o = &loop.operand[k]
        if in_place[k] and (loop.mask < 0 or not o.row):
            args[k] = operands[k].start + start * operands[k].outer
            steps[k] = operands[k].outer
            continue
        length = n if o.row else 1
        args[k] = rooms + 2 * k * room
        # an odd number of lines: rows of 4,096 bytes would all fall into the same few lines of the cache
        steps[k] = 64 * (length * o.size // 64 + 1 | 1)
        if k == result:
            break
        size = stored_size(o)
        stored = rooms + (2 * k + 1) * room if o.narrow else args[k]
        copy_rows(stored, steps[k], from_row(operands[k], start), m, length, size)
        for r in range(m):
            if o.narrow:
                loop.widen(stored + r * steps[k], args[k] + r * steps[k], length)
            if o.negate:
                negate(args[k] + r * steps[k], length, o.size)
            if loop.mask >= 0 and o.row:
                apply_mask(args[k] + r * steps[k], n, o.size, mask, r, o.fill)
    loop.kernel(args, steps, m, n)
    o = &loop.operand[result]
    if in_place[result] and (loop.mask < 0 or not o.row):
        return
    length = n if o.row else 1
    stored = rooms + (2 * result + 1) * room if o.narrow else args[result]
    for r in range(m):
        if loop.mask >= 0 and o.row:
            apply_mask(args[result] + r * steps[result], n, o.size, mask, r, o.fill)
        if o.negate:
            negate(args[result] + r * steps[result], length, o.size)
        if o.narrow:
            loop.narrow(args[result] + r * steps[result], stored + r * steps[result], length)
    copy_rows_back(from_row(operands[result], start), stored, steps[result], m, length, stored_size(o))


cdef void row_loop(char** args, cnp.npy_intp* dimensions, cnp.npy_intp* steps, void* data) noexcept nogil:
    # as NumPy calls it: the steps from row to row of each operand, then those within rows of each that has them
    cdef const RowLoop* loop = <const RowLoop*>data
    cdef Rows operands[MOST_OPERANDS]
    cdef Rows mask = [NULL, 0, 0]
    cdef Rows* operand
    cdef int count = loop.operands + (loop.mask >= 0)
    cdef int inner = count
    cdef int k
    cdef int at = 0
    cdef fp_flags flags = save_fp_flags()
    for k in range(count):
        operand = &mask if k == loop.mask else &operands[at]
        operand.start = args[k]
        operand.outer = steps[k]
        operand.inner = 0
        if k == loop.mask or loop.operand[at].row:
            operand.inner = steps[inner]
            inner += 1
        at += k != loop.mask
    over_rows(loop, operands, mask, dimensions[0], dimensions[1])
    restore_fp_flags(flags)
