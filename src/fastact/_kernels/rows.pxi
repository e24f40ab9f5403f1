# The softmax family and its losses: kernels over rows, each of them contiguous.
#
# All have one signature (RowKernel in row_loops.pxi): the operands, the result last; the bytes from one row to
# the next in each; how many rows; how many elements a row has. What is one number a row is contiguous, too.
#
# A row is worked on in chunks that stay in the first cache. Sums and maxima are taken in pairs, half of a chunk
# with the other half: what is left is loops without order, which any vector width runs with the same bits.
# Exponentials come as doubles, RAISED_ONE e^(x - largest): normal numbers, whatever the result will be.

cdef enum:
    CHUNK = 2048   # a longer row has its exponentials computed twice
    HALF = 1024    # of a chunk
    FEW = 8        # numbers that are added up one after the other
    LANES = 16     # of sums elsewhere


cdef struct Row:
    double largest
    Py_ssize_t ties        # how many exponentials are 1: those of the largest elements
    double rest            # sum of the other exponentials; apart, so that it is not lost beside 1
    double inverse         # 1 / (ties + rest), in units of RAISED_ONE
    double dot             # sum of dy times the softmax


cdef struct Sum:
    double value
    double low             # what the value lost to rounding


cdef struct Rate:  # 1 / temperature
    double value
    double low


cdef inline Py_ssize_t chunks(Py_ssize_t n) noexcept nogil:
    return (n + CHUNK - 1) // CHUNK


cdef inline double largest_element(real_in x, Py_ssize_t n) noexcept nogil:
    # With a NaN it may be anything: that comes back in the sum, and makes the whole row NaN.
    cdef real room[HALF]
    cdef real largest = -INFINITY
    cdef Py_ssize_t c
    cdef Py_ssize_t m
    cdef Py_ssize_t half
    cdef Py_ssize_t i
    for c in range(chunks(n)):
        m = min(<Py_ssize_t>CHUNK, n - c * CHUNK)
        half = m // 2
        for i in range(half):
            room[i] = x[i] if x[i] > x[i + half] else x[i + half]
        if m % 2:
            largest = x[m - 1] if x[m - 1] > largest else largest
        while half > FEW:
            if half % 2:
                largest = room[half - 1] if room[half - 1] > largest else largest
            half //= 2
            for i in range(half):
                room[i] = room[i] if room[i] > room[i + half] else room[i + half]
        for i in range(half):
            largest = room[i] if room[i] > largest else largest
        x += m
    return largest


cdef inline double sum_in_pairs(double* room, Py_ssize_t n) noexcept nogil:
    # sum of n numbers, of which it makes waste
    cdef double total = 0
    cdef Py_ssize_t i
    while n > FEW:
        if n % 2:
            total += room[n - 1]
        n //= 2
        for i in range(n):
            room[i] += room[i + n]
    for i in range(n):
        total += room[i]
    return total


cdef inline double sum_of_chunk(const double* e, Py_ssize_t m) noexcept nogil:
    cdef double room[HALF]
    cdef Py_ssize_t half = m // 2
    cdef Py_ssize_t i
    for i in range(half):
        room[i] = e[i] + e[i + half]
    return sum_in_pairs(room, half) + (e[m - 1] if m % 2 else 0)


cdef inline double sum_but_ones(const double* e, Py_ssize_t m, Py_ssize_t* ones) noexcept nogil:
    # the sum of those exponentials that are not RAISED_ONE, and how many are
    cdef double room[HALF]
    cdef Py_ssize_t half = m // 2
    cdef Py_ssize_t count = 0
    cdef Py_ssize_t i
    for i in range(m):
        count += e[i] == RAISED_ONE
    for i in range(half):
        room[i] = (0 if e[i] == RAISED_ONE else e[i]) + (0 if e[i + half] == RAISED_ONE else e[i + half])
    ones[0] += count
    return sum_in_pairs(room, half) + (e[m - 1] if m % 2 and e[m - 1] != RAISED_ONE else 0)


