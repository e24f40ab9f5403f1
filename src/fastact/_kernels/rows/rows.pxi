# Sums over rows, whatever way these lie: what the softmax family and its losses are built on.
#
# All have one signature (RowKernel in row_loops.pxi): the operands, the result last; steps in bytes; how many
# rows; how many elements a row has; and how the rows lie. Either each is contiguous, and the steps lead from row
# to row; or they stand side by side, `across` memory, and where an operand has rows its step leads from one
# element of a row to the next. What is one number a row has the step from row to row in either case.
#
# Work is done in lines of LANES elements that are contiguous in memory: part of a row, or an element each of
# several rows. Whatever a line is, element i of a row is added up in lane i % LANES, and then the lanes are added
# in pairs. So the loops have no order within a line, which any vector width runs with the same bits, and these do
# not depend on how the rows lie. A kernel says what is added up, what comes of the sums (p and q), and how an
# element of the result follows from these. Exponentials come as doubles, RAISED_ONE e^(x - largest): normal
# numbers, whatever the result will be.
from libc.math cimport NAN
from libc.stdint cimport int64_t
from libc.stdlib cimport free, malloc

cdef extern from "portable.h" nogil:
    void ask_for(const void* address)

cdef extern from "rows/sum_of_halves.h" nogil:
    double sum_of_halves(const double* x)

cdef extern from *:
    """
    #define TWO_52 4503599627370496.0
    #define BITS_OF_TWO_52 0x4330000000000000
    #define BITS_OF_ONE 0x3ff0000000000000
    #define FRACTION 0x000fffffffffffff
    #define LARGEST_DOUBLE 1.7976931348623157e308
    """
    const double TWO_52, LARGEST_DOUBLE
    const uint64_t BITS_OF_TWO_52, BITS_OF_ONE, FRACTION

cdef enum:
    LANES = 32
    FEW_DOUBLES = 2048    # for which there is room on the stack
    MOST_KEPT = 1 << 17   # exponentials of a line of rows that are kept; if there are more, all are computed twice
    MOST_BROUGHT = 160    # elements of rows side by side that are brought together first; longer ones have no room
    MOST_BROUGHT_OF_TWO = 1024  # where there are two operands: 0.6 of the time in log_softmax.backward_from_output
    CHUNK = 2048          # elements that sparsemax and the loss of probabilities take at a time

# what is added up over a row, of exponentials e and of operands a and x
cdef enum:
    TOTAL = 1      # e, which are kept
    OTHERS = 2     # e of all but the label's; all are kept
    REST = 4       # e of all but the largest elements, which are counted
    EXPONENTIALS = TOTAL | OTHERS | REST
    WEIGHTED = 8   # a e, besides TOTAL
    OPERAND = 16   # a
    PRODUCT = 32   # a x
    DISTANCE = 64  # largest - x
    SECOND = WEIGHTED | OPERAND | PRODUCT | DISTANCE
    MINUS = 128    # x stands for -x


cdef struct Line:  # what is known of the row of each element of a line
    double largest[LANES]
    real top[LANES]           # the same number, to compare elements with: twice as many at a time as exponentials
    double rate[LANES]        # 1 / temperature
    double rate_low[LANES]
    int64_t label[LANES]
    double total[LANES]       # TOTAL, OTHERS or REST, in units of RAISED_ONE
    double ties[LANES]        # how many elements are the largest
    double second[LANES]      # the sum besides
    double p[LANES]           # what the result is made of
    double q[LANES]


cdef struct Ahead:  # what will be needed soon: memory is asked for it, line by line, while exponentials are computed
    const char* x        # of the rows that come next; NULL if `bring` has asked for it
    const char* a
    const char* y        # where the result of these will be; NULL if it is no rows
    Py_ssize_t x_step    # bytes from line to line
    Py_ssize_t a_step
    Py_ssize_t y_step


