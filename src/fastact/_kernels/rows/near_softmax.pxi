# softmax and log_softmax of float32 in float, from the sums of near_sums.pxi, and what they share with the loss.
#
# A quotient is rounded once, for the product of a scale and a number of 16 bits is exact, and once more where it is
# lowered and subnormal. Without FMA nothing takes these.

from libc.math cimport copysign, fabs

cdef enum:
    SHORT_IN_FLOAT = 64  # shorter rows take up to 1.4 times as long in float, log_softmax of dominated ones 1.5 times
    LINES = 64           # of a strip that are written at a time


cdef struct Factors:  # what the result is made of: some numbers a row
    float first[LANES]
    float second[LANES]
    float third[LANES]
    float lower[LANES]


cdef struct Factor:  # the same of a strip, or of a row
    lanes first
    lanes second
    lanes third
    lanes lower


cdef inline void set_shares(Factors* factors, Sums* sums, const double* wholes, Py_ssize_t w) noexcept nogil:
    # The size of whole / total as a number of 16 bits, what this must be multiplied by, and what that is beyond 1; the
    # sign of the whole comes last, so that 0 has it, too.
    cdef double inverse
    cdef double ratio
    cdef Py_ssize_t c
    for c in range(w):
        inverse = RAISED / sums.total[c] * fabs(wholes[c])
        factors.first[c] = float_from_bits(bits_of_float(<float>inverse) & <uint32_t>0xffffff00)
        ratio = inverse / factors.first[c] if inverse != 0 else 1
        factors.second[c] = <float>ratio
        factors.third[c] = <float>(ratio - 1)
        factors.lower[c] = <float>copysign(LOWER, wholes[c])


cdef inline lanes near_share(Power e, const Factor* factor) noexcept nogil:
    cdef lanes product = e.scale * factor.first
    cdef lanes rest = lanes_mul_add(e.fraction, factor.second, factor.third)
    return lanes_mul_add(product, rest, product) * factor.lower


cdef inline void set_logs(Factors* factors, Sums* sums, Py_ssize_t w) noexcept nogil:
    # largest + p as a float and the rest
    cdef Py_ssize_t c
    for c in range(w):
        factors.first[c] = <float>(<double>sums.top[c] + sums.p[c])
        factors.second[c] = <float>((<double>sums.top[c] - factors.first[c]) + sums.p[c])


cdef inline lanes near_log_share(lanes x, const Factor* factor) noexcept nogil:
    # x - first - second to 0.75 ULP. What the difference lost is infinite or NaN where it is -infinity.
    cdef lanes difference = lanes_mul_add(in_all_lanes(-1), factor.first, x)  # there are more additions than products
    cdef lanes lost = lanes_mul_add(in_all_lanes(-1), factor.second, x - (difference + factor.first))
    return difference + lanes_smaller(lost, in_all_lanes(LARGEST_LOST))


cdef inline Factor factor_of(bint across, const Factors* factors, Py_ssize_t first, Py_ssize_t w) noexcept nogil:
    cdef Factor factor
    factor.first = of_rows(across, factors.first + first, w - first)
    factor.second = of_rows(across, factors.second + first, w - first)
    factor.third = of_rows(across, factors.third + first, w - first)
    factor.lower = of_rows(across, factors.lower + first, w - first)
    return factor


cdef inline void write_vectors(bint far, bint logs, const char* x, Py_ssize_t x_step, char* y,
                               Py_ssize_t y_step, Py_ssize_t start, Py_ssize_t stop, Py_ssize_t w,
                               const Frame* given_frame, const float* kept, const Factor* given) noexcept nogil:
    # each of w elements
    cdef Frame frame = given_frame[0]
    cdef Factor factor = given[0]
    cdef Power e
    cdef Py_ssize_t i
    for i in range(start, stop):
        if logs:
            store(<float*>(y + i * y_step), near_log_share(load(<const float*>(x + i * x_step), w), &factor), w)
        else:
            if kept != NULL:
                e = kept_power(kept, i)
            else:
                e = power_of(far, False, load(<const float*>(x + i * x_step), w), &frame)
            store(<float*>(y + i * y_step), near_share(e, &factor), w)


cdef inline void take_dominated_logs(bint across, const Block* block, const float* top,
                                     double* p) noexcept nogil:
    # log(sum of e^(x - top)) where it is small: from the sum of the others, relative to the largest of these
    cdef float tops[LANES]
    cdef double totals[LANES]
    cdef Frames frames
    cdef double distance
    cdef Py_ssize_t c
    find_tops(across, True, block, top, tops)
    sum_up(across, True, True, block, top, tops, &frames, totals)
    for c in range(block.w):
        distance = (<double>tops[c] - top[c]) - frames.distance[c]
        distance = log1p_of(totals[c] * LOWER * exp(-LIMIT if distance < -LIMIT else distance, 0))
        if p[c] < DOMINATED:
            p[c] = 0 if tops[c] == -INFINITY else distance