cdef inline double dot_of_row(real_in dy, real_in y, Py_ssize_t n) noexcept nogil:
    cdef double room[HALF]
    cdef double total = 0
    cdef Py_ssize_t c
    cdef Py_ssize_t m
    cdef Py_ssize_t half
    cdef Py_ssize_t i
    for c in range(chunks(n)):
        m = min(<Py_ssize_t>CHUNK, n - c * CHUNK)
        half = m // 2
        for i in range(half):
            room[i] = mul_add(dy[i], y[i], <double>dy[i + half] * y[i + half])
        total += sum_in_pairs(room, half)
        if m % 2:
            total += <double>dy[m - 1] * y[m - 1]
        dy += m
        y += m
    return total


cdef inline double sum_of_row(real_in x, Py_ssize_t n) noexcept nogil:
    cdef double room[HALF]
    cdef double total = 0
    cdef Py_ssize_t c
    cdef Py_ssize_t m
    cdef Py_ssize_t half
    cdef Py_ssize_t i
    for c in range(chunks(n)):
        m = min(<Py_ssize_t>CHUNK, n - c * CHUNK)
        half = m // 2
        for i in range(half):
            room[i] = <double>x[i] + x[i + half]
        total += sum_in_pairs(room, half)
        if m % 2:
            total += x[m - 1]
        x += m
    return total


cdef inline void add(Sum* sum, double part) noexcept nogil:
    cdef double value = sum.value + part
    sum.low += addend_low(sum.value, part, value)
    sum.value = value


cdef inline double exponential_from(real x, double largest, Rate rate, bint tempered) noexcept nogil:
    # 2^RAISE e^((x - largest) / temperature)
    cdef double d = x - largest
    cdef double low = difference_low(x, largest, d)
    cdef double q
    if tempered:
        q = d * rate.value
        low = mul_add(low, rate.value, mul_add(d, rate.low, product_low(d, rate.value, q)))
        low = low if absolute(<real>low) < 1 else 0
        d = q
    return raised_exp(-LIMIT if d < -LIMIT else d, low)


cdef inline void exponentials(real_in x, double* e, Py_ssize_t n, double largest, Rate rate,
                              bint tempered) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        e[i] = exponential_from(x[i], largest, rate, tempered)


cdef inline Rate rate_of(const double* temperature, bint tempered) noexcept nogil:
    cdef Rate rate
    rate.value = 1
    rate.low = 0
    if tempered:
        rate.value = 1 / temperature[0]
        rate.low = residual(1, rate.value, temperature[0]) * rate.value
    return rate


cdef inline Row statistics(real_in x, double* e, Py_ssize_t n, Rate rate, bint tempered,
                           real_in dy) noexcept nogil:
    # Leaves the exponentials in e if they fit. dy may be NULL.
    cdef Row row
    cdef Sum rest = [0, 0]
    cdef double products[CHUNK]
    cdef Py_ssize_t c
    cdef Py_ssize_t start
    cdef Py_ssize_t m
    cdef Py_ssize_t i
    row.largest = largest_element(x, n)
    row.ties = 0
    row.dot = 0
    for c in range(chunks(n)):
        start = c * CHUNK
        m = min(<Py_ssize_t>CHUNK, n - start)
        exponentials(x + start, e, m, row.largest, rate, tempered)
        add(&rest, sum_but_ones(e, m, &row.ties))
        if dy != NULL:
            for i in range(m):
                products[i] = dy[start + i] * e[i]
            row.dot += sum_of_chunk(products, m)
    row.rest = (rest.value + rest.low) / RAISED_ONE
    row.inverse = 1 / (row.ties + row.rest) / RAISED_ONE
    row.dot *= row.inverse
    return row


cdef inline double rest_of(Row row) noexcept nogil:
    # sum of the exponentials of all elements but one of the largest
    return (row.ties - 1) + row.rest


# -- softmax ------------------------------------------------------------------------------------