cdef struct Lanes:
    double total[LANES]
    double second[LANES]


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
#: an element of the result
ctypedef double (*Written)(real a, real x, double e, double largest, double rate, double p, double q) noexcept nogil


cdef inline bint careful() noexcept nogil:
    # whether what a double loses shows in the result
    return sizeof(real) == sizeof(double)


cdef inline Py_ssize_t part() noexcept nogil:
    # elements of a row that are added up without a low part; a float counts as many ties
    return 512 if careful() else 1 << 24


cdef inline real signed(int sums, real x) noexcept nogil:
    return -x if sums & MINUS else x


cdef inline bint counts(int sums) noexcept nogil:
    # whether the largest elements are counted, and left out of the sum, where the others would be lost beside them
    return sums & REST or careful() and sums & TOTAL


cdef inline double exponential_from(real x, double largest, double rate, double rate_low,
                                    bint tempered) noexcept nogil:
    # RAISED_ONE e^((x - largest) / temperature)
    cdef double d = x - largest
    cdef double low = difference_low(x, largest, d)
    cdef double q
    if tempered:
        q = d * rate
        low = mul_add(low, rate, mul_add(d, rate_low, product_low(d, rate, q)))
        low = low if absolute(<real>low) < 1 else 0
        d = q
    return raised_exp(-LIMIT if d < -LIMIT else d, low)


cdef inline void set_rate(Line* line, Py_ssize_t c, double temperature) noexcept nogil:
    line.rate[c] = min(1 / temperature, LARGEST_DOUBLE)  # 0 times infinity would be NaN
    line.rate_low[c] = residual(1, line.rate[c], temperature) * line.rate[c]


cdef inline double log1p_of(double x) noexcept nogil:
    # log(1 + x) for x >= 0, as k ln(2) + log(1 + z); NaN for infinity
    cdef double s = 1 + x
    cdef bint small = s < 2
    cdef double k = from_bits((bits_of(s) >> 52) + BITS_OF_TWO_52) - (TWO_52 + 1023)
    cdef double z = from_bits((bits_of(s) & FRACTION) | BITS_OF_ONE) - 1
    cdef double low = 0 if small else mul_add(k, LN2_LOW, (x - (s - 1)) / s)
    return mul_add(k, LN2_HIGH, log1p_unit(x if small else z) + low) + (x - x)


# -- a line -------------------------------------------------------------------------------------

