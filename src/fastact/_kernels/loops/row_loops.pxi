# The loops over rows that NumPy calls: they bring rows of any strides and types to the kernels built on rows.pxi.
#
# Rows that are contiguous, or side by side (axis=0), and of the kernel's own type are handed over where they
# stand. Others are copied, some at a time; so are short ones, which are transposed, as a kernel is faster on
# many of them side by side. Rows are independent: any range of them may be worked on alone.

cdef extern from "loops/transpose.h" nogil:
    void transpose(char* to, Py_ssize_t to_step, const char* source, Py_ssize_t step, Py_ssize_t lines,
                   Py_ssize_t columns, int size)

cdef enum:
    MOST_OPERANDS = 6
    GROUP = 4096             # elements of an operand copied at a time: several short rows,
    SIDE_BY_SIDE = 32        # or so many long ones that lie across memory,
    LARGEST_GROUP = 1 << 20  # unless they become larger than this
    SHORT_ROW = 32           # rows that are worked on side by side however they lie

cdef extern from "Python.h":
    void* PyErr_NoMemory()  # not `object`: Cython would raise the error here, where it is printed and ignored


cdef struct RowOperand:
    bint row           # as many elements as the row has, or one number
    bint narrow        # float16 or bfloat16
    int size           # bytes of an element for the kernel
    double fill        # what stands where the mask is False


cdef struct RowLoop:
    RowKernel kernel
    bint across                # whether it takes rows that lie across memory
    int operands               # without the mask
    RowOperand operand[MOST_OPERANDS]
    int mask                   # where the mask, rows of bool, stands among the operands of the ufunc, or -1
    Kernel2 widen
    Kernel2 shorten
    Copy copy


cdef struct Strided:  # what one operand points at
    char* start
    Py_ssize_t outer   # bytes from one row to the next
    Py_ssize_t inner   # bytes from one element to the next


cdef inline int stored_size(const RowOperand* operand) noexcept nogil:
    return 2 if operand.narrow else operand.size


cdef inline void copy_rows(Copy copy, char* to, Py_ssize_t step, Strided source, Py_ssize_t rows, Py_ssize_t n,
                           int size) noexcept nogil:
    # to contiguous rows
    cdef Py_ssize_t r
    if source.outer == size and source.inner != size:
        transpose(to, step, source.start, source.inner, n, rows, size)
        return
    for r in range(rows):
        copy(to + r * step, size, source.start + r * source.outer, source.inner, n, size)


cdef inline void copy_rows_back(Copy copy, Strided to, const char* source, Py_ssize_t step, Py_ssize_t rows,
                                Py_ssize_t n, int size) noexcept nogil:
    cdef Py_ssize_t r
    if to.outer == size and to.inner != size:
        transpose(to.start, to.inner, source, step, rows, n, size)
        return
    for r in range(rows):
        copy(to.start + r * to.outer, to.inner, source + r * step, size, n, size)


cdef inline void apply_mask(char* row, Py_ssize_t n, int size, Strided mask, Py_ssize_t r, double fill) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        if not (mask.start + r * mask.outer + i * mask.inner)[0]:
            if size == 4:
                (<float*>row)[i] = <float>fill
            else:
                (<double*>row)[i] = fill


cdef inline Strided turned(Strided rows) noexcept nogil:
    # the first elements of all rows as the first row, and so on
    return [rows.start, rows.inner, rows.outer]


cdef inline Strided from_row(Strided rows, Py_ssize_t start) noexcept nogil:
    rows.start += start * rows.outer
    return rows


cdef inline bint any_across(const RowLoop* loop, Strided* operands) noexcept nogil:
    # whether rows of an operand lie side by side
    cdef bint across = False
    cdef int k
    for k in range(loop.operands):
        if loop.operand[k].row and operands[k].outer == stored_size(&loop.operand[k]) != operands[k].inner:
            across = True
    return across


cdef struct RowCall:  # what the parts of one call have in common
    const RowLoop* loop
    Strided* operands
    Strided mask
    Py_ssize_t n
    bint across
    bint in_place[MOST_OPERANDS]
    Py_ssize_t group     # rows copied at a time; 0: the kernel takes the operands as they are
    bint* failed         # for want of memory


