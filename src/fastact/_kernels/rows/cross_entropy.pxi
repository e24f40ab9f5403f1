# The fused losses on logits, and their gradients: over rows as in rows.pxi, the sigmoid's one element by element.
#
# The target is that of the label smoothing s: (1 - s) t + s / n. What a gradient keeps of 1 for the largest
# logit is computed from the other exponentials, so a row that is nearly certain keeps its relative accuracy.
from libc.math cimport NAN


cdef inline char* number(Rows rows, int operand, Py_ssize_t c) noexcept nogil:
    # of row c, in an operand that has one for each row
    return rows.args[operand] + (rows.first + c) * rows.steps[operand]


cdef inline bint is_class(int64_t label, Py_ssize_t n) noexcept nogil:
    return 0 <= label < n


cdef inline void write_losses(Rows rows, Line* line) noexcept nogil:
    # from the logarithm of the sum. A label out of range gives NaN.
    cdef int64_t label
    cdef double distance
    cdef double smoothing
    cdef double loss
    cdef Py_ssize_t c
    for c in range(rows.w):
        label = (<int64_t*>number(rows, 1, c))[0]
        smoothing = (<double*>number(rows, 3, c))[0]
        loss = NAN
        if label == (<int64_t*>number(rows, 2, c))[0]:
            loss = 0
        elif is_class(label, rows.n):
            distance = line.largest[c] - element(rows, c, label)
            if smoothing != 0:
                distance = (1 - smoothing) * distance + smoothing / rows.n * line.second[c]
            loss = line.p[c] + distance
        (<real*>number(rows, 4, c))[0] = <real>loss


cdef inline void write_label_loss(Rows rows, Line* line) noexcept nogil:
    take_log(rows, line)
    write_losses(rows, line)


cdef void label_loss(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n, bint across) noexcept nogil:
    # logits, label, label that is ignored, smoothing; the loss
    cdef bint smooth = False
    cdef Py_ssize_t r
    for r in range(rows if steps[3] else min(rows, <Py_ssize_t>1)):
        smooth = smooth or (<double*>(args[3] + r * steps[3]))[0] != 0
    if smooth:
        run(across, REST | DISTANCE, write_label_loss, nothing, no_step, False, 0, 0, -1, args, steps, rows, n)
    else:
        run(across, REST, write_label_loss, nothing, no_step, False, 0, 0, -1, args, steps, rows, n)


cdef inline void weigh_label(Rows rows, Line* line) noexcept nogil:
    # p - 1 + s - s / n, where 1 - p is what the others have
    cdef real at_label[LANES]
    cdef double smoothing
    cdef double dloss
    cdef double inverse
    cdef Py_ssize_t c
    for c in range(rows.w):
        at_label[c] = element(rows, c, line.label[c]) if is_class(line.label[c], rows.n) else <real>0
    for c in range(rows.w):
        dloss = (<real*>number(rows, 0, c))[0]
        smoothing = (<double*>number(rows, 4, c))[0]
        inverse = 1 / (line.total[c] + exponential_from(at_label[c], line.largest[c], 1, 0, False))
        line.p[c] = dloss * inverse
        line.q[c] = dloss * (smoothing / rows.n) if smoothing != 0 else 0  # infinity times 0 would be NaN
        line.second[c] = dloss * (smoothing - smoothing / rows.n - line.total[c] * inverse)


cdef inline double label_gradient(real a, real x, double e, double largest, double rate, double p,
                                  double q) noexcept nogil:
    return mul_add(e, p, -q)


cdef inline void mend_label(Rows rows, Line* line) noexcept nogil:
    # the gradient of the label's logit; and of all where the label is none of the classes
    cdef int64_t label
    cdef bint ignored
    cdef Py_ssize_t c
    cdef Py_ssize_t i
    cdef char* dx
    for c in range(rows.w):
        label = line.label[c]
        ignored = label == (<int64_t*>number(rows, 3, c))[0]
        dx = rows.start + c * rows.beside
        if not ignored and is_class(label, rows.n):
            (<real*>(dx + label * rows.along))[0] = <real>line.second[c]
        else:
            for i in range(rows.n):
                (<real*>(dx + i * rows.along))[0] = <real>(0 if ignored else NAN)


cdef void label_loss_backward(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n,
                              bint across) noexcept nogil:
    # dloss, logits, label, label that is ignored, smoothing; the gradient
    run(across, OTHERS, weigh_label, label_gradient, mend_label, False, 1, 1, 5, args, steps, rows, n)


cdef inline void find_rest(Line* line, real_in x, Py_ssize_t n, const char* next_x, const char* soon) noexcept nogil:
    # of one row: the largest element, and what the exponentials of the others come to. `soon` is needed next.
    cdef Py_ssize_t lines = (n + LANES - 1) // LANES
    cdef Py_ssize_t last = n - (lines - 1) * LANES
    cdef Py_ssize_t step = LANES * sizeof(real)
    cdef Ahead ahead = [next_x, NULL, soon, step, 0, step]
    find_largest(0, line, <const char*>x, step, lines, False, LANES, last)
    add_up(REST, False, line, <const char*>x, step, <const char*>x, step, NULL, lines, False, LANES, last, False,
           &ahead)


