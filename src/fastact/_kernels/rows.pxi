# The softmax family over one row, in chunks: the largest element, the exponentials and their sum, the result.
#
# All sums leave out the largest element, whose exponential is exactly 1: softmax divides by
# 1 + rest, and log_softmax subtracts log1p(rest), which keeps its relative accuracy when one
# element dominates. Lanes are summed apart in a fixed order, so every vector width gives the same bits.

cdef extern from *:
    """
    #define LANES 16
    """
    const int LANES

include "row_state.pxi"


cdef void row_maximum(real_in x, Py_ssize_t n, Row* row) noexcept nogil:
    # NaN is passed over here: it comes back in the sum, and makes the whole row NaN.
    cdef real lanes[LANES]
    cdef Py_ssize_t i
    cdef int j
    for j in range(LANES):
        lanes[j] = <real>row.largest
    for i in range(n // LANES):
        for j in range(LANES):
            lanes[j] = x[LANES * i + j] if x[LANES * i + j] > lanes[j] else lanes[j]
    for i in range(n - n % LANES, n):
        lanes[0] = x[i] if x[i] > lanes[0] else lanes[0]
    for j in range(LANES):
        row.largest = lanes[j] if lanes[j] > row.largest else row.largest


cdef void row_exponentials(real_in x, double* e, Py_ssize_t n, Row* row) noexcept nogil:
    cdef Py_ssize_t i
    cdef double largest = row.largest
    cdef double d
    for i in range(n):
        d = x[i] - largest
        e[i] = exp(-LIMIT if d < -LIMIT else d, difference_low(x[i], largest, d))
    cdef double winner = 0
    if not row.winner_seen:
        for i in range(n):
            if x[i] == largest:
                row.winner_seen = True
                winner = e[i]
                e[i] = 0
                break
    cdef double more = lane_sum(e, n)
    cdef double total = row.rest + more
    row.rest_low += sum_low(row.rest, more, total)
    row.rest = total
    if winner != 0:
        e[i] = winner


cdef double lane_sum(const double* e, Py_ssize_t n) noexcept nogil:
    cdef double lanes[LANES]
    cdef double lost[LANES]
    cdef double total
    cdef double total_lost
    cdef double t
    cdef Py_ssize_t i
    cdef int j
    for j in range(LANES):
        lanes[j] = 0
        lost[j] = 0
    for i in range(n // LANES):
        for j in range(LANES):
            t = lanes[j] + e[LANES * i + j]
            lost[j] += e[LANES * i + j] - (t - lanes[j])
            lanes[j] = t
    total = 0
    total_lost = 0
    for j in range(LANES):
        t = total + lanes[j]
        total_lost += lost[j] + (lanes[j] - (t - total))
        total = t
    for i in range(n - n % LANES, n):
        t = total + e[i]
        total_lost += e[i] - (t - total)
        total = t
    return total + total_lost


cdef void softmax_result(const double* e, real_out y, Py_ssize_t n, Row* row) noexcept nogil:
    cdef Py_ssize_t i
    cdef double total = 1 + (row.rest + row.rest_low)
    for i in range(n):
        y[i] = <real>(e[i] / total)


cdef void log_softmax_result(real_in x, real_out y, Py_ssize_t n, Row* row) noexcept nogil:
    cdef Py_ssize_t i
    cdef double largest = row.largest
    cdef double log_sum = libm_log1p(row.rest + row.rest_low)
    for i in range(n):
        y[i] = <real>((x[i] - largest) - log_sum)


cdef void softmax_dot(real_in dy, real_in y, double* e, Py_ssize_t n, Row* row) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        e[i] = <double>dy[i] * y[i]
    row.dot += lane_sum(e, n)


cdef void softmax_gradient(real_in dy, real_in y, real_out dx, Py_ssize_t n, Row* row) noexcept nogil:
    cdef Py_ssize_t i
    cdef double dot = row.dot
    for i in range(n):
        dx[i] = <real>(y[i] * (dy[i] - dot))


cdef void log_softmax_dot(real_in dy, real_in y, double* e, Py_ssize_t n, Row* row) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        e[i] = dy[i]
    row.dot += lane_sum(e, n)


cdef void log_softmax_gradient(real_in dy, real_in y, real_out dx, Py_ssize_t n, Row* row) noexcept nogil:
    cdef Py_ssize_t i
    cdef double dot = row.dot
    for i in range(n):
        dx[i] = <real>(dy[i] - exp(at_least(y[i], -LIMIT), 0) * dot)


#: address of each step of the softmax family, by name
ROWS = {
    "maximum": <size_t>&row_maximum,
    "exponentials": <size_t>&row_exponentials,
    "softmax": <size_t>&softmax_result,
    "log_softmax": <size_t>&log_softmax_result,
    "softmax_dot": <size_t>&softmax_dot,
    "softmax_gradient": <size_t>&softmax_gradient,
    "log_softmax_dot": <size_t>&log_softmax_dot,
    "log_softmax_gradient": <size_t>&log_softmax_gradient,
}
