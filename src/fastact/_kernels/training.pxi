# What a training step does beside products of matrices and activations: one pass over contiguous arrays each.
#
# Matrices are stored row by row. A loss gives, for each row (the binary one for each element), its
# value in `losses`, and the gradient of their weighted sum with respect to the network's output.
from libc.math cimport sqrt
from libc.stdint cimport int64_t


cdef void product(real_in a, Py_ssize_t a_row, Py_ssize_t a_column, real_in b, Py_ssize_t b_row,
                  Py_ssize_t b_column, real_out out, Py_ssize_t rows, Py_ssize_t inner,
                  Py_ssize_t columns) noexcept nogil:
    # of small matrices, given with the distances of their rows and columns
    cdef Py_ssize_t i
    cdef Py_ssize_t j
    cdef Py_ssize_t k
    cdef real x
    for i in range(rows):
        for j in range(columns):
            out[i * columns + j] = <real>0
        for k in range(inner):
            x = a[i * a_row + k * a_column]
            if b_column == 1:
                for j in range(columns):
                    out[i * columns + j] += x * b[k * b_row + j]
            else:
                for j in range(columns):
                    out[i * columns + j] += x * b[k * b_row + j * b_column]


cdef void add_to_rows(real_out matrix, real_in vector, Py_ssize_t rows, Py_ssize_t columns) noexcept nogil:
    cdef Py_ssize_t i
    cdef Py_ssize_t j
    for i in range(rows):
        for j in range(columns):
            matrix[i * columns + j] += vector[j]


cdef void add_rows_to(real_in matrix, real_out vector, Py_ssize_t rows, Py_ssize_t columns) noexcept nogil:
    cdef Py_ssize_t i
    cdef Py_ssize_t j
    for i in range(rows):
        for j in range(columns):
            vector[j] += matrix[i * columns + j]


# -- losses -------------------------------------------------------------------------------------

cdef inline real largest_of(const real* x, Py_ssize_t n) noexcept nogil:
    # in lanes where that pays; NaN may be passed over: it comes back in the exponentials
    cdef real lanes[LANES]
    cdef real largest = x[0]
    cdef Py_ssize_t blocks = n // LANES if n >= 2 * LANES else 0
    cdef Py_ssize_t i
    cdef int j
    if blocks:
        for j in range(LANES):
            lanes[j] = x[j]
        for i in range(1, blocks):
            for j in range(LANES):
                lanes[j] = x[i * LANES + j] if x[i * LANES + j] > lanes[j] else lanes[j]
        for j in range(LANES):
            largest = lanes[j] if lanes[j] > largest else largest
    for i in range(blocks * LANES, n):
        largest = x[i] if x[i] > largest else largest
    return largest


#: what is added up of an element
ctypedef double (*Term)(real x) noexcept nogil


cdef inline double summed(Term term, const real* x, Py_ssize_t n) noexcept nogil:
    # in lanes where that pays: they do not wait for each other, and are rounded less often
    cdef double lanes[LANES]
    cdef double total = 0
    cdef Py_ssize_t blocks = n // LANES if n >= 2 * LANES else 0
    cdef Py_ssize_t i
    cdef int j
    if blocks:
        for j in range(LANES):
            lanes[j] = term(x[j])
        for i in range(1, blocks):
            for j in range(LANES):
                lanes[j] += term(x[i * LANES + j])
        for j in range(LANES):
            total += lanes[j]
    for i in range(blocks * LANES, n):
        total += term(x[i])
    return total


cdef inline double itself(real x) noexcept nogil:
    return x


cdef double sum_of(real_in x, Py_ssize_t n) noexcept nogil:
    return summed(itself, x, n)


cdef void shifted_exponentials(real_in logits, real_out e, Py_ssize_t* winners, double* rests,
                               Py_ssize_t rows, Py_ssize_t columns) noexcept nogil:
    # e^(x - largest of the row), where the (first) largest stands, and the sum of all but that one
    cdef Py_ssize_t i
    cdef Py_ssize_t j
    cdef real largest
    cdef real won
    cdef real* row
    for i in range(rows):
        row = <real*>logits + i * columns
        largest = largest_of(row, columns)
        winners[i] = 0
        for j in range(columns):
            if row[j] == largest:
                winners[i] = j
                break
        for j in range(columns):
            e[i * columns + j] = row[j] - largest
    for j in range(rows * columns):
        e[j] = <real>exponential(e[j])
    for i in range(rows):
        row = e + i * columns
        won = row[winners[i]]
        row[winners[i]] = <real>0
        rests[i] = sum_of(row, columns) + (won - 1)
        row[winners[i]] = won


