# Sums over rows, whatever way these lie: what the softmax family and its losses are built on.
#
# All have one signature (RowKernel in kernel_types.pxi): the operands, the result last; steps in bytes; how many
# rows; how many elements a row has; and how the rows lie. Either each is contiguous, and the steps lead from row
# to row; or they stand side by side, `across` memory, and where an operand has rows its step leads from one
# element of a row to the next. What is one number a row has the step from row to row in either case.
#
# Work is done in lines (lines.pxi). A kernel says what is added up, what comes of the sums (p and q), and how an
# element of the result follows from these.
from libc.stdlib cimport free, malloc

cdef extern from "rows/sum_of_halves.h" nogil:
    double sum_of_halves(const double* x)

cdef enum:
    FEW_DOUBLES = 2048    # for which there is room on the stack
    MOST_KEPT = 1 << 17   # exponentials of a line of rows that are kept; if there are more, all are computed twice
    MOST_BROUGHT = 160    # elements of rows side by side that are brought together first; longer ones have no room
    MOST_BROUGHT_OF_TWO = 1024  # where there are two operands: 0.6 of the time in log_softmax.backward_from_output
    CHUNK = 2048          # elements that sparsemax and the loss of probabilities take at a time


cdef struct Rows:  # those that a line has a part of, or elements of
    char** args
    Py_ssize_t* steps
    Py_ssize_t first   # number of the first among all rows
    Py_ssize_t w       # how many
    Py_ssize_t n       # elements of each
    char* start        # of x, or of the result
    Py_ssize_t along   # bytes from one element of a row to the next
    Py_ssize_t beside  # bytes from one row to the next


cdef inline real element(Rows rows, Py_ssize_t c, Py_ssize_t i) noexcept nogil:
    # number i of row c
    return (<real*>(rows.start + c * rows.beside + i * rows.along))[0]


#: what is done with the sums of some rows, or with their result
ctypedef void (*Step)(Rows rows, Line* line) noexcept nogil


cdef inline void fold(int sums, Lanes* lanes, Py_ssize_t count, bint across, Py_ssize_t w) noexcept nogil:
    # the sum of `count` lanes into the first: each a line of w rows, or an element of one line
    cdef Py_ssize_t half = LANES // 2
    cdef Py_ssize_t k
    cdef Py_ssize_t c
    if not across:
        if sums & EXPONENTIALS:
            lanes[0].total[0] = sum_of_halves(lanes[0].total)
        if sums & SECOND:
            lanes[0].second[0] = sum_of_halves(lanes[0].second)
        return
    while half:
        for k in range(min(half, count - half)):
            if sums & EXPONENTIALS:
                for c in range(w):
                    lanes[k].total[c] += lanes[k + half].total[c]
            if sums & SECOND:
                for c in range(w):
                    lanes[k].second[c] += lanes[k + half].second[c]
        half //= 2


cdef inline void add_parts(double* value, double* low, const double* part_sum, Py_ssize_t w) noexcept nogil:
    # to each value a part; `low` takes what that loses to rounding
    cdef double s
    cdef Py_ssize_t c
    for c in range(w):
        s = value[c] + part_sum[c]
        low[c] += addend_low(value[c], part_sum[c], s)
        value[c] = s


cdef inline void find_largest(int sums, Line* line, const char* x, Py_ssize_t step, Py_ssize_t lines, bint across,
                              Py_ssize_t w, Py_ssize_t last) noexcept nogil:
    cdef real largest[LANES]
    cdef Py_ssize_t full = lines - (last < w)  # lines of w elements
    cdef Py_ssize_t i
    cdef Py_ssize_t c
    for c in range(LANES):
        largest[c] = -INFINITY
    for i in range(full):
        largest_of_line(sums, <real_in>(x + i * step), largest, w)
    if full < lines:
        largest_of_line(sums, <real_in>(x + full * step), largest, last)
    if not across:
        largest_of_line(0, <real_in>(largest + 16), largest, 16)
        largest_of_line(0, <real_in>(largest + 8), largest, 8)
        largest_of_line(0, <real_in>(largest + 4), largest, 4)
        largest_of_line(0, <real_in>(largest + 2), largest, 2)
        largest_of_line(0, <real_in>(largest + 1), largest, 1)
    for c in range(LANES if across else 1):
        line.largest[c] = line.top[c] = largest[c]