# not inlined: that would take as much code for each loop that they are in
cdef void take_dominated_logs_side_by_side(const Block* block, const float* top, double* p) noexcept nogil:
    take_dominated_logs(True, block, top, p)


cdef void take_dominated_log(const Block* block, const float* top, double* p) noexcept nogil:
    take_dominated_logs(False, block, top, p)


cdef inline double log_of_total(double total) noexcept nogil:
    # log(total / RAISED) to 2^-30; without the division that log1p_of has for small arguments
    cdef double s = total * LOWER
    cdef double k = from_bits((bits_of(s) >> 52) + BITS_OF_TWO_52) - (TWO_52 + 1023)
    cdef double z = from_bits((bits_of(s) & FRACTION) | BITS_OF_ONE) - 1
    return mul_add(k, LN2, log1p_unit(z)) + (s - s)


cdef inline void take_near_logs(bint across, const Block* block, const Frames* frames,
                                Sums* sums) noexcept nogil:
    # p of each row
    cdef Block one = block[0]
    cdef bint dominated = False
    cdef Py_ssize_t c
    for c in range(block.w):
        sums.p[c] = log_of_total(sums.total[c]) - frames.distance[c]
    one.kept = NULL
    for c in range(block.w):
        dominated = dominated or sums.p[c] < DOMINATED
    if not dominated:
        return
    if across:
        take_dominated_logs_side_by_side(&one, sums.top, sums.p)
        return
    one.w = 1
    for c in range(block.w):
        if sums.p[c] < DOMINATED:
            one.x = block.x + c * block.beside
            take_dominated_log(&one, sums.top + c, sums.p + c)


cdef inline void write_near(bint across, bint far, bint logs, const Block* block, const Frames* frames,
                            const Sums* sums, const Factors* factors, char* y, Py_ssize_t y_step) noexcept nogil:
    # The result's rows. Of strips some LINES are written before those of the next one, while the pages in which they
    # are can still be found at once: log_softmax of 1000 lines 4,000 bytes apart takes 0.85 of the time.
    cdef Frame frame
    cdef Factor factor
    cdef const char* x
    cdef char* here
    cdef const float* kept
    cdef Py_ssize_t vectors = block.n if across else block.n // LANE_COUNT
    cdef Py_ssize_t x_vector = block.step if across else LANE_COUNT * sizeof(float)
    cdef Py_ssize_t y_vector = y_step if across else LANE_COUNT * sizeof(float)
    cdef Py_ssize_t start = 0
    cdef Py_ssize_t stop
    cdef Py_ssize_t first
    while start < vectors:
        stop = min(start + <Py_ssize_t>LINES, vectors) if across else vectors
        x, here, kept, first = block.x, y, block.kept, 0
        while first < block.w:
            frame = frame_of(across, frames, sums.top, first, block.w)
            factor = factor_of(across, factors, first, block.w)
            write_vectors(far, logs, x, x_vector, here, y_vector, start, stop,
                          min(LANE_COUNT, block.w - first) if across else LANE_COUNT, &frame, kept, &factor)
            if not across and block.n % LANE_COUNT:
                write_vectors(far, logs, x, x_vector, here, y_vector, vectors, vectors + 1,
                              block.n % LANE_COUNT, &frame, kept, &factor)
            x += rows_at_once(across) * block.beside
            here += rows_at_once(across) * block.y_beside
            if kept != NULL:
                kept += 2 * rows_at_once(across) * block.places
            first += rows_at_once(across)
        start = stop


cdef inline void some_near(bint across, bint far, bint logs, const Block* block, Sums* sums, char* y,
                           Py_ssize_t y_step) noexcept nogil:
    cdef Frames frames
    cdef Factors factors
    cdef double ones[LANES]
    cdef Py_ssize_t c
    sum_up(across, far, False, block, sums.top, sums.top, &frames, sums.total)
    if logs:
        take_near_logs(across, block, &frames, sums)
        set_logs(&factors, sums, block.w)
    else:
        for c in range(block.w):
            ones[c] = 1
        set_shares(&factors, sums, ones, block.w)
    write_near(across, far, logs, block, &frames, sums, &factors, y, y_step)


cdef inline Block block_of(bint across, int x_at, int y_at, Rows some, const Room* room, Py_ssize_t w) noexcept nogil:
    # w rows side by side, or one after another; y_at is -1 if the result is no rows
    cdef Block block
    cdef Py_ssize_t size = sizeof(float)
    block.beside = size if across else some.steps[x_at]
    block.y_beside = 0
    block.x = some.args[x_at] + some.first * block.beside
    block.step = some.steps[x_at] if across else LANES * size
    block.n = some.n
    block.w = w
    block.ahead = [block.x + w * block.beside, NULL, NULL, block.step, 0, 0]
    if y_at >= 0:
        block.y_beside = size if across else some.steps[y_at]
        block.ahead.y = some.args[y_at] + some.first * block.y_beside
        block.ahead.y_step = some.steps[y_at] if across else LANES * size
    block.places = some.n if across else (some.n + LANES - 1) // LANES * LANES
    block.kept = <float*>room.kept
    if across and room.x != NULL:
        bring(room.x, block.x, block.step, some.n, w)
        block.x = <const char*>room.x
        block.step = LANES * size
    return block


