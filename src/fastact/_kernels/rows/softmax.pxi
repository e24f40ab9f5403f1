# softmax, softmin, log_softmax and logsumexp: what rows.pxi adds up for each, and what follows from the sums.

# -- softmax ------------------------------------------------------------------------------------

cdef inline void divide(Rows rows, Line* line) noexcept nogil:
    cdef Py_ssize_t c
    for c in range(rows.w):
        line.p[c] = 1 / line.total[c]
        line.q[c] = line.second[c] * line.p[c]


cdef inline double share(real a, real x, double e, double largest, double rate, double p, double q) noexcept nogil:
    return e * p


cdef inline double share_backward(real a, real x, double e, double largest, double rate, double p,
                                  double q) noexcept nogil:
    return e * p * (a - q)


cdef void softmax(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n, bint across) noexcept nogil:
    # x, y
    run(across, TOTAL, divide, share, no_step, False, 0, 0, 1, args, steps, rows, n)


cdef void softmax_tempered(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n, bint across) noexcept nogil:
    # x, temperature, y
    run(across, TOTAL, divide, share, no_step, True, 0, 0, 2, args, steps, rows, n)


cdef void softmax_backward(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n, bint across) noexcept nogil:
    # dy, x, dx
    run(across, TOTAL | WEIGHTED, divide, share_backward, no_step, False, 0, 1, 2, args, steps, rows, n)


cdef inline void keep_second(Rows rows, Line* line) noexcept nogil:
    cdef Py_ssize_t c
    for c in range(rows.w):
        line.p[c] = line.second[c]


cdef inline double backward_of_share(real a, real x, double e, double largest, double rate, double p,
                                     double q) noexcept nogil:
    return x * (a - p)


cdef void softmax_backward_from_output(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n,
                                       bint across) noexcept nogil:
    # dy, y, dx
    run(across, PRODUCT, keep_second, backward_of_share, no_step, False, 0, 1, 2, args, steps, rows, n)


cdef inline double minus_share_backward(real a, real x, double e, double largest, double rate, double p,
                                        double q) noexcept nogil:
    return -share_backward(a, x, e, largest, rate, p, q)


cdef inline double minus_backward_of_share(real a, real x, double e, double largest, double rate, double p,
                                           double q) noexcept nogil:
    return -backward_of_share(a, x, e, largest, rate, p, q)


cdef void softmin(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n, bint across) noexcept nogil:
    # x, y
    run(across, TOTAL | MINUS, divide, share, no_step, False, 0, 0, 1, args, steps, rows, n)


cdef void softmin_backward(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n, bint across) noexcept nogil:
    # dy, x, dx
    run(across, TOTAL | WEIGHTED | MINUS, divide, minus_share_backward, no_step, False, 0, 1, 2, args, steps, rows, n)


cdef void softmin_backward_from_output(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n,
                                       bint across) noexcept nogil:
    # dy, y, dx
    run(across, PRODUCT, keep_second, minus_backward_of_share, no_step, False, 0, 1, 2, args, steps, rows, n)


# -- log_softmax and logsumexp ------------------------------------------------------------------

cdef inline double log_of_sum(Line* line, Py_ssize_t c) noexcept nogil:
    # log(sum of e^(x - largest)): from the others, so that they are not lost beside the largest
    return log1p_of((line.ties[c] - 1) + line.total[c] / RAISED_ONE)


cdef inline void take_log(Rows rows, Line* line) noexcept nogil:
    cdef Py_ssize_t c
    for c in range(rows.w):
        line.p[c] = log_of_sum(line, c)


cdef inline double log_of_share(real a, real x, double e, double largest, double rate, double p,
                                double q) noexcept nogil:
    return (x - largest) - p


cdef inline double log_of_tempered_share(real a, real x, double e, double largest, double rate, double p,
                                         double q) noexcept nogil:
    return (x - largest) * rate - p