cdef inline void ask_for_line(const char* line) noexcept nogil:
    cdef Py_ssize_t c
    for c in range(LANES * <Py_ssize_t>sizeof(real) // 64):
        ask_for(line + 64 * c)


cdef inline void ask_ahead(bint two, const Ahead* ahead, Py_ssize_t line) noexcept nogil:
    # Rows that are not in cache take 0.7 of the time: no CPU foresees where the result goes, or the rows beside these.
    if ahead.x != NULL:
        ask_for_line(ahead.x + line * ahead.x_step)
        if two:
            ask_for_line(ahead.a + line * ahead.a_step)
    if ahead.y != NULL:
        ask_for_line(ahead.y + line * ahead.y_step)


cdef inline double before(bint fresh, double sum) noexcept nogil:
    # what is added to
    return 0 if fresh else sum


cdef inline void add_line(bint across, bint fresh, int sums, bint tempered, real_in a, real_in x, out_f64 e,
                          const Line* line, Lanes* lanes, real* ties, Py_ssize_t position, Py_ssize_t w) noexcept nogil:
    # w elements, of as many rows or of one; the first is element `position` of its row. The lanes may be `fresh`.
    cdef Py_ssize_t c
    cdef Py_ssize_t k
    if sums & EXPONENTIALS:  # in a loop of their own: with the sums, float64 has too few registers
        for c in range(w):
            k = c if across else 0
            e[c] = exponential_from(signed(sums, x[c]), line.largest[k], line.rate[k], line.rate_low[k], tempered)
    if sums & OTHERS:
        for c in range(w):
            k = c if across else 0
            lanes.total[c] = before(fresh, lanes.total[c]) + (0 if line.label[k] == position + c - k else e[c])
    elif counts(sums):
        for c in range(w):
            ties[c] += <real>1 if signed(sums, x[c]) == line.top[c if across else 0] else <real>0
        for c in range(w):
            k = c if across else 0
            lanes.total[c] = before(fresh, lanes.total[c]) + (0 if signed(sums, x[c]) == line.top[k] else e[c])
    elif sums & TOTAL:
        for c in range(w):
            lanes.total[c] = before(fresh, lanes.total[c]) + e[c]
    if sums & WEIGHTED:
        for c in range(w):
            lanes.second[c] = before(fresh, lanes.second[c]) + a[c] * e[c]
    if sums & OPERAND:
        for c in range(w):
            lanes.second[c] = before(fresh, lanes.second[c]) + a[c]
    if sums & PRODUCT:
        for c in range(w):
            lanes.second[c] = mul_add(a[c], x[c], before(fresh, lanes.second[c]))
    if sums & DISTANCE:
        for c in range(w):
            lanes.second[c] = before(fresh, lanes.second[c]) + (line.largest[c if across else 0] - x[c])


cdef inline void add_lines(int sums, bint tempered, real_in a, real_in x, double* room, const Line* line, Lanes* lanes,
                           real* ties, Py_ssize_t first, Py_ssize_t lines, bint two, const Ahead* ahead) noexcept nogil:
    # full lines of one row, from the first on; `same` is a copy that stays in registers
    cdef Line same
    cdef double passing[LANES]
    cdef Py_ssize_t position = first * LANES
    cdef Py_ssize_t i
    cdef Py_ssize_t k
    same.largest[0] = line.largest[0]
    same.top[0] = line.top[0]
    same.rate[0] = line.rate[0]
    same.rate_low[0] = line.rate_low[0]
    same.label[0] = line.label[0]
    for i in range(lines):
        k = i * LANES
        if room == NULL:
            add_line(False, False, sums, tempered, a + k, x + k, passing, &same, lanes, ties, position + k, LANES)
        else:
            add_line(False, False, sums, tempered, a + k, x + k, room + k, &same, lanes, ties, position + k, LANES)
        if sums & EXPONENTIALS:
            ask_ahead(two, ahead, first + i)


cdef inline void write_line(bint across, bint keeps, Written written, real_in a, real_in x, const double* e,
                            const Line* line, real_out y, Py_ssize_t w) noexcept nogil:
    # w elements, of as many rows or of one
    cdef Py_ssize_t c
    cdef Py_ssize_t k
    for c in range(w):
        k = c if across else 0
        y[c] = <real>written(a[c], x[c], e[c] if keeps else 0, line.largest[k], line.rate[k],
                             line.p[k], line.q[k])


cdef inline void largest_of_line(int sums, real_in x, real_out largest, Py_ssize_t w) noexcept nogil:
    # With a NaN it may be anything: that comes back in the sum, and makes the whole row NaN.
    cdef Py_ssize_t c
    for c in range(w):
        largest[c] = signed(sums, x[c]) if signed(sums, x[c]) > largest[c] else largest[c]


cdef inline void bring(real_out to, const char* x, Py_ssize_t step, Py_ssize_t lines, Py_ssize_t w) noexcept nogil:
    # Lines of rows that are side by side are far apart, often such that they drive one another out of the
    # cache; and no CPU foresees that the next ones stand beside them.
    cdef real_in line
    cdef Py_ssize_t i
    cdef Py_ssize_t c
    for i in range(lines):
        line = <real_in>(x + i * step)
        ask_for_line(x + i * step + LANES * sizeof(real))
        for c in range(w):
            to[i * LANES + c] = line[c]


# -- rows ---------------------------------------------------------------------------------------

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
