# softmax and log_softmax of float32 in float, from the sums of near_sums.pxi.
#
# A quotient is rounded once, for the product of a scale and a number of 16 bits is exact, and once more where it is
# lowered and subnormal. Without FMA nothing takes these.

cdef enum:
    SHORT = 64  # shorter rows take up to 1.4 times as long in float, log_softmax of dominated ones 1.5 times


cdef struct Factors:  # what the result is made of: three numbers a row
    float first[LANES]
    float second[LANES]
    float third[LANES]


cdef struct Factor:  # the same of a strip, or of a row
    lanes first
    lanes second
    lanes third


cdef inline void set_shares(Factors* factors, Sums* sums, Py_ssize_t w) noexcept nogil:
    # 1 / total as a number of 16 bits, what this must be multiplied by, and what that is beyond 1
    cdef double inverse
    cdef double ratio
    cdef Py_ssize_t c
    for c in range(w):
        inverse = RAISED / sums.total[c]
        factors.first[c] = float_from_bits(bits_of_float(<float>inverse) & <uint32_t>0xffffff00)
        ratio = inverse / factors.first[c]
        factors.second[c] = <float>ratio
        factors.third[c] = <float>(ratio - 1)


cdef inline lanes near_share(Power e, const Factor* factor) noexcept nogil:
    cdef lanes product = e.scale * factor.first
    cdef lanes rest = lanes_mul_add(e.fraction, factor.second, factor.third)
    return lanes_mul_add(product, rest, product) * in_all_lanes(LOWER)


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


cdef inline void some_near(bint across, bint far, bint logs, const Block* block, Sums* sums, char* y,
                           Py_ssize_t y_step, Py_ssize_t y_beside) noexcept nogil:
    cdef Frames frames
    cdef Factors factors
    cdef Frame frame
    cdef Factor factor
    cdef const char* x = block.x
    cdef const float* kept = block.kept
    cdef Py_ssize_t vectors = block.n if across else block.n // LANE_COUNT
    cdef Py_ssize_t x_vector = block.step if across else LANE_COUNT * sizeof(float)
    cdef Py_ssize_t y_vector = y_step if across else LANE_COUNT * sizeof(float)
    cdef Py_ssize_t first = 0
    sum_up(across, far, False, block, sums.top, sums.top, &frames, sums.total)
    if logs:
        take_near_logs(across, block, &frames, sums)
        set_logs(&factors, sums, block.w)
    else:
        set_shares(&factors, sums, block.w)
    while first < block.w:
        frame = frame_of(across, &frames, sums.top, first, block.w)
        factor = factor_of(across, &factors, first, block.w)
        write_vectors(far, logs, x, x_vector, y, y_vector, 0, vectors,
                      min(LANE_COUNT, block.w - first) if across else LANE_COUNT, &frame, kept, &factor)
        if not across and block.n % LANE_COUNT:
            write_vectors(far, logs, x, x_vector, y, y_vector, vectors, vectors + 1,
                          block.n % LANE_COUNT, &frame, kept, &factor)
        x += rows_at_once(across) * block.beside
        y += rows_at_once(across) * y_beside
        if kept != NULL:
            kept += 2 * rows_at_once(across) * block.places
        first += rows_at_once(across)