cdef inline void softmax_of_rows(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n,
                                 bint tempered) noexcept nogil:
    # x, (temperature,) y
    cdef double e[CHUNK]
    cdef real_in x
    cdef real_out y
    cdef Rate rate
    cdef Row row
    cdef Py_ssize_t r
    cdef Py_ssize_t c
    cdef Py_ssize_t start
    cdef Py_ssize_t m
    cdef Py_ssize_t i
    for r in range(rows):
        x = <real_in>(args[0] + r * steps[0])
        y = <real_out>(args[1 + tempered] + r * steps[1 + tempered])
        rate = rate_of(<const double*>(args[1] + r * steps[1]), tempered)
        row = statistics(x, e, n, rate, tempered, NULL)
        for c in range(chunks(n)):
            start = c * CHUNK
            m = min(<Py_ssize_t>CHUNK, n - start)
            if n > CHUNK:
                exponentials(x + start, e, m, row.largest, rate, tempered)
            for i in range(m):
                y[start + i] = <real>(e[i] * row.inverse)


cdef void softmax(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n) noexcept nogil:
    softmax_of_rows(args, steps, rows, n, False)


cdef void softmax_tempered(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n) noexcept nogil:
    softmax_of_rows(args, steps, rows, n, True)


cdef void softmax_backward(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n) noexcept nogil:
    # dy, x, dx
    cdef double e[CHUNK]
    cdef Rate rate = rate_of(NULL, False)
    cdef real_in dy
    cdef real_in x
    cdef real_out dx
    cdef Row row
    cdef Py_ssize_t r
    cdef Py_ssize_t c
    cdef Py_ssize_t start
    cdef Py_ssize_t m
    cdef Py_ssize_t i
    for r in range(rows):
        dy = <real_in>(args[0] + r * steps[0])
        x = <real_in>(args[1] + r * steps[1])
        dx = <real_out>(args[2] + r * steps[2])
        row = statistics(x, e, n, rate, False, dy)
        for c in range(chunks(n)):
            start = c * CHUNK
            m = min(<Py_ssize_t>CHUNK, n - start)
            if n > CHUNK:
                exponentials(x + start, e, m, row.largest, rate, False)
            for i in range(m):
                dx[start + i] = <real>(e[i] * row.inverse * (dy[start + i] - row.dot))


cdef void softmax_backward_from_output(char** args, Py_ssize_t* steps, Py_ssize_t rows,
                                       Py_ssize_t n) noexcept nogil:
    # dy, y, dx
    cdef real_in dy
    cdef real_in y
    cdef real_out dx
    cdef double dot
    cdef Py_ssize_t r
    cdef Py_ssize_t i
    for r in range(rows):
        dy = <real_in>(args[0] + r * steps[0])
        y = <real_in>(args[1] + r * steps[1])
        dx = <real_out>(args[2] + r * steps[2])
        dot = dot_of_row(dy, y, n)
        for i in range(n):
            dx[i] = <real>(y[i] * (dy[i] - dot))


# -- log_softmax and logsumexp ------------------------------------------------------------------

cdef inline void log_softmax_of_rows(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n,
                                     bint tempered) noexcept nogil:
    # x, (temperature,) y
    cdef double e[CHUNK]
    cdef real_in x
    cdef real_out y
    cdef Rate rate
    cdef Row row
    cdef double log_sum
    cdef Py_ssize_t r
    cdef Py_ssize_t i
    for r in range(rows):
        x = <real_in>(args[0] + r * steps[0])
        y = <real_out>(args[1 + tempered] + r * steps[1 + tempered])
        rate = rate_of(<const double*>(args[1] + r * steps[1]), tempered)
        row = statistics(x, e, n, rate, tempered, NULL)
        log_sum = libm_log1p(rest_of(row))
        for i in range(n):
            y[i] = <real>((x[i] - row.largest) * rate.value - log_sum)


cdef void log_softmax(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n) noexcept nogil:
    log_softmax_of_rows(args, steps, rows, n, False)


cdef void log_softmax_tempered(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n) noexcept nogil:
    log_softmax_of_rows(args, steps, rows, n, True)


cdef void log_softmax_backward(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n) noexcept nogil:
    # dy, x, dx
    cdef double e[CHUNK]
    cdef Rate rate = rate_of(NULL, False)
    cdef real_in dy
    cdef real_in x
    cdef real_out dx
    cdef Row row
    cdef double sum_dy
    cdef Py_ssize_t r
    cdef Py_ssize_t c
    cdef Py_ssize_t start
    cdef Py_ssize_t m
    cdef Py_ssize_t i
    for r in range(rows):
        dy = <real_in>(args[0] + r * steps[0])
        x = <real_in>(args[1] + r * steps[1])
        dx = <real_out>(args[2] + r * steps[2])
        row = statistics(x, e, n, rate, False, NULL)
        sum_dy = sum_of_row(dy, n)
        for c in range(chunks(n)):
            start = c * CHUNK
            m = min(<Py_ssize_t>CHUNK, n - start)
            if n > CHUNK:
                exponentials(x + start, e, m, row.largest, rate, False)
            for i in range(m):
                dx[start + i] = <real>(dy[start + i] - e[i] * row.inverse * sum_dy)


