# Lines of LANES elements that are contiguous in memory: part of a row, or an element each of several rows.
#
# Whatever a line is, element i of a row is added up in lane i % LANES, and then the lanes are added in pairs. So the
# loops have no order within a line, which any vector width runs with the same bits, and these do not depend on how the
# rows lie. Exponentials come as doubles, RAISED_ONE e^(x - largest): normal numbers, whatever the result will be.
from libc.stdint cimport int64_t

cdef extern from "portable.h" nogil:
    void ask_for(const void* address)

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