cdef bint over_rows(const RowLoop* loop, Strided* operands, Strided mask, Py_ssize_t rows, Py_ssize_t n) noexcept nogil:
    # whether it failed for want of memory
    cdef bint lie_across = any_across(loop, operands)
    cdef bint across = (lie_across or 1 < n <= SHORT_ROW) and loop.across and rows > 1  # as the kernel takes them
    cdef bint all_in_place = loop.mask < 0
    cdef bint failed = False
    cdef Py_ssize_t length = max(<Py_ssize_t>1, n)
    cdef Py_ssize_t grain = SIDE_BY_SIDE if across else 1
    cdef RowCall c
    cdef int k
    cdef const RowOperand* o
    c.loop, c.operands, c.mask, c.n, c.across, c.failed = loop, operands, mask, n, across, &failed
    for k in range(loop.operands):
        o = &loop.operand[k]
        c.in_place[k] = not o.narrow
        if o.row and not (n == 1 and not across):
            c.in_place[k] = c.in_place[k] and (operands[k].outer if across else operands[k].inner) == o.size
        all_in_place = all_in_place and c.in_place[k]
    if all_in_place:
        c.group = 0
    elif across or lie_across:
        c.group = max(<Py_ssize_t>SIDE_BY_SIDE, GROUP // length)
    else:
        c.group = max(<Py_ssize_t>1, BLOCK // length)
    if c.group * n > LARGEST_GROUP:
        c.group = max(<Py_ssize_t>1, LARGEST_GROUP // n)
    grain = max(grain, c.group)
    share_out(&rows_part, &c, rows, (SAMPLE // length // grain + 1) * grain, grain)
    return failed


cdef void rows_part(const void* work, Py_ssize_t start, Py_ssize_t stop) noexcept nogil:
    cdef const RowCall* c = <const RowCall*>work
    cdef char* args[MOST_OPERANDS]
    cdef Py_ssize_t steps[MOST_OPERANDS]
    cdef Py_ssize_t group = min(c.group, stop - start)
    cdef Py_ssize_t room
    cdef char* rooms
    cdef int k
    if c.group == 0:
        for k in range(c.loop.operands):
            args[k] = c.operands[k].start + start * c.operands[k].outer
            steps[k] = c.operands[k].inner if c.across and c.loop.operand[k].row else c.operands[k].outer
        c.loop.kernel(args, steps, stop - start, c.n, c.across)
        return
    room = (c.n if c.across else group) * ((group if c.across else c.n) * 8 + 128) + group * 128
    rooms = <char*>malloc(2 * c.loop.operands * room)
    if rooms == NULL:
        c.failed[0] = True
        return
    while start < stop:
        one_group(c, start, min(group, stop - start), rooms, room)
        start += group
    free(rooms)


cdef void one_group(const RowCall* c, Py_ssize_t start, Py_ssize_t m, char* rooms, Py_ssize_t room) noexcept nogil:
    cdef const RowLoop* loop = c.loop
    cdef Py_ssize_t n = c.n
    cdef bint across = c.across
    cdef char* args[MOST_OPERANDS]
    cdef Py_ssize_t steps[MOST_OPERANDS]
    cdef int result = loop.operands - 1
    cdef Strided mask = from_row(c.mask, start)
    cdef Strided source = c.operands[result]
    cdef char* stored
    cdef bint in_lines
    cdef Py_ssize_t lines = 0
    cdef Py_ssize_t length = 0
    cdef Py_ssize_t i
    cdef int k
    cdef const RowOperand* o = &loop.operand[result]
    if across:
        mask = turned(mask)
    for k in range(loop.operands):
        o = &loop.operand[k]
        source = from_row(c.operands[k], start)
        lines, length = m, n if o.row else 1
        if across and o.row:
            source, lines, length = turned(source), n, m
        if c.in_place[k] and (loop.mask < 0 or not o.row):
            args[k] = source.start
            steps[k] = source.outer
            continue
        args[k] = rooms + 2 * k * room
        # an odd number of cache lines: steps of 4,096 bytes would all fall into the same few lines of the cache
        steps[k] = 64 * (length * o.size // 64 + 1 | 1)
        if k == result:
            break
        in_lines = o.narrow and source.inner == stored_size(o)  # then they are converted where they stand
        stored = rooms + (2 * k + 1) * room if o.narrow else args[k]
        if not in_lines:
            copy_rows(loop.copy, stored, steps[k], source, lines, length, stored_size(o))
        for i in range(lines):
            if o.narrow:
                loop.widen(source.start + i * source.outer if in_lines else stored + i * steps[k],
                           args[k] + i * steps[k], length)
            if loop.mask >= 0 and o.row:
                apply_mask(args[k] + i * steps[k], length, o.size, mask, i, o.fill)
    loop.kernel(args, steps, m, n, across)
    if c.in_place[result] and (loop.mask < 0 or not o.row):
        return
    in_lines = o.narrow and source.inner == stored_size(o)
    stored = rooms + (2 * result + 1) * room if o.narrow else args[result]
    for i in range(lines):
        if loop.mask >= 0 and o.row:
            apply_mask(args[result] + i * steps[result], length, o.size, mask, i, o.fill)
        if o.narrow:
            loop.shorten(args[result] + i * steps[result],
                         source.start + i * source.outer if in_lines else stored + i * steps[result], length)
    if not in_lines:
        copy_rows_back(loop.copy, source, stored, steps[result], lines, length, stored_size(o))


cdef void row_loop(char** args, cnp.npy_intp* dimensions, cnp.npy_intp* steps, void* data) noexcept nogil:
    # as NumPy calls it: the steps from row to row of each operand, then those within rows of each that has them
    cdef const RowLoop* loop = <const RowLoop*>data
    cdef Strided operands[MOST_OPERANDS]
    cdef Strided mask = [NULL, 0, 0]
    cdef Strided* operand
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
    if over_rows(loop, operands, mask, dimensions[0], dimensions[1]):
        with gil:
            PyErr_NoMemory()  # which NumPy raises
    restore_fp_flags(flags)