cdef void log_softmax_backward_from_output(char** args, Py_ssize_t* steps, Py_ssize_t rows,
                                           Py_ssize_t n) noexcept nogil:
    # dy, y, dx
    cdef real_in dy
    cdef real_in y
    cdef real_out dx
    cdef double sum_dy
    cdef Py_ssize_t r
    cdef Py_ssize_t i
    for r in range(rows):
        dy = <real_in>(args[0] + r * steps[0])
        y = <real_in>(args[1] + r * steps[1])
        dx = <real_out>(args[2] + r * steps[2])
        sum_dy = sum_of_row(dy, n)
        for i in range(n):
            dx[i] = <real>(dy[i] - exp(at_most(at_least(y[i], -LIMIT), LIMIT), 0) * sum_dy)


cdef void logsumexp(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n) noexcept nogil:
    # x, one number a row
    cdef double e[CHUNK]
    cdef real_in x
    cdef real_out y
    cdef Rate rate = rate_of(NULL, False)
    cdef Row row
    cdef Py_ssize_t r
    cdef Py_ssize_t i
    for r in range(rows):
        x = <real_in>(args[0] + r * steps[0])
        y = <real_out>(args[1] + r * steps[1])
        row = statistics(x, e, n, rate, False, NULL)
        y[0] = <real>(row.largest + libm_log1p(rest_of(row)))
        if row.largest == INFINITY or row.largest == -INFINITY:
            y[0] = <real>row.largest
            for i in range(n):
                y[0] = x[i] if x[i] != x[i] else y[0]


cdef void logsumexp_backward(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n) noexcept nogil:
    # dy, one number a row, x, dx
    cdef double e[CHUNK]
    cdef real_in dy
    cdef real_in x
    cdef real_out dx
    cdef Rate rate = rate_of(NULL, False)
    cdef Row row
    cdef Py_ssize_t r
    cdef Py_ssize_t c
    cdef Py_ssize_t start
    cdef Py_ssize_t m
    cdef Py_ssize_t i
    for r in range(rows):
        dy = <real_in>(args[0] + r * steps[0])
        x = <real_in>(args[1] + r * steps[1])
        dx = <real_out>(args[2] + r * steps[2])
        row = statistics(x, e, n, rate, False, NULL)
        for c in range(chunks(n)):
            start = c * CHUNK
            m = min(<Py_ssize_t>CHUNK, n - start)
            if n > CHUNK:
                exponentials(x + start, e, m, row.largest, rate, False)
            for i in range(m):
                dx[start + i] = <real>(dy[0] * (e[i] * row.inverse))


# -- sparsemax ----------------------------------------------------------------------------------

cdef inline Sum sparsemax_threshold(real_in x, Py_ssize_t n, double largest) noexcept nogil:
    # t of y = max(x - largest - t, 0): elements below it are dropped until none is (C. Michelot, Journal of
    # Optimization Theory and Applications 50, 1986); those 1 below the largest are out from the start.
    cdef double kept[CHUNK]
    cdef double one[CHUNK]
    cdef Sum t = [-1, 0]
    cdef Sum total
    cdef double count = INFINITY
    cdef double before = 0
    cdef double rough
    cdef double d
    cdef double p
    cdef Py_ssize_t c
    cdef Py_ssize_t m
    cdef Py_ssize_t i
    while count != before:
        before = count
        count = 0
        rough = 0
        for c in range(chunks(n)):
            m = min(<Py_ssize_t>CHUNK, n - c * CHUNK)
            for i in range(m):
                d = x[c * CHUNK + i] - largest
                kept[i] = 0 if d <= t.value else d
                one[i] = 0 if d <= t.value else 1
            rough += sum_of_chunk(kept, m)
            count += sum_of_chunk(one, m)
        p = t.value
        t.value = (rough - 1) / count
    # The results near 0 are differences that cancel: now with what each step loses, over the same elements.
    total = [-1, 0]
    for i in range(n):
        d = x[i] - largest
        if not d <= p:
            add(&total, d)
            total.low += difference_low(x[i], largest, d)
    t.value = (total.value + total.low) / count
    p = t.value * count
    t.low = ((total.value - p) - product_error(t.value, count, p) + total.low) / count
    return t


