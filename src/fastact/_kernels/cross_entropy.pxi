# The fused losses on logits, and their gradients: over rows as in rows.pxi, the sigmoid's one element by element.
#
# The target is that of the label smoothing s: (1 - s) t + s / n. What a gradient keeps of 1 for the largest
# logit is computed from the other exponentials, so a row that is nearly certain keeps its relative accuracy.
from libc.math cimport NAN
from libc.stdint cimport int64_t


cdef void label_loss(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n) noexcept nogil:
    # logits, label, label that is ignored, smoothing; the loss. A label out of range gives NaN.
    cdef double e[CHUNK]
    cdef real_in x
    cdef int64_t label
    cdef double smoothing
    cdef double distances
    cdef Row row
    cdef real_out loss
    cdef Py_ssize_t r
    cdef Py_ssize_t c
    cdef Py_ssize_t m
    cdef Py_ssize_t i
    for r in range(rows):
        x = <real_in>(args[0] + r * steps[0])
        label = (<int64_t*>(args[1] + r * steps[1]))[0]
        smoothing = (<double*>(args[3] + r * steps[3]))[0]
        loss = <real_out>(args[4] + r * steps[4])
        if label == (<int64_t*>(args[2] + r * steps[2]))[0]:
            loss[0] = <real>0
            continue
        if label < 0 or label >= n:
            loss[0] = <real>NAN
            continue
        row = statistics(x, e, n, rate_of(NULL, False), False, NULL)
        distances = row.largest - x[label]
        if smoothing != 0:
            distances *= 1 - smoothing
            for c in range(chunks(n)):
                m = min(<Py_ssize_t>CHUNK, n - c * CHUNK)
                for i in range(m):
                    e[i] = row.largest - x[c * CHUNK + i]
                distances += smoothing / n * sum_of_chunk(e, m)
        loss[0] = <real>(libm_log1p(rest_of(row)) + distances)


cdef void label_loss_backward(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n) noexcept nogil:
    # dloss, logits, label, label that is ignored, smoothing; the gradient
    cdef double e[CHUNK]
    cdef real_in x
    cdef real_out dx
    cdef int64_t label
    cdef double dloss
    cdef double smoothing
    cdef double largest
    cdef double others
    cdef double at_label
    cdef double inverse
    cdef Sum total
    cdef Rate rate = rate_of(NULL, False)
    cdef Row row
    cdef Py_ssize_t r
    cdef Py_ssize_t c
    cdef Py_ssize_t m
    cdef Py_ssize_t i
    for r in range(rows):
        dloss = (<real_in>(args[0] + r * steps[0]))[0]
        x = <real_in>(args[1] + r * steps[1])
        label = (<int64_t*>(args[2] + r * steps[2]))[0]
        smoothing = (<double*>(args[4] + r * steps[4]))[0]
        dx = <real_out>(args[5] + r * steps[5])
        if label == (<int64_t*>(args[3] + r * steps[3]))[0]:
            for i in range(n):
                dx[i] = <real>0
            continue
        if label < 0 or label >= n:
            for i in range(n):
                dx[i] = <real>NAN
            continue
        largest = largest_element(x, n)
        total = [0, 0]
        at_label = exponential_from(x[label], largest, rate, False)
        for c in range(chunks(n)):
            m = min(<Py_ssize_t>CHUNK, n - c * CHUNK)
            exponentials(x + c * CHUNK, e, m, largest, rate, False)
            if c == label // CHUNK:
                e[label - c * CHUNK] = 0
            add(&total, sum_of_chunk(e, m))
        others = total.value + total.low
        inverse = 1 / (others + at_label)
        for c in range(chunks(n)):
            m = min(<Py_ssize_t>CHUNK, n - c * CHUNK)
            if n > CHUNK:
                exponentials(x + c * CHUNK, e, m, largest, rate, False)
            for i in range(m):
                dx[c * CHUNK + i] = <real>(dloss * (e[i] * inverse - smoothing / n))
        # p - 1 + s - s / n, where 1 - p is what the others have
        dx[label] = <real>(dloss * (smoothing - smoothing / n - others * inverse))