cdef void softmax_loss_of_labels(real_in logits, const int64_t* labels, real_out gradient, real_out losses,
                                 Py_ssize_t* winners, double* rests, Py_ssize_t rows, Py_ssize_t columns,
                                 double weight, double delta, Py_ssize_t* correct) noexcept nogil:
    # The largest logit is left out of the sum, so a row that is nearly certain keeps its relative accuracy.
    cdef Py_ssize_t i
    cdef Py_ssize_t j
    cdef Py_ssize_t winner
    cdef double rest
    cdef double factor
    cdef const real* x
    cdef real* g
    shifted_exponentials(logits, gradient, winners, rests, rows, columns)
    for i in range(rows):
        x = logits + i * columns
        g = gradient + i * columns
        winner = winners[i]
        rest = rests[i]
        losses[i] = <real>(libm_log1p(rest) + (<double>x[winner] - x[labels[i]]))
        factor = weight / (1 + rest)
        for j in range(columns):
            g[j] = <real>(g[j] * factor)
        if winner == labels[i]:
            g[winner] = <real>(-rest * factor)
            correct[0] += 1
        else:
            g[labels[i]] -= <real>weight


cdef void softmax_loss_of_probabilities(real_in logits, real_in target, real_out gradient, real_out losses,
                                        Py_ssize_t* winners, double* rests, Py_ssize_t rows,
                                        Py_ssize_t columns, double weight, double delta,
                                        Py_ssize_t* correct) noexcept nogil:
    cdef Py_ssize_t i
    cdef Py_ssize_t j
    cdef Py_ssize_t winner
    cdef Py_ssize_t likeliest
    cdef double rest
    cdef double mass
    cdef double log_sum
    cdef double loss
    cdef double factor
    cdef const real* x
    cdef const real* t
    cdef real* g
    shifted_exponentials(logits, gradient, winners, rests, rows, columns)
    for i in range(rows):
        x = logits + i * columns
        t = target + i * columns
        g = gradient + i * columns
        winner = winners[i]
        rest = rests[i]
        log_sum = libm_log1p(rest)
        likeliest = 0
        mass = 0
        loss = 0
        for j in range(columns):
            if t[j] != 0:
                mass += t[j]
                loss += t[j] * (log_sum + (<double>x[winner] - x[j]))
            if t[j] > t[likeliest]:
                likeliest = j
        losses[i] = <real>loss
        factor = mass / (1 + rest)
        for j in range(columns):
            g[j] = <real>((g[j] * factor - t[j]) * weight)
        g[winner] = <real>(((mass - t[winner]) - rest * factor) * weight)
        correct[0] += winner == likeliest


cdef void sigmoid_loss(real_in logits, real_in target, real_out gradient, real_out losses,
                       Py_ssize_t* winners, double* rests, Py_ssize_t rows, Py_ssize_t columns,
                       double weight, double delta, Py_ssize_t* correct) noexcept nogil:
    cdef Py_ssize_t i
    cdef Py_ssize_t hits = 0
    cdef double z
    for i in range(rows * columns):
        z = exponential(-absolute(logits[i]))
        losses[i] = <real>sigmoid_loss_at(logits[i], target[i], z)
        gradient[i] = <real>(sigmoid_loss_slope(logits[i], target[i], z) * weight)
    for i in range(rows * columns):
        hits += target[i] == (<real>1 if logits[i] >= <real>0 else <real>0)
    correct[0] += hits


cdef void squared_loss(real_in output, real_in target, real_out gradient, real_out losses,
                       Py_ssize_t* winners, double* rests, Py_ssize_t rows, Py_ssize_t columns,
                       double weight, double delta, Py_ssize_t* correct) noexcept nogil:
    cdef Py_ssize_t i
    cdef real error
    for i in range(rows * columns):
        error = output[i] - target[i]
        losses[i] = error * error
        gradient[i] = error * <real>(2 * weight)