cdef inline void add_up(int sums, bint tempered, Line* line, const char* a, Py_ssize_t a_step, const char* x,
                        Py_ssize_t x_step, double* room, Py_ssize_t lines, bint across, Py_ssize_t w,
                        Py_ssize_t last, bint two, const Ahead* ahead) noexcept nogil:
    cdef Lanes lanes[LANES]
    cdef double total_low[LANES]
    cdef double second_low[LANES]
    cdef double passing[LANES]
    cdef real ties[LANES]
    cdef double* e
    cdef Lanes* lane
    cdef Py_ssize_t lines_of_part = part() if across else part() // LANES
    cdef Py_ssize_t rows = w if across else 1
    cdef Py_ssize_t count
    cdef Py_ssize_t full
    cdef Py_ssize_t start = 0
    cdef Py_ssize_t i
    cdef Py_ssize_t k
    cdef Py_ssize_t c
    for c in range(rows):
        line.total[c] = total_low[c] = line.second[c] = second_low[c] = 0
    for c in range(LANES):
        line.ties[c] = 0
    while start < lines:
        count = min(lines_of_part, lines - start)
        for c in range(LANES):
            ties[c] = 0
        if across:
            for k in range(count):
                i = start + k
                e = &passing[0] if room == NULL else room + i * LANES
                lane = &lanes[k % LANES]
                if k < LANES:
                    add_line(True, True, sums, tempered, <real_in>(a + i * a_step), <real_in>(x + i * x_step), e, line,
                             lane, ties, i, w)
                else:
                    add_line(True, False, sums, tempered, <real_in>(a + i * a_step), <real_in>(x + i * x_step), e, line,
                             lane, ties, i, w)
                if sums & EXPONENTIALS:
                    ask_ahead(two, ahead, i)
        else:
            full = count - (start + count == lines and last < w)
            i = start + full
            for c in range(LANES):
                lanes[0].total[c] = lanes[0].second[c] = 0
            add_lines(sums, tempered, <real_in>(a + start * a_step), <real_in>(x + start * x_step),
                      NULL if room == NULL else room + start * LANES, line, lanes, ties, start, full, two, ahead)
            if full < count:
                add_line(False, False, sums, tempered, <real_in>(a + i * a_step), <real_in>(x + i * x_step),
                         &passing[0] if room == NULL else room + i * LANES, line, lanes, ties, i * LANES, last)
        fold(sums, lanes, count, across, w)
        if sums & EXPONENTIALS:
            add_parts(line.total, total_low, lanes[0].total, rows)
        if sums & SECOND:
            add_parts(line.second, second_low, lanes[0].second, rows)
        for c in range(LANES):
            line.ties[c] += ties[c]
        start += count
    for c in range(rows):
        line.total[c] += total_low[c]
        line.second[c] += second_low[c] if second_low[c] == second_low[c] else 0  # the low part of infinity is NaN
    if counts(sums):
        if not across:
            line.ties[0] = sum_of_halves(line.ties)
        for c in range(rows):
            line.total[c] += line.largest[c] - line.largest[c]  # NaN for infinity
            if sums & TOTAL:
                line.total[c] += line.ties[c] * RAISED_ONE


cdef void weigh_by_shares(int sums, const char* a, Py_ssize_t a_along, Rows rows, Line* line) noexcept nogil:
    # The weighted mean of a row's operands, where their sum is no number: RAISED exponentials bring operands of 2^512
    # and more beyond a double. Shares do not, but lose digits where they are subnormal, which nobody sees beside those.
    cdef double share
    cdef Py_ssize_t c
    cdef Py_ssize_t i
    for c in range(rows.w):
        if line.q[c] - line.q[c] == 0 or line.p[c] != line.p[c]:
            continue
        line.q[c] = 0
        for i in range(rows.n):
            share = exponential_from(signed(sums, element(rows, c, i)), line.largest[c], 1, 0, False) * line.p[c]
            line.q[c] += (<real*>(a + c * rows.beside + i * a_along))[0] * share