cdef void sparsemax(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n) noexcept nogil:
    # x, y
    cdef real_in x
    cdef real_out y
    cdef double largest
    cdef Sum t
    cdef double d
    cdef double q
    cdef double low
    cdef Py_ssize_t r
    cdef Py_ssize_t i
    for r in range(rows):
        x = <real_in>(args[0] + r * steps[0])
        y = <real_out>(args[1] + r * steps[1])
        largest = largest_element(x, n)
        t = sparsemax_threshold(x, n, largest)
        for i in range(n):
            d = x[i] - largest
            q = d - t.value
            low = sum_low(d, -t.value, q) + difference_low(x[i], largest, d) - t.low
            q += low
            y[i] = <real>(0 if d <= t.value or q < 0 else q)


cdef inline void sparsemax_gradient(real_in dy, real_in x, real_out dx, Py_ssize_t n, double largest,
                                    double t) noexcept nogil:
    # dy less its mean, where x - largest > t
    cdef double kept[CHUNK]
    cdef double one[CHUNK]
    cdef double total = 0
    cdef double count = 0
    cdef double d
    cdef Py_ssize_t c
    cdef Py_ssize_t start
    cdef Py_ssize_t m
    cdef Py_ssize_t i
    for c in range(chunks(n)):
        start = c * CHUNK
        m = min(<Py_ssize_t>CHUNK, n - start)
        for i in range(m):
            d = x[start + i] - largest
            kept[i] = 0 if d <= t else dy[start + i] + 0 * d  # NaN stays
            one[i] = 0 if d <= t else 1
        total += sum_of_chunk(kept, m)
        count += sum_of_chunk(one, m)
    total /= count
    for i in range(n):
        d = x[i] - largest
        dx[i] = <real>(0 if d <= t else dy[i] - total)


cdef void sparsemax_backward(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n) noexcept nogil:
    # dy, x, dx
    cdef real_in x
    cdef double largest
    cdef Py_ssize_t r
    for r in range(rows):
        x = <real_in>(args[1] + r * steps[1])
        largest = largest_element(x, n)
        sparsemax_gradient(<real_in>(args[0] + r * steps[0]), x, <real_out>(args[2] + r * steps[2]), n, largest,
                           sparsemax_threshold(x, n, largest).value)


cdef void sparsemax_backward_from_output(char** args, Py_ssize_t* steps, Py_ssize_t rows,
                                         Py_ssize_t n) noexcept nogil:
    # dy, y, dx
    cdef Py_ssize_t r
    for r in range(rows):
        sparsemax_gradient(<real_in>(args[0] + r * steps[0]), <real_in>(args[1] + r * steps[1]),
                           <real_out>(args[2] + r * steps[2]), n, 0, 0)


#: address of each kernel over rows, by name
ROWS = {
    "softmax": <size_t>&softmax,
    "softmax_tempered": <size_t>&softmax_tempered,
    "softmax_backward": <size_t>&softmax_backward,
    "softmax_backward_from_output": <size_t>&softmax_backward_from_output,
    "log_softmax": <size_t>&log_softmax,
    "log_softmax_tempered": <size_t>&log_softmax_tempered,
    "log_softmax_backward": <size_t>&log_softmax_backward,
    "log_softmax_backward_from_output": <size_t>&log_softmax_backward_from_output,
    "logsumexp": <size_t>&logsumexp,
    "logsumexp_backward": <size_t>&logsumexp_backward,
    "sparsemax": <size_t>&sparsemax,
    "sparsemax_backward": <size_t>&sparsemax_backward,
    "sparsemax_backward_from_output": <size_t>&sparsemax_backward_from_output,
}