cdef void absolute_loss(real_in output, real_in target, real_out gradient, real_out losses,
                        Py_ssize_t* winners, double* rests, Py_ssize_t rows, Py_ssize_t columns,
                        double weight, double delta, Py_ssize_t* correct) noexcept nogil:
    cdef Py_ssize_t i
    cdef real error
    cdef real slope = <real>weight
    for i in range(rows * columns):
        error = output[i] - target[i]
        losses[i] = absolute(error)
        gradient[i] = slope if error > <real>0 else -slope if error < <real>0 else <real>0


cdef void huber_loss(real_in output, real_in target, real_out gradient, real_out losses,
                     Py_ssize_t* winners, double* rests, Py_ssize_t rows, Py_ssize_t columns,
                     double weight, double delta, Py_ssize_t* correct) noexcept nogil:
    cdef Py_ssize_t i
    cdef real error
    cdef real inner
    cdef real d = <real>delta
    for i in range(rows * columns):
        error = output[i] - target[i]
        inner = error if error < d else d
        inner = inner if inner > -d else -d
        losses[i] = inner * (error - inner / 2)
        gradient[i] = inner * <real>weight


cdef void weigh_rows(real_out losses, real_out gradient, real_in weights, Py_ssize_t rows,
                     Py_ssize_t losses_of_row, Py_ssize_t columns) noexcept nogil:
    cdef Py_ssize_t i
    cdef Py_ssize_t j
    for i in range(rows):
        for j in range(losses_of_row):
            losses[i * losses_of_row + j] *= weights[i]
        for j in range(columns):
            gradient[i * columns + j] *= weights[i]


# -- checks, dropout and regularizers -------------------------------------------------------------------------