cdef inline double smoothed(double t, double smoothing, double share) noexcept nogil:
    return mul_add(1 - smoothing, t, share)


cdef void probability_loss(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n,
                           bint across) noexcept nogil:
    # logits, probabilities, smoothing; the loss
    cdef double e[CHUNK]
    cdef Line line
    cdef double mass
    cdef double distances
    cdef double smoothing
    cdef double t
    cdef real_in x
    cdef real_in target
    cdef Py_ssize_t r
    cdef Py_ssize_t c
    cdef Py_ssize_t m
    cdef Py_ssize_t i
    for r in range(rows):
        x = <real_in>(args[0] + r * steps[0])
        target = <real_in>(args[1] + r * steps[1])
        smoothing = (<double*>(args[2] + r * steps[2]))[0]
        find_rest(&line, x, n, <const char*>x + steps[0], <const char*>target)
        mass = 0
        distances = 0
        for c in range((n + CHUNK - 1) // CHUNK):
            m = min(<Py_ssize_t>CHUNK, n - c * CHUNK)
            for i in range(m):
                e[i] = smoothed(target[c * CHUNK + i], smoothing, smoothing / n)
            mass += sum_of_chunk(e, m)
            for i in range(m):
                t = e[i] * (line.largest[0] - x[c * CHUNK + i])
                e[i] = 0 if e[i] == 0 else t
            distances += sum_of_chunk(e, m)
        (<real_out>(args[3] + r * steps[3]))[0] = <real>(mass * log_of_sum(&line, 0) + distances)


cdef void probability_loss_backward(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n,
                                    bint across) noexcept nogil:
    # dloss, logits, probabilities, smoothing; the gradient
    cdef double e[CHUNK]
    cdef Line line
    cdef double dloss
    cdef double mass
    cdef double smoothing
    cdef double t
    cdef double lost
    cdef double rest
    cdef double share
    cdef real_in x
    cdef real_in target
    cdef real_out dx
    cdef Py_ssize_t r
    cdef Py_ssize_t c
    cdef Py_ssize_t m
    cdef Py_ssize_t i
    for r in range(rows):
        dloss = (<real_in>(args[0] + r * steps[0]))[0]
        x = <real_in>(args[1] + r * steps[1])
        target = <real_in>(args[2] + r * steps[2])
        smoothing = (<double*>(args[3] + r * steps[3]))[0]
        dx = <real_out>(args[4] + r * steps[4])
        mass = 0
        for c in range((n + CHUNK - 1) // CHUNK):
            m = min(<Py_ssize_t>CHUNK, n - c * CHUNK)
            for i in range(m):
                e[i] = smoothed(target[c * CHUNK + i], smoothing, smoothing / n)
            mass += sum_of_chunk(e, m)
        find_rest(&line, x, n, <const char*>x + steps[1], <const char*>dx)
        rest = (line.ties[0] - 1) + line.total[0] / RAISED_ONE
        lost = mass * rest / (1 + rest)
        share = mass / (1 + rest) / RAISED_ONE
        for c in range((n + CHUNK - 1) // CHUNK):
            m = min(<Py_ssize_t>CHUNK, n - c * CHUNK)
            for i in range(m):
                e[i] = exponential_from(x[c * CHUNK + i], line.largest[0], 1, 0, False)
            for i in range(m):
                t = smoothed(target[c * CHUNK + i], smoothing, smoothing / n)
                t = (mass - t) - lost if e[i] == RAISED_ONE else e[i] * share - t
                dx[c * CHUNK + i] = <real>(dloss * t)


cdef inline double sigmoid_loss_at(real x, double t, double z) noexcept nogil:
    # of the target t, for z = e^-abs(x)
    return (x * (1 - t) if x > <real>0 else -x * t) + log1p_unit(z)


cdef inline double sigmoid_loss_slope(real x, double t, double z) noexcept nogil:
    cdef double q = z / (1 + z)
    return (1 - t) - q if x >= <real>0 else q - t


cdef void sigmoid_cross_entropy(real_in x, real_in t, real_out loss, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        loss[i] = <real>sigmoid_loss_at(x[i], t[i], exp(at_least(-absolute(x[i]), -LIMIT), 0))


cdef void sigmoid_cross_entropy_backward(real_in dloss, real_in x, real_in t, real_out dx, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        dx[i] = <real>(dloss[i] * sigmoid_loss_slope(x[i], t[i], exp(at_least(-absolute(x[i]), -LIMIT), 0)))


ROWS |= {
    "label_loss": (<size_t>&label_loss, True),
    "label_loss_backward": (<size_t>&label_loss_backward, True),
    "probability_loss": (<size_t>&probability_loss, False),
    "probability_loss_backward": (<size_t>&probability_loss_backward, False),
}

LOOPS |= {
    "sigmoid_cross_entropy": (<size_t>&sigmoid_cross_entropy, 0, 0),
    "sigmoid_cross_entropy_backward": (<size_t>&sigmoid_cross_entropy_backward, 0, 0),
}