cdef inline void no_step(Rows rows, Line* line) noexcept nogil:
    pass


cdef inline double nothing(real a, real x, double e, double largest, double rate, double p, double q) noexcept nogil:
    return 0


cdef struct Room:  # what rows that are worked on together are kept in; NULL where there is none
    double* kept       # exponentials
    real* x            # copies
    real* a


cdef inline void some_rows(bint across, int sums, Step finish, Written written, Step mend, bint tempered, int a_at,
                           int x_at, int y_at, Rows some, const Room* room, Py_ssize_t w) noexcept nogil:
    # w rows side by side, or one
    cdef Line line
    cdef double passing[LANES]
    cdef double* e
    cdef Py_ssize_t size = sizeof(real)
    cdef Py_ssize_t width = w if across else LANES  # of lines
    cdef Py_ssize_t lines = some.n if across else (some.n + LANES - 1) // LANES
    cdef Py_ssize_t last = w if across else some.n - (lines - 1) * LANES
    cdef bint keeps = sums & (TOTAL | OTHERS) and y_at >= 0
    cdef const char* a = some.args[a_at] + some.first * (size if across else some.steps[a_at])
    cdef const char* x = some.args[x_at] + some.first * (size if across else some.steps[x_at])
    cdef char* y = some.args[max(y_at, 0)] + some.first * (size if across else some.steps[max(y_at, 0)])
    cdef Py_ssize_t a_step = some.steps[a_at] if across else LANES * size
    cdef Py_ssize_t x_step = some.steps[x_at] if across else LANES * size
    cdef Py_ssize_t y_step = some.steps[max(y_at, 0)] if across else LANES * size
    cdef Ahead ahead = [x + w * (size if across else some.steps[x_at]),
                        a + w * (size if across else some.steps[a_at]), y, x_step, a_step, y_step]
    cdef Py_ssize_t i
    cdef Py_ssize_t k
    cdef Py_ssize_t c
    some.w = w
    if y_at < 0:
        ahead.y = NULL
    if across and room.x != NULL:
        bring(room.x, x, x_step, lines, w)
        if a_at != x_at:
            bring(room.a, a, a_step, lines, w)
        ahead.x = NULL
        a = <const char*>(room.x if a_at == x_at else room.a)
        x = <const char*>room.x
        a_step = x_step = LANES * size
    for c in range(w):
        if tempered:
            set_rate(&line, c, (<double*>(some.args[x_at + 1] + (some.first + c) * some.steps[x_at + 1]))[0])
        if sums & OTHERS:
            line.label[c] = (<int64_t*>(some.args[x_at + 1] + (some.first + c) * some.steps[x_at + 1]))[0]
    if sums & (EXPONENTIALS | DISTANCE):
        find_largest(sums, &line, x, x_step, lines, across, width, last)
    add_up(sums, tempered, &line, a, a_step, x, x_step, room.kept, lines, across, width, last, a_at != x_at, &ahead)
    some.start = <char*>x
    some.along = x_step if across else size
    some.beside = size
    finish(some, &line)
    if sums & WEIGHTED:
        weigh_by_shares(sums, a, a_step if across else size, some, &line)
    if y_at < 0:
        return
    if not across and (room.kept != NULL or not keeps):
        write_line(False, keeps, written, <real_in>a, <real_in>x, room.kept, &line, <real_out>y, some.n)
    else:
        for i in range(lines):
            e = passing
            if keeps and room.kept != NULL:
                e = room.kept + i * LANES
            elif keeps:
                for c in range(width if across or i < lines - 1 else last):
                    k = c if across else 0
                    e[c] = exponential_from(signed(sums, (<real_in>(x + i * x_step))[c]), line.largest[k],
                                            line.rate[k], line.rate_low[k], tempered)
            write_line(across, keeps, written, <real_in>(a + i * a_step), <real_in>(x + i * x_step), e, &line,
                       <real_out>(y + i * y_step), width if across or i < lines - 1 else last)
    some.start = y
    some.along = y_step if across else size
    mend(some, &line)


