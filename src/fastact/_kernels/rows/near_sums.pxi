# Sums of exponentials over float32 rows, in float instead of double: twice as many numbers at a time.
#
# e^x = scale (1 + fraction): a scale is a number of 8 bits from a table of 16 times a power of two, and a fraction at
# most 0.024, so that its rounding is worth 2^-30. Sums of scales lose nothing: what they round off has a sum of its own
# (in that of the products of scale and fraction, a long row of equal small elements was 4 ULP off). MOST_IN_FLOAT of
# each are added up in a float, then in a double. Exponentials are RAISED ones, relative to the power of two below that
# of the largest element.
#
# Element i of a row is added up in lane i % LANES, as in lines.pxi, whether a vector is a part of a row or an element
# of each row in a strip of LANE_COUNT. Without FMA nothing takes these.
#
# With AVX-512, of 0.37 ns for an element of a row of 1000, the sum takes 0.22, by the number of its operations: two or
# four vectors step by step take as long. Tried and left: the sum of numbers rounded to float, in pairs and then in
# double (0.28 ns, for conversions take long, and with errors that add up where a row repeats itself); exponentials
# without a table, with a low part (0.44); exponentials of rows over 6,000 elements computed again, not kept (0.44 for
# 0.38 at 8,000).

cdef extern from "rows/exp_table.h" nogil:
    const uint8_t[16] powers_shortfall
    const float[16] powers_rest
    const float STEPS_A_UNIT, STEP_F32, STEP_LOW_F32, TABLE_TAIL_0, TABLE_TAIL_1

cdef extern from *:
    """
    #define RAISED 0x1p80f
    #define LOWER 0x1p-80f
    /* adding it rounds steps, and leaves those of RAISED, and of the bias of an exponent, more */
    #define ROUND_TO_RAISED (ROUND_F32 + 16 * (80 + 127))
    #define START 0x1p82f        /* more than any scale: what a sum of it and of scales loses is told by subtractions */
    #define FAR 8192.0f          /* a row with so large an element is moved to 0, exactly where it counts */
    #define NEGLIGIBLE 140.0f    /* exponentials of what is below the largest by so much are those at this distance */
    #define LARGEST_LOST 0x1p104f  /* the last place of the largest float: no difference loses more */
    #define DOMINATED 0.25       /* log(sum) below which the sum does not tell enough of all but the largest */
    """
    const float RAISED, LOWER, ROUND_TO_RAISED, START, FAR, NEGLIGIBLE, LARGEST_LOST
    const double DOMINATED

cdef enum:
    MOST_IN_FLOAT = 64      # scales that a lane of floats takes
    WIDEST = 16    # what LANE_COUNT is at most
    TOGETHER = 4   # lanes of a strip
    VECTORS = 8    # what LANES // LANE_COUNT is at most


cdef struct Block:  # rows that are worked on together: `w` side by side, or one after another
    const char* x
    Py_ssize_t step    # bytes from one line of a row to the next
    Py_ssize_t beside  # bytes from one row to the next
    Py_ssize_t n       # elements of a row
    Py_ssize_t w
    Py_ssize_t places  # for what is kept of a row
    float* kept        # powers, or NULL
    Ahead ahead        # for the first row
    Py_ssize_t y_beside  # bytes from one row of the result to the next


cdef struct Frames:  # what the exponentials of each row are relative to
    float shift[LANES]     # x is less by so much
    float lowest[LANES]    # bound of the difference
    float base[LANES]      # turns it into a number of steps, rounded
    double distance[LANES]  # of the largest element from the power of two


cdef struct Frame:  # the same of a strip, or of a row in all lanes
    lanes shift
    lanes lowest
    lanes base
    lanes top


cdef struct Power:  # scale (1 + fraction)
    lanes scale
    lanes fraction


cdef struct Sums:  # what is known of each row
    float top[LANES]       # its largest element
    double total[LANES]    # sum of exponentials
    double p[LANES]        # log(sum of e^(x - top))


# -- exponentials -------------------------------------------------------------------------------

cdef inline bint is_far(float largest) noexcept nogil:
    # or is infinite, which makes the whole frame NaN, or NaN
    return not absolute(largest) < FAR