cdef void log_softmax(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n, bint across) noexcept nogil:
    # x, y
    run(across, REST, take_log, log_of_share, no_step, False, 0, 0, 1, args, steps, rows, n)


cdef void log_softmax_tempered(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n,
                               bint across) noexcept nogil:
    # x, temperature, y
    run(across, REST, take_log, log_of_tempered_share, no_step, True, 0, 0, 2, args, steps, rows, n)


cdef inline void divide_second(Rows rows, Line* line) noexcept nogil:
    cdef Py_ssize_t c
    for c in range(rows.w):
        line.p[c] = line.second[c] / line.total[c]


cdef inline double log_backward(real a, real x, double e, double largest, double rate, double p,
                                double q) noexcept nogil:
    return a - e * p


cdef void log_softmax_backward(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n,
                               bint across) noexcept nogil:
    # dy, x, dx
    run(across, TOTAL | OPERAND, divide_second, log_backward, no_step, False, 0, 1, 2, args, steps, rows, n)


cdef inline double backward_of_log(real a, real x, double e, double largest, double rate, double p,
                                   double q) noexcept nogil:
    return a - exp(at_most(at_least(x, -LIMIT), LIMIT), 0) * p


cdef void log_softmax_backward_from_output(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n,
                                           bint across) noexcept nogil:
    # dy, y, dx
    run(across, OPERAND, keep_second, backward_of_log, no_step, False, 0, 1, 2, args, steps, rows, n)


cdef inline void write_logsumexp(Rows rows, Line* line) noexcept nogil:
    cdef real y
    cdef Py_ssize_t c
    cdef Py_ssize_t i
    for c in range(rows.w):
        line.p[c] = line.largest[c] + log_of_sum(line, c)
    for c in range(rows.w):
        y = <real>line.p[c]
        if line.largest[c] == INFINITY or line.largest[c] == -INFINITY:
            y = <real>line.largest[c]
            for i in range(rows.n):
                y = element(rows, c, i) if element(rows, c, i) != element(rows, c, i) else y
        (<real*>(rows.args[1] + (rows.first + c) * rows.steps[1]))[0] = y


cdef void logsumexp(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n, bint across) noexcept nogil:
    # x, one number a row
    run(across, REST, write_logsumexp, nothing, no_step, False, 0, 0, -1, args, steps, rows, n)


cdef inline void divide_number(Rows rows, Line* line) noexcept nogil:
    cdef Py_ssize_t c
    for c in range(rows.w):
        line.p[c] = 1 / line.total[c]
        line.q[c] = (<real*>(rows.args[0] + (rows.first + c) * rows.steps[0]))[0]


cdef inline double times_share(real a, real x, double e, double largest, double rate, double p,
                               double q) noexcept nogil:
    return q * (e * p)


cdef void logsumexp_backward(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n, bint across) noexcept nogil:
    # dy, one number a row, x, dx
    run(across, TOTAL, divide_number, times_share, no_step, False, 1, 1, 2, args, steps, rows, n)


#: each kernel over rows by name: its address, and whether it takes rows that lie across memory
ROWS = {
    "softmax": (<size_t>&softmax, True),
    "softmax_tempered": (<size_t>&softmax_tempered, True),
    "softmax_backward": (<size_t>&softmax_backward, True),
    "softmax_backward_from_output": (<size_t>&softmax_backward_from_output, True),
    "softmin": (<size_t>&softmin, True),
    "softmin_backward": (<size_t>&softmin_backward, True),
    "softmin_backward_from_output": (<size_t>&softmin_backward_from_output, True),
    "log_softmax": (<size_t>&log_softmax, True),
    "log_softmax_tempered": (<size_t>&log_softmax_tempered, True),
    "log_softmax_backward": (<size_t>&log_softmax_backward, True),
    "log_softmax_backward_from_output": (<size_t>&log_softmax_backward_from_output, True),
    "logsumexp": (<size_t>&logsumexp, True),
    "logsumexp_backward": (<size_t>&logsumexp_backward, True),
}
