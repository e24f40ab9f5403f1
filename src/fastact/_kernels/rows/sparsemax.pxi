# sparsemax: the projection of a row onto the simplex, found by dropping what falls below the threshold, row by row.

cdef struct Sum:
    double value
    double low             # what the value lost to rounding


cdef inline void add(Sum* sum, double part) noexcept nogil:
    cdef double value = sum.value + part
    sum.low += addend_low(sum.value, part, value)
    sum.value = value


cdef inline double largest_element(real_in x, Py_ssize_t n) noexcept nogil:
    cdef Line line
    cdef Py_ssize_t lines = (n + LANES - 1) // LANES
    find_largest(0, &line, <const char*>x, LANES * sizeof(real), lines, False, LANES, n - (lines - 1) * LANES)
    return line.largest[0]


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
        for c in range((n + CHUNK - 1) // CHUNK):
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
    t.low = (residual(total.value, t.value, count) + total.low) / count
    return t


cdef void sparsemax(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n, bint across) noexcept nogil:
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
    for c in range((n + CHUNK - 1) // CHUNK):
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


cdef void sparsemax_backward(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n, bint across) noexcept nogil:
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
                                         Py_ssize_t n, bint across) noexcept nogil:
    # dy, y, dx
    cdef Py_ssize_t r
    for r in range(rows):
        sparsemax_gradient(<real_in>(args[0] + r * steps[0]), <real_in>(args[1] + r * steps[1]),
                           <real_out>(args[2] + r * steps[2]), n, 0, 0)


ROWS |= {
    "sparsemax": (<size_t>&sparsemax, False),
    "sparsemax_backward": (<size_t>&sparsemax_backward, False),
    "sparsemax_backward_from_output": (<size_t>&sparsemax_backward_from_output, False),
}