cdef inline void set_frames(Frames* frames, const float* top, Py_ssize_t w) noexcept nogil:
    cdef Py_ssize_t c
    cdef float near
    cdef float octave
    for c in range(w):
        frames.shift[c] = top[c] if is_far(top[c]) else <real>0
        near = top[c] - frames.shift[c]
        octave = (near * LOG2_E_F32 - <real>0.5 + ROUND_F32) - ROUND_F32
        frames.lowest[c] = near - NEGLIGIBLE
        frames.base[c] = ROUND_TO_RAISED - <real>16 * octave
        frames.distance[c] = near - octave * LN2


cdef inline lanes load(const float* x, Py_ssize_t w) noexcept nogil:
    return load_lanes(x) if w == LANE_COUNT else load_some_lanes(x, w)


cdef inline lanes of_rows(bint across, const float* numbers, Py_ssize_t w) noexcept nogil:
    # a number for each of w rows of a strip, or that of one row for all lanes. Lanes that no row has are 0: what lies
    # beyond may be subnormal, which takes 100 cycles an operation.
    return load(numbers, min(LANE_COUNT, w)) if across else in_all_lanes(numbers[0])


cdef inline Frame frame_of(bint across, const Frames* frames, const float* top, Py_ssize_t first,
                           Py_ssize_t w) noexcept nogil:
    # of the rows from the first of w on
    cdef Frame frame
    frame.shift = of_rows(across, frames.shift + first, w - first)
    frame.lowest = of_rows(across, frames.lowest + first, w - first)
    frame.base = of_rows(across, frames.base + first, w - first)
    frame.top = of_rows(across, top + first, w - first)
    return frame


cdef inline Power power_of(bint far, bint others, lanes x, const Frame* frame) noexcept nogil:
    # RAISED e^x in the frame; of the largest element 0, if it is about the `others`
    cdef lanes difference = lanes_larger(frame.lowest, x - frame.shift if far else x)
    cdef lanes shifted = lanes_mul_add(difference, in_all_lanes(STEPS_A_UNIT), frame.base)
    cdef lanes_of_int index = bits_of_lanes(shifted)
    cdef lanes back = frame.base - shifted
    cdef lanes high = lanes_mul_add(back, in_all_lanes(STEP_F32), difference)
    cdef lanes r = lanes_mul_add(back, in_all_lanes(STEP_LOW_F32), high) + look_up(powers_rest, index)
    cdef lanes tail
    cdef Power e
    e.scale = lanes_from_bits((index << 19) - look_up_upper(powers_shortfall, index))
    if others:
        e.scale = lanes_unless_equal(x, frame.top, e.scale, 0)
        r = lanes_unless_equal(x, frame.top, r, 0)  # it is NaN where the largest is so far above the others
    tail = lanes_mul_add(r, in_all_lanes(TABLE_TAIL_1), in_all_lanes(TABLE_TAIL_0))
    e.fraction = lanes_mul_add(r * r, tail, r)
    return e


cdef inline void add_power(Power e, lanes* scales, lanes* losts, lanes* fractions) noexcept nogil:
    # the difference of two sums of scales, and what it lacks of this scale, are exact, as START is above all scales
    cdef lanes sum = scales[0] + e.scale
    losts[0] += e.scale - (sum - scales[0])
    scales[0] = sum
    fractions[0] = lanes_mul_add(e.scale, e.fraction, fractions[0])


cdef inline void keep_power(Power e, float* kept, Py_ssize_t vector) noexcept nogil:
    if kept != NULL:
        store_lanes(kept + 2 * LANE_COUNT * vector, e.scale)
        store_lanes(kept + 2 * LANE_COUNT * vector + LANE_COUNT, e.fraction)


cdef inline Power kept_power(const float* kept, Py_ssize_t vector) noexcept nogil:
    cdef Power e
    e.scale = load_lanes(kept + 2 * LANE_COUNT * vector)
    e.fraction = load_lanes(kept + 2 * LANE_COUNT * vector + LANE_COUNT)
    return e


cdef inline Py_ssize_t rows_at_once(bint across) noexcept nogil:
    return LANE_COUNT if across else 1


# -- sums ---------------------------------------------------------------------------------------

cdef inline void store(float* y, lanes x, Py_ssize_t w) noexcept nogil:
    if w == LANE_COUNT:
        store_lanes(y, x)
    else:
        store_some_lanes(y, x, w)


