# The loss of labels of float32 and its gradient in float, from the sums of near_sums.pxi: without label smoothing.
#
# The loss is log(sum) and how far the label's logit is below the largest, both at least 0. Its gradient is the share
# of each element times dloss, and at the label -dloss (1 - e^-loss), which keeps what the others have beside a share
# near 1.

cdef extern from *:
    """
    #define TAME 0x1p40  /* dloss of such a size, and of its inverse, leaves the raised exponentials in range */
    """
    const double TAME


cdef bint is_not_smoothed(char** args, Py_ssize_t* steps, Py_ssize_t row) noexcept nogil:
    return (<double*>(args[3] + row * steps[3]))[0] == 0


cdef bint is_tame(char** args, Py_ssize_t* steps, Py_ssize_t row) noexcept nogil:
    cdef float size = absolute((<float*>(args[0] + row * steps[0]))[0])
    return (<double*>(args[4] + row * steps[4]))[0] == 0 and (size == 0 or 1 / TAME <= size <= TAME)


cdef inline void take_losses(bint across, bint far, const Block* block, Frames* frames, Sums* sums,
                             Line* line) noexcept nogil:
    # what write_losses takes
    cdef Py_ssize_t c
    sum_up(across, far, False, block, sums.top, sums.top, frames, sums.total)
    take_near_logs(across, block, frames, sums)
    for c in range(block.w):
        line.largest[c] = sums.top[c]
        line.p[c] = sums.p[c]


cdef inline Rows rows_in(bint across, Rows some, const char* start, Py_ssize_t step, Py_ssize_t beside,
                         Py_ssize_t w) noexcept nogil:
    # as `element` and `mend_label` take them
    some.w = w
    some.start = <char*>start
    some.along = step if across else sizeof(float)
    some.beside = beside
    return some


cdef inline void some_near_losses(bint across, int sums, Step finish, Written written, Step mend, bint tempered,
                                  int a_at, int x_at, int y_at, Rows some, const Room* room,
                                  Py_ssize_t w) noexcept nogil:
    # logits, label, label that is ignored, smoothing; the loss
    cdef Block block = block_of(across, x_at, y_at, some, room, w)
    cdef Sums found
    cdef Frames frames
    cdef Line line
    find_tops(across, False, &block, found.top, found.top)
    if any_far(found.top, w):
        take_losses(across, True, &block, &frames, &found, &line)
    else:
        take_losses(across, False, &block, &frames, &found, &line)
    write_losses(rows_in(across, some, block.x, block.step, block.beside, w), &line)


cdef inline void some_near_gradients(bint across, bint far, const Block* block, Sums* sums, int y_at,
                                     Rows some) noexcept nogil:
    # dloss, logits, label, label that is ignored, smoothing; the gradient
    cdef Frames frames
    cdef Factors factors
    cdef Line line
    cdef double dloss[LANES]
    cdef double loss
    cdef double distance
    cdef Rows logits = rows_in(across, some, block.x, block.step, block.beside, block.w)
    cdef char* dx = some.args[y_at] + some.first * block.y_beside
    cdef Py_ssize_t c
    take_losses(across, far, block, &frames, sums, &line)
    for c in range(block.w):
        dloss[c] = (<float*>number(logits, 0, c))[0]
        line.label[c] = (<int64_t*>number(logits, 2, c))[0]
        distance = sums.top[c] - <double>element(logits, c, line.label[c]) if is_class(line.label[c], some.n) else 0
        loss = sums.p[c] + distance
        line.second[c] = dloss[c] * expm1(-LIMIT if loss > LIMIT else -loss)
    set_shares(&factors, sums, dloss, block.w)
    write_near(across, far, False, block, &frames, sums, &factors, dx, some.steps[y_at])
    mend_label(rows_in(across, some, dx, some.steps[y_at], block.y_beside, block.w), &line)


cdef inline void some_near_losses_backward(bint across, int sums, Step finish, Written written, Step mend,
                                           bint tempered, int a_at, int x_at, int y_at, Rows some, const Room* room,
                                           Py_ssize_t w) noexcept nogil:
    cdef Block block = block_of(across, x_at, y_at, some, room, w)
    cdef Sums found
    find_tops(across, False, &block, found.top, found.top)
    if any_far(found.top, w):
        some_near_gradients(across, True, &block, &found, y_at, some)
    else:
        some_near_gradients(across, False, &block, &found, y_at, some)


cdef void label_loss_in_float(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n,
                              bint across) noexcept nogil:
    run_work(across, some_near_losses, rows_together(n), REST, no_step, nothing, no_step, False, 0, 0, -1, args, steps,
             rows, n)


cdef void label_loss_backward_in_float(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n,
                                       bint across) noexcept nogil:
    run_work(across, some_near_losses_backward, rows_together(n), OTHERS, no_step, nothing, no_step, False, 1, 1, 5,
             args, steps, rows, n)


cdef void label_loss_near(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n, bint across) noexcept nogil:
    if n < SHORT_IN_FLOAT:
        label_loss(args, steps, rows, n, across)
    else:
        in_runs(is_not_smoothed, label_loss_in_float, label_loss, 5, 0b00001, args, steps, rows, n, across)


cdef void label_loss_backward_near(char** args, Py_ssize_t* steps, Py_ssize_t rows, Py_ssize_t n,
                                   bint across) noexcept nogil:
    if n < SHORT_IN_FLOAT:
        label_loss_backward(args, steps, rows, n, across)
    else:
        in_runs(is_tame, label_loss_backward_in_float, label_loss_backward, 6, 0b100010, args, steps, rows, n, across)


if FASTACT_HAS_FMA:
    ROWS |= {
        "label_loss": (<size_t>&label_loss_near, True),
        "label_loss_backward": (<size_t>&label_loss_backward_near, True),
    }