#: what is done with w rows, by some_rows or in its place
ctypedef void (*Work)(bint across, int sums, Step finish, Written written, Step mend, bint tempered, int a_at,
                      int x_at, int y_at, Rows some, const Room* room, Py_ssize_t w) noexcept nogil


cdef inline void in_lines(bint across, Work work, Py_ssize_t together, int sums, Step finish, Written written,
                          Step mend, bint tempered, int a_at, int x_at, int y_at, char** args, Py_ssize_t* steps,
                          Py_ssize_t rows, Py_ssize_t n) noexcept nogil:
    # Rows of a, x and the result are the operands a_at, x_at and y_at, -1 if the result is no rows; after x comes
    # the temperature or the label, if there is one. So many rows are worked on `together`.
    cdef Rows some = [args, steps, 0, 0, n, NULL, 0, 0]
    cdef Room room = [NULL, NULL, NULL]
    cdef double few[FEW_DOUBLES]
    cdef double* rooms = NULL
    cdef Py_ssize_t places = together * (n if across else (n + LANES - 1) // LANES * LANES)
    cdef bint kept = sums & (TOTAL | OTHERS) and y_at >= 0 and places <= MOST_KEPT
    cdef bint brought = across and n <= (MOST_BROUGHT if a_at == x_at else MOST_BROUGHT_OF_TWO)
    cdef Py_ssize_t needed = (places if kept else 0) + (2 * places if brought else 0)
    if needed <= FEW_DOUBLES:
        rooms = few
    elif needed:
        rooms = <double*>malloc(needed * sizeof(double))
    if rooms != NULL:  # else exponentials are computed twice
        if kept:
            room.kept = rooms
        if brought:
            room.x = <real*>(rooms + needed - 2 * places)
            room.a = <real*>(rooms + needed - places)
    while some.first + together <= rows:
        work(across, sums, finish, written, mend, tempered, a_at, x_at, y_at, some, &room, together)
        some.first += together
    if some.first < rows:
        work(across, sums, finish, written, mend, tempered, a_at, x_at, y_at, some, &room, rows - some.first)
    if rooms != few:
        free(rooms)


cdef inline void run_work(bint across, Work work, Py_ssize_t together, int sums, Step finish, Written written,
                          Step mend, bint tempered, int a_at, int x_at, int y_at, char** args, Py_ssize_t* steps,
                          Py_ssize_t rows, Py_ssize_t n) noexcept nogil:
    # for each way the rows may lie a loop of its own
    if across:
        in_lines(True, work, LANES, sums, finish, written, mend, tempered, a_at, x_at, y_at, args, steps, rows, n)
    else:
        in_lines(False, work, together, sums, finish, written, mend, tempered, a_at, x_at, y_at, args, steps, rows, n)


cdef inline void run(bint across, int sums, Step finish, Written written, Step mend, bint tempered, int a_at,
                     int x_at, int y_at, char** args, Py_ssize_t* steps, Py_ssize_t rows,
                     Py_ssize_t n) noexcept nogil:
    run_work(across, some_rows, 1, sums, finish, written, mend, tempered, a_at, x_at, y_at, args, steps, rows, n)


cdef inline double sum_of_chunk(const double* x, Py_ssize_t n) noexcept nogil:
    # of up to CHUNK numbers, in the order of a row
    cdef Lanes lanes
    cdef Py_ssize_t i
    cdef Py_ssize_t c
    for c in range(LANES):
        lanes.total[c] = 0
    for i in range(n // LANES):
        for c in range(LANES):
            lanes.total[c] += x[i * LANES + c]
    for c in range(n % LANES):
        lanes.total[c] += x[n // LANES * LANES + c]
    return sum_of_halves(lanes.total)