cdef bint all_finite(real_in x, Py_ssize_t n) noexcept nogil:
    # in lanes, which do not wait for each other
    cdef real wrong[LANES]
    cdef real total = <real>0
    cdef Py_ssize_t i
    cdef int j
    for j in range(LANES):
        wrong[j] = <real>0
    for i in range(n // LANES):
        for j in range(LANES):
            wrong[j] += x[i * LANES + j] - x[i * LANES + j]   # 0, or NaN
    for j in range(LANES):
        total += wrong[j]
    for i in range(n // LANES * LANES, n):
        total += x[i] - x[i]
    return total == <real>0


cdef void drop(real_in x, real_in uniform, double rate, real_out y, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    cdef real r = <real>rate
    cdef real growth = <real>(1 / (1 - rate))
    for i in range(n):
        y[i] = x[i] * growth if uniform[i] >= r else <real>0


cdef inline double absolute_value(real x) noexcept nogil:
    return absolute(x)


cdef inline double square(real x) noexcept nogil:
    return <double>x * x


cdef double penalty(real_in w, Py_ssize_t n, double l1, double l2) noexcept nogil:
    return (l1 * summed(absolute_value, w, n) if l1 else 0.0) + (l2 * summed(square, w, n) if l2 else 0.0)


cdef void add_penalty_gradient(real_in w, real_out g, Py_ssize_t n, double l1, double l2) noexcept nogil:
    cdef Py_ssize_t i
    cdef real a = <real>l1
    cdef real b = <real>(2 * l2)
    for i in range(n):
        g[i] += (a if w[i] > <real>0 else -a if w[i] < <real>0 else <real>0) + b * w[i]


# -- clipping of gradients -----------------------------------------------------------------------------

cdef void clip_norm(real_out g, Py_ssize_t n, double limit) noexcept nogil:
    cdef double squares = summed(square, g, n)
    cdef real factor
    cdef Py_ssize_t i
    if squares > limit * limit:
        factor = <real>(limit / sqrt(squares))
        for i in range(n):
            g[i] *= factor


cdef void clip_value(real_out g, Py_ssize_t n, double limit) noexcept nogil:
    cdef Py_ssize_t i
    cdef real most = <real>limit
    for i in range(n):
        g[i] = most if g[i] > most else -most if g[i] < -most else g[i]


# -- optimizers: one pass over all parameters p of a model, their gradients g and moments ------------
#
# All have one signature: three moments, some of them NULL, and `decay`, the share that each parameter
# loses before its step.

cdef void sgd(real_out p, real_in g, void* first, void* second, void* third, Py_ssize_t n, double rate,
              double a, double b, double c, double decay) noexcept nogil:
    cdef Py_ssize_t i
    cdef real r = <real>rate
    cdef real d = <real>decay
    for i in range(n):
        p[i] = p[i] - d * p[i] - r * g[i]


cdef void sgd_momentum(real_out p, real_in g, real_out velocity, void* second, void* third, Py_ssize_t n,
                       double rate, double momentum, double b, double c, double decay) noexcept nogil:
    cdef Py_ssize_t i
    cdef real r = <real>rate
    cdef real m = <real>momentum
    cdef real d = <real>decay
    for i in range(n):
        velocity[i] = m * velocity[i] - r * g[i]
        p[i] = p[i] - d * p[i] + velocity[i]


cdef void sgd_nesterov(real_out p, real_in g, real_out velocity, void* second, void* third, Py_ssize_t n,
                       double rate, double momentum, double b, double c, double decay) noexcept nogil:
    cdef Py_ssize_t i
    cdef real r = <real>rate
    cdef real m = <real>momentum
    cdef real d = <real>decay
    for i in range(n):
        velocity[i] = m * velocity[i] - r * g[i]
        p[i] = p[i] - d * p[i] + (m * velocity[i] - r * g[i])


cdef void rmsprop(real_out p, real_in g, real_out v, real_out velocity, real_out mean, Py_ssize_t n,
                  double rate, double forget, double momentum, double epsilon, double decay) noexcept nogil:
    # the choices do not depend on i, and compilers take them out of the loop
    cdef Py_ssize_t i
    cdef real r = <real>rate
    cdef real f = <real>forget
    cdef real m = <real>momentum
    cdef real eps = <real>epsilon
    cdef real d = <real>decay
    cdef real variance
    cdef real change
    for i in range(n):
        v[i] += (g[i] * g[i] - v[i]) * f
        variance = v[i]
        if mean != NULL:
            mean[i] += (g[i] - mean[i]) * f
            variance -= mean[i] * mean[i]
        change = g[i] * r / <real>sqrt(variance + eps)
        if velocity != NULL:
            velocity[i] = m * velocity[i] + change
            change = velocity[i]
        p[i] = p[i] - d * p[i] - change


cdef void adam(real_out p, real_in g, real_out m, real_out v, void* third, Py_ssize_t n, double rate,
               double forget_m, double forget_v, double epsilon, double decay) noexcept nogil:
    cdef Py_ssize_t i
    cdef real r = <real>rate
    cdef real f_m = <real>forget_m
    cdef real f_v = <real>forget_v
    cdef real eps = <real>epsilon
    cdef real d = <real>decay
    for i in range(n):
        m[i] += (g[i] - m[i]) * f_m
        v[i] += (g[i] * g[i] - v[i]) * f_v
        p[i] = p[i] - d * p[i] - m[i] * r / (<real>sqrt(v[i]) + eps)


#: address of each kernel, by name
TRAINING = {
    "product": <size_t>&product,
    "add_to_rows": <size_t>&add_to_rows,
    "add_rows_to": <size_t>&add_rows_to,
    "softmax_loss_of_labels": <size_t>&softmax_loss_of_labels,
    "softmax_loss_of_probabilities": <size_t>&softmax_loss_of_probabilities,
    "sigmoid_loss": <size_t>&sigmoid_loss,
    "squared_loss": <size_t>&squared_loss,
    "absolute_loss": <size_t>&absolute_loss,
    "huber_loss": <size_t>&huber_loss,
    "weigh_rows": <size_t>&weigh_rows,
    "sum": <size_t>&sum_of,
    "all_finite": <size_t>&all_finite,
    "drop": <size_t>&drop,
    "penalty": <size_t>&penalty,
    "add_penalty_gradient": <size_t>&add_penalty_gradient,
    "clip_norm": <size_t>&clip_norm,
    "clip_value": <size_t>&clip_value,
    "sgd": <size_t>&sgd,
    "sgd_momentum": <size_t>&sgd_momentum,
    "sgd_nesterov": <size_t>&sgd_nesterov,
    "rmsprop": <size_t>&rmsprop,
    "adam": <size_t>&adam,
}