cdef inline bint any_far(const float* tops, Py_ssize_t w) noexcept nogil:
    cdef bint far = False
    cdef Py_ssize_t c
    for c in range(w):
        far = far or is_far(tops[c])
    return far


cdef inline void some_near_rows(bint across, int sums, Step finish, Written written, Step mend, bint tempered,
                                int a_at, int x_at, int y_at, Rows some, const Room* room,
                                Py_ssize_t w) noexcept nogil:
    cdef Sums found
    cdef Block block = block_of(across, x_at, y_at, some, room, w)
    cdef bint logs = not sums & TOTAL
    cdef char* y = some.args[y_at] + some.first * block.y_beside
    find_tops(across, False, &block, found.top, found.top)
    if any_far(found.top, w):
        some_near(across, True, logs, &block, &found, y, some.steps[y_at])
    else:
        some_near(across, False, logs, &block, &found, y, some.steps[y_at])


cdef inline Py_ssize_t rows_together(Py_ssize_t n) noexcept nogil:
    # some contiguous rows at a time: what is done with one number a row takes as long for several
    return max(<Py_ssize_t>1, min(<Py_ssize_t>LANES, FEW_DOUBLES // (n + LANES)))


cdef inline void run_near(bint across, int sums, char** args, Py_ssize_t* steps, Py_ssize_t rows,
                          Py_ssize_t n) noexcept nogil:
    # x, y
    run_work(across, some_near_rows, rows_together(n), sums, no_step, nothing, no_step, False, 0, 0, 1, args, steps,
             rows, n)


cdef void softmax_near(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n, bint across) noexcept nogil:
    if n < SHORT_IN_FLOAT:
        softmax(args, steps, rows, n, across)
    else:
        run_near(across, TOTAL, args, steps, rows, n)


cdef void log_softmax_near(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n, bint across) noexcept nogil:
    if n < SHORT_IN_FLOAT:
        log_softmax(args, steps, rows, n, across)
    else:
        run_near(across, REST, args, steps, rows, n)


#: whether the kernel in float takes a row
ctypedef bint (*Takes)(char** args, Py_ssize_t* steps, Py_ssize_t row) noexcept nogil


cdef inline void in_runs(Takes takes, RowKernel near, RowKernel plain, int operands, int are_rows, char** args,
                         Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n, bint across) noexcept nogil:
    # Runs of rows that `near` takes, and of others; `are_rows` has a bit for each operand that is no number a row.
    cdef char* some[6]
    cdef Py_ssize_t start = 0
    cdef Py_ssize_t stop
    cdef bint taken
    cdef int k
    while start < rows:
        taken = takes(args, steps, start)
        stop = start + 1
        while stop < rows and takes(args, steps, stop) == taken:
            stop += 1
        for k in range(operands):
            some[k] = args[k] + start * (<Py_ssize_t>sizeof(float) if across and are_rows >> k & 1 else steps[k])
        if taken:
            near(some, steps, stop - start, n, across)
        else:
            plain(some, steps, stop - start, n, across)
        start = stop


cdef bint has_temperature_one(char** args, Py_ssize_t* steps, Py_ssize_t row) noexcept nogil:
    # as all rows have of which a mask leaves something out
    return (<double*>(args[1] + row * steps[1]))[0] == 1


cdef inline void without_temperature(RowKernel kernel, char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n,
                                     bint across) noexcept nogil:
    cdef char* others[2]
    cdef Py_ssize_t steps_of_others[2]
    others[0], others[1] = args[0], args[2]
    steps_of_others[0], steps_of_others[1] = steps[0], steps[2]
    kernel(others, steps_of_others, rows, n, across)


cdef void softmax_at_one(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n, bint across) noexcept nogil:
    without_temperature(softmax_near, args, steps, rows, n, across)


cdef void log_softmax_at_one(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n, bint across) noexcept nogil:
    without_temperature(log_softmax_near, args, steps, rows, n, across)


cdef void softmax_by_temperature(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n,
                                 bint across) noexcept nogil:
    # x, temperature, y
    in_runs(has_temperature_one, softmax_at_one, softmax_tempered, 3, 0b101, args, steps, rows, n, across)


cdef void log_softmax_by_temperature(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n,
                                     bint across) noexcept nogil:
    # x, temperature, y
    in_runs(has_temperature_one, log_softmax_at_one, log_softmax_tempered, 3, 0b101, args, steps, rows, n, across)


if FASTACT_HAS_FMA:
    ROWS |= {
        "softmax": (<size_t>&softmax_near, True),
        "softmax_tempered": (<size_t>&softmax_by_temperature, True),
        "log_softmax": (<size_t>&log_softmax_near, True),
        "log_softmax_tempered": (<size_t>&log_softmax_by_temperature, True),
    }