cdef inline lanes larger_of(bint others, lanes x, lanes top, lanes largest) noexcept nogil:
    # With a NaN it may be anything: that comes back in the sum, and makes the whole row NaN.
    return lanes_larger(lanes_unless_equal(x, top, x, -INFINITY) if others else x, largest)


cdef inline float top_of_row(bint others, const float* x, Py_ssize_t n, float top) noexcept nogil:
    # for n >= LANE_COUNT
    cdef lanes tops = in_all_lanes(top)
    cdef lanes largest[TOGETHER]
    cdef Py_ssize_t i = 0
    cdef Py_ssize_t k
    for k in range(TOGETHER):
        largest[k] = in_all_lanes(-INFINITY)
    while i + TOGETHER * LANE_COUNT <= n:
        for k in range(TOGETHER):
            largest[k] = larger_of(others, load(x + i + k * LANE_COUNT, LANE_COUNT), tops, largest[k])
        i += TOGETHER * LANE_COUNT
    while i < n:  # some elements twice
        largest[0] = larger_of(others, load(x + min(i, n - LANE_COUNT), LANE_COUNT), tops, largest[0])
        i += LANE_COUNT
    return largest_lane(lanes_larger(lanes_larger(largest[0], largest[1]), lanes_larger(largest[2], largest[3])))


cdef inline lanes top_of_strip(bint others, const char* x, Py_ssize_t step, Py_ssize_t n, Py_ssize_t w,
                               lanes top) noexcept nogil:
    cdef lanes largest = in_all_lanes(-INFINITY)
    cdef Py_ssize_t i
    for i in range(n):
        largest = larger_of(others, load(<const float*>(x + i * step), w), top, largest)
    return largest


cdef inline void find_tops(bint across, bint others, const Block* block, const float* top,
                           float* tops) noexcept nogil:
    # the largest element of each row, or of the `others` without the top
    cdef const char* x = block.x
    cdef Py_ssize_t first = 0
    while first < block.w:
        if across:
            store_lanes(tops + first, top_of_strip(others, x, block.step, block.n,
                                                   min(LANE_COUNT, block.w - first), load_lanes(top + first)))
        else:
            tops[first] = top_of_row(others, <const float*>x, block.n, top[first])
        x += rows_at_once(across) * block.beside
        first += rows_at_once(across)


