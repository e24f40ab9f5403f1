# What is known of a row while it is worked on, chunk after chunk; kernels and loops share it.

cdef struct Row:
    double largest
    double rest            # sum of e^(x - largest) over all elements but one of the largest,
    double rest_low        # and what it lost to rounding
    double dot             # sum of dy, or of dy y
    bint winner_seen