cdef inline void some_near_rows(bint across, int sums, Step finish, Written written, Step mend, bint tempered,
                                int a_at, int x_at, int y_at, Rows some, const Room* room,
                                Py_ssize_t w) noexcept nogil:
    # w rows side by side, or one after another
    cdef Sums found
    cdef Block block
    cdef bint logs = not sums & TOTAL
    cdef bint far = False
    cdef Py_ssize_t size = sizeof(float)
    cdef Py_ssize_t y_beside = size if across else some.steps[y_at]
    cdef char* y = some.args[y_at] + some.first * y_beside
    cdef Py_ssize_t c
    block.beside = size if across else some.steps[x_at]
    block.x = some.args[x_at] + some.first * block.beside
    block.step = some.steps[x_at] if across else LANES * size
    block.n = some.n
    block.w = w
    block.ahead = [block.x + w * block.beside, NULL, y, block.step, 0, some.steps[y_at] if across else LANES * size]
    block.y_beside = y_beside
    block.places = some.n if across else (some.n + LANES - 1) // LANES * LANES
    block.kept = <float*>room.kept
    if across and room.x != NULL:
        bring(room.x, block.x, block.step, some.n, w)
        block.x = <const char*>room.x
        block.step = LANES * size
    find_tops(across, False, &block, found.top, found.top)
    for c in range(w):
        far = far or is_far(found.top[c])
    if far:
        some_near(across, True, logs, &block, &found, y, some.steps[y_at], y_beside)
    else:
        some_near(across, False, logs, &block, &found, y, some.steps[y_at], y_beside)


cdef inline void run_near(bint across, int sums, char** args, Py_ssize_t* steps, Py_ssize_t rows,
                          Py_ssize_t n) noexcept nogil:
    # x, y. Some contiguous rows at a time: what is done with one number a row takes as long for several.
    cdef Py_ssize_t together = max(<Py_ssize_t>1, min(<Py_ssize_t>LANES, FEW // (n + LANES)))
    run_work(across, some_near_rows, together, sums, no_step, nothing, no_step, False, 0, 0, 1, args, steps, rows, n)


cdef void softmax_near(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n, bint across) noexcept nogil:
    if n < SHORT:
        softmax(args, steps, rows, n, across)
    else:
        run_near(across, TOTAL, args, steps, rows, n)


cdef void log_softmax_near(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n, bint across) noexcept nogil:
    if n < SHORT:
        log_softmax(args, steps, rows, n, across)
    else:
        run_near(across, REST, args, steps, rows, n)


cdef inline double temperature_of(char** args, Py_ssize_t* steps, Py_ssize_t row) noexcept nogil:
    return (<double*>(args[1] + row * steps[1]))[0]


ctypedef void (*RowKernel)(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n, bint across) noexcept nogil


cdef inline void by_temperature(bint across, RowKernel plain, RowKernel tempered, char** args, Py_ssize_t* steps,
                                Py_ssize_t rows, Py_ssize_t n) noexcept nogil:
    # x, temperature, y: in float where the temperature is 1, as it is for all rows of which a mask leaves something out
    cdef char* some[3]
    cdef Py_ssize_t plain_steps[2]
    cdef Py_ssize_t beside[3]
    cdef Py_ssize_t start = 0
    cdef Py_ssize_t stop
    cdef bint is_one
    cdef int k
    for k in range(3):
        beside[k] = sizeof(float) if across and k != 1 else steps[k]
    plain_steps[0], plain_steps[1] = steps[0], steps[2]
    while start < rows:
        is_one = temperature_of(args, steps, start) == 1
        stop = start + 1
        while stop < rows and (temperature_of(args, steps, stop) == 1) == is_one:
            stop += 1
        for k in range(3):
            some[k] = args[k] + start * beside[k]
        if is_one:
            some[1] = some[2]
            plain(some, plain_steps, stop - start, n, across)
        else:
            tempered(some, steps, stop - start, n, across)
        start = stop


cdef void softmax_by_temperature(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n,
                                 bint across) noexcept nogil:
    # x, temperature, y
    by_temperature(across, softmax_near, softmax_tempered, args, steps, rows, n)


cdef void log_softmax_by_temperature(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n,
                                     bint across) noexcept nogil:
    # x, temperature, y
    by_temperature(across, log_softmax_near, log_softmax_tempered, args, steps, rows, n)


if FASTACT_HAS_FMA:
    ROWS |= {
        "softmax": (<size_t>&softmax_near, True),
        "softmax_tempered": (<size_t>&softmax_by_temperature, True),
        "log_softmax": (<size_t>&log_softmax_near, True),
        "log_softmax_tempered": (<size_t>&log_softmax_by_temperature, True),
    }