cdef inline void add_totals(bint fresh, double* totals, const float* scales, const float* losts,
                            const float* fractions, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t k
    for k in range(n):
        totals[k] = before(fresh, totals[k]) + ((<double>scales[k] - START) + (<double>losts[k] + fractions[k]))


cdef inline double sum_of_row(bint far, bint others, const float* x, Py_ssize_t n, const Frame* given, float* kept,
                              const Ahead* ahead) noexcept nogil:
    cdef Frame frame = given[0]
    cdef lanes scales[VECTORS]
    cdef lanes losts[VECTORS]
    cdef lanes fractions[VECTORS]
    cdef double totals[LANES]
    cdef Power e
    cdef bint fresh
    cdef Py_ssize_t full = n // LANES * LANES
    cdef Py_ssize_t i = 0
    cdef Py_ssize_t end
    cdef Py_ssize_t stop
    cdef Py_ssize_t k
    cdef Py_ssize_t w
    while i < n:
        fresh = i == 0
        end = i + MOST_IN_FLOAT * LANES
        stop = min(full, end)
        for k in range(LANES // LANE_COUNT):
            scales[k] = in_all_lanes(START)
            losts[k] = fractions[k] = in_all_lanes(0)
        while i < stop:
            for k in range(LANES // LANE_COUNT):
                e = power_of(far, others, load(x + i + k * LANE_COUNT, LANE_COUNT), &frame)
                add_power(e, &scales[k], &losts[k], &fractions[k])
                keep_power(e, kept, i // LANE_COUNT + k)
            if not others:
                ask_ahead(False, ahead, i // LANES)
            i += LANES
        if i == full and i < end:
            for k in range(LANES // LANE_COUNT):
                w = min(LANE_COUNT, n - i - k * LANE_COUNT)
                if w > 0:
                    e = power_of(far, others, load(x + i + k * LANE_COUNT, w), &frame)
                    e.scale = first_lanes(e.scale, w)
                    e.fraction = first_lanes(e.fraction, w)
                    add_power(e, &scales[k], &losts[k], &fractions[k])
                    keep_power(e, kept, i // LANE_COUNT + k)
            i = n
        if fresh:
            add_totals(True, totals, <const float*>scales, <const float*>losts, <const float*>fractions, LANES)
        else:
            add_totals(False, totals, <const float*>scales, <const float*>losts, <const float*>fractions, LANES)
    return sum_of_halves(totals)


cdef inline void sum_of_strip(bint far, bint others, const char* x, Py_ssize_t step, Py_ssize_t n,
                              Py_ssize_t w, const Frame* given, float* kept, double* total,
                              const Ahead* ahead) noexcept nogil:
    # lane after lane, some at a time, so that sums stay in registers
    cdef Frame frame = given[0]
    cdef lanes scales[TOGETHER]
    cdef lanes losts[TOGETHER]
    cdef lanes fractions[TOGETHER]
    cdef double totals[LANES * WIDEST]
    cdef Power e
    cdef Py_ssize_t count = min(n, LANES)
    cdef Py_ssize_t half = LANES // 2
    cdef Py_ssize_t first = 0
    cdef Py_ssize_t i
    cdef Py_ssize_t stop
    cdef Py_ssize_t k
    while first < count:
        i = first
        while i < n:
            stop = min(n, i + MOST_IN_FLOAT * LANES)
            for k in range(TOGETHER):
                scales[k] = in_all_lanes(START)
                losts[k] = fractions[k] = in_all_lanes(0)
            while i + TOGETHER <= stop:
                for k in range(TOGETHER):
                    e = power_of(far, others, load(<const float*>(x + (i + k) * step), w), &frame)
                    add_power(e, &scales[k], &losts[k], &fractions[k])
                    keep_power(e, kept, i + k)
                    if not others:  # not by ask_ahead: a strip is no wider than what memory gives at once
                        ask_for(ahead.x + (i + k) * ahead.x_step)
                        if ahead.y != NULL:
                            ask_for(ahead.y + (i + k) * ahead.y_step)
                i += LANES
            if i < stop:
                for k in range(stop - i):
                    e = power_of(far, others, load(<const float*>(x + (i + k) * step), w), &frame)
                    add_power(e, &scales[k], &losts[k], &fractions[k])
                    keep_power(e, kept, i + k)
                i += LANES
            if i < first + MOST_IN_FLOAT * LANES + LANES:
                add_totals(True, totals + first * LANE_COUNT, <const float*>scales, <const float*>losts,
                           <const float*>fractions, TOGETHER * LANE_COUNT)
            else:
                add_totals(False, totals + first * LANE_COUNT, <const float*>scales, <const float*>losts,
                           <const float*>fractions, TOGETHER * LANE_COUNT)
        first += TOGETHER
    while half:
        for k in range(min(half, count - half) * LANE_COUNT):
            totals[k] += totals[k + half * LANE_COUNT]
        half //= 2
    for k in range(w):
        total[k] = totals[k]


cdef inline void sum_up(bint across, bint far, bint others, const Block* block, const float* top,
                        const float* largest, Frames* frames, double* total) noexcept nogil:
    # of each row: relative to the `largest`, and of the `others` without the top, when all has been asked for
    cdef Frame frame
    cdef Ahead ahead = block.ahead
    cdef const char* x = block.x
    cdef float* kept = block.kept
    cdef Py_ssize_t first = 0
    set_frames(frames, largest, block.w)
    while first < block.w:
        frame = frame_of(across, frames, top, first, block.w)
        if across:
            sum_of_strip(far, others, x, block.step, block.n, min(LANE_COUNT, block.w - first), &frame, kept,
                         total + first, &ahead)
        else:
            total[first] = sum_of_row(far, others, <const float*>x, block.n, &frame, kept, &ahead)
        ahead.x += rows_at_once(across) * block.beside
        ahead.y += rows_at_once(across) * block.y_beside
        x += rows_at_once(across) * block.beside
        if kept != NULL:
            kept += 2 * rows_at_once(across) * block.places
        first += rows_at_once(across)