cdef inline double smoothed(double t, double smoothing, double share) noexcept nogil:
    return mul_add(1 - smoothing, t, share)


cdef void probability_loss(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n) noexcept nogil:
    # logits, probabilities, smoothing; the loss
    cdef double e[CHUNK]
    cdef double mass
    cdef double distances
    cdef double smoothing
    cdef double t
    cdef real_in x
    cdef real_in target
    cdef Row row
    cdef Py_ssize_t r
    cdef Py_ssize_t c
    cdef Py_ssize_t m
    cdef Py_ssize_t i
    for r in range(rows):
        x = <real_in>(args[0] + r * steps[0])
        target = <real_in>(args[1] + r * steps[1])
        smoothing = (<double*>(args[2] + r * steps[2]))[0]
        row = statistics(x, e, n, rate_of(NULL, False), False, NULL)
        mass = 0
        distances = 0
        for c in range(chunks(n)):
            m = min(<Py_ssize_t>CHUNK, n - c * CHUNK)
            for i in range(m):
                e[i] = smoothed(target[c * CHUNK + i], smoothing, smoothing / n)
            mass += sum_of_chunk(e, m)
            for i in range(m):
                t = e[i] * (row.largest - x[c * CHUNK + i])
                e[i] = 0 if e[i] == 0 else t
            distances += sum_of_chunk(e, m)
        (<real_out>(args[3] + r * steps[3]))[0] = <real>(mass * libm_log1p(rest_of(row)) + distances)


cdef void probability_loss_backward(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n) noexcept nogil:
    # dloss, logits, probabilities, smoothing; the gradient
    cdef double e[CHUNK]
    cdef double dloss
    cdef double mass
    cdef double smoothing
    cdef double t
    cdef double lost
    cdef Rate rate = rate_of(NULL, False)
    cdef real_in x
    cdef real_in target
    cdef real_out dx
    cdef Row row
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
        for c in range(chunks(n)):
            m = min(<Py_ssize_t>CHUNK, n - c * CHUNK)
            for i in range(m):
                e[i] = smoothed(target[c * CHUNK + i], smoothing, smoothing / n)
            mass += sum_of_chunk(e, m)
        row = statistics(x, e, n, rate, False, NULL)
        lost = mass * rest_of(row) / (row.ties + row.rest)
        for c in range(chunks(n)):
            m = min(<Py_ssize_t>CHUNK, n - c * CHUNK)
            exponentials(x + c * CHUNK, e, m, row.largest, rate, False)
            for i in range(m):
                t = smoothed(target[c * CHUNK + i], smoothing, smoothing / n)
                t = (mass - t) - lost if e[i] == RAISED_ONE else e[i] * row.inverse * mass - t
                dx[c * CHUNK + i] = <real>(dloss * t)


cdef void sigmoid_cross_entropy(real_in x, real_in t, real_out loss, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        loss[i] = <real>((x[i] * (1 - <double>t[i]) if x[i] > <real>0 else -x[i] * <double>t[i])
                         + log1p_unit(exp(at_least(-absolute(x[i]), -LIMIT), 0)))


cdef void sigmoid_cross_entropy_backward(real_in dloss, real_in x, real_in t, real_out dx, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    cdef double z
    cdef double q
    for i in range(n):
        z = exp(at_least(-absolute(x[i]), -LIMIT), 0)
        q = z / (1 + z)
        dx[i] = <real>(dloss[i] * ((1 - <double>t[i]) - q if x[i] >= <real>0 else q - t[i]))


ROWS |= {
    "label_loss": <size_t>&label_loss,
    "label_loss_backward": <size_t>&label_loss_backward,
    "probability_loss": <size_t>&probability_loss,
    "probability_loss_backward": <size_t>&probability_loss_backward,
}

LOOPS |= {
    "sigmoid_cross_entropy": (<size_t>&sigmoid_cross_entropy, 0, 0),
    "sigmoid_cross_entropy_backward": (<size_t>&sigmoid_cross_entropy_backward, 0, 0),
}
