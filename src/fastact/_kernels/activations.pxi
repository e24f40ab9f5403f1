# Every activation: its formula and its derivative, once, for all dtypes and instruction sets.
#
# Arguments and results are `real`, the type of the result; where something is rounded on the way, it
# is `double` (math_f32.pxi and math_f64.pxi say how the building blocks for that differ), and
# rounding to `real` is left to the loop. `name` is the function,
# `name_derivative` its derivative at x, `name_derivative_from_output` the same written in y = f(x);
# parameters follow x or y. Loops are made from these by render.py: keep them free of branches that
# are not a choice between two values, of calls that cannot be inlined, and of bare real literals.


# -- exact: the linear and relu families --------------------------------------------------------

cdef inline real one_unless_nan(real x) noexcept nogil:
    return <real>1 if x == x else x


cdef inline real linear(real x) noexcept nogil:
    return x


cdef inline real linear_derivative(real x) noexcept nogil:
    return one_unless_nan(x)


cdef inline real linear_derivative_from_output(real y) noexcept nogil:
    return one_unless_nan(y)


cdef inline real relu(real x) noexcept nogil:
    return <real>0 if x <= <real>0 else x


cdef inline real relu_derivative(real x) noexcept nogil:
    return <real>0 if x <= <real>0 else one_unless_nan(x)


cdef inline real relu_derivative_from_output(real y) noexcept nogil:
    return relu_derivative(y)


cdef inline real leaky_relu(real x, real negative_slope) noexcept nogil:
    return x if x > <real>0 else negative_slope * x


cdef inline real leaky_relu_derivative(real x, real negative_slope) noexcept nogil:
    return negative_slope if x <= <real>0 else one_unless_nan(x)


cdef inline real leaky_relu_derivative_from_output(real y, real negative_slope) noexcept nogil:
    return leaky_relu_derivative(y, negative_slope)


# -- exponential: e^x and its linear units ------------------------------------------------------

cdef inline real bounded(real x) noexcept nogil:
    # what exp takes; beyond, e^x is 0 or infinite anyway
    return at_most(at_least(x, -LIMIT), LIMIT)


cdef inline double exponential(real x) noexcept nogil:
    return exp(bounded(x), 0)


cdef inline double exponential_derivative(real x) noexcept nogil:
    return exponential(x)


cdef inline real exponential_derivative_from_output(real y) noexcept nogil:
    return y


cdef inline double elu(real x, real alpha) noexcept nogil:
    return x if x >= 0 else alpha * expm1(bounded(x))


cdef inline double elu_derivative(real x, real alpha) noexcept nogil:
    return 1 if x > 0 else times_exp(alpha, bounded(x), 0)


cdef inline double elu_derivative_from_output(real y, real alpha) noexcept nogil:
    return 1 if y > 0 else <double>y + alpha


cdef inline double selu(real x) noexcept nogil:
    return SELU_SCALE * x if x >= 0 else SELU_SCALE_ALPHA * expm1(bounded(x))


cdef inline double selu_derivative(real x) noexcept nogil:
    return SELU_SCALE if x > 0 else times_exp(SELU_SCALE_ALPHA, bounded(x), 0)


cdef inline double selu_derivative_from_output(real y) noexcept nogil:
    return SELU_SCALE if y > 0 else y + SELU_SCALE_ALPHA


# -- sigmoid and its integral -------------------------------------------------------------------

cdef inline double sigmoid(real x) noexcept nogil:
    return gated(1, bounded(x), 0)


cdef inline double sigmoid_derivative(real x) noexcept nogil:
    cdef double z = exp(-at_most(absolute(x), LIMIT), 0)
    return z / ((1 + z) * (1 + z))


cdef inline double sigmoid_derivative_from_output(real y) noexcept nogil:
    return y * (1 - <double>y)


cdef inline real tanh(real x) noexcept nogil:
    cdef double t = expm1(2 * at_most(absolute(x), TANH_LIMIT))
    return with_sign_of(<real>ratio_to_2(t), x)


cdef inline double tanh_derivative(real x) noexcept nogil:
    return 4 * sigmoid_derivative(2 * at_most(absolute(x), LIMIT))


cdef inline double tanh_derivative_from_output(real y) noexcept nogil:
    return (1 - <double>y) * (1 + <double>y)


cdef inline double softplus(real x, real beta) noexcept nogil:
    cdef double v = <double>beta * x
    cdef double low = product_low(beta, x, v)
    cdef double bend = log1p_unit(exp(minus_size(v), low if v < 0 else -low)) / beta
    return x + bend if v > 0 else bend


cdef inline double minus_size(double v) noexcept nogil:
    # -abs(v), as far as exp takes it
    cdef double size = v if v < 0 else -v
    return -LIMIT if size < -LIMIT else size


cdef inline double softplus_derivative(real x, real beta) noexcept nogil:
    cdef double v = <double>beta * x
    cdef double low = product_low(beta, x, v)
    v = -LIMIT if v < -LIMIT else v
    return gated(1, LIMIT if v > LIMIT else v, low)


cdef inline double softplus_derivative_from_output(real y, real beta) noexcept nogil:
    cdef double v = -<double>beta * y
    return -expm1(-LIMIT if v < -LIMIT else v)


# -- x times a sigmoid --------------------------------------------------------------------------

cdef inline double silu(real x) noexcept nogil:
    # x is bounded below in the product too: -infinity times 0 must be 0
    return gated(at_least(x, -LIMIT), bounded(x), 0)


cdef inline double silu_derivative(real x) noexcept nogil:
    return gated_derivative(bounded(x), bounded(x), 0)


cdef inline double gelu_tanh(real x) noexcept nogil:
    cdef double low
    cdef double v = gelu_tanh_argument(at_most(at_least(x, -GELU_TANH_LIMIT), GELU_TANH_LIMIT), &low)
    return gated(at_least(x, -GELU_TANH_LIMIT), v, low)


cdef inline double gelu_tanh_derivative(real x) noexcept nogil:
    cdef double low
    cdef double c = at_most(at_least(x, -GELU_TANH_LIMIT), GELU_TANH_LIMIT)
    cdef double v = gelu_tanh_argument(c, &low)
    return gated_derivative(c * mul_add(3 * GELU_CUBIC, c * c, GELU_LINEAR), v, low)


# -- gelu: x P(X < x) of a standard normal X, through its tail, which keeps the relative accuracy ---

cdef inline double minus_half_square(double t, double* low) noexcept nogil:
    # -t^2/2
    cdef double square = t * t
    low[0] = -0.5 * product_low(t, t, square)
    return -0.5 * square


cdef inline double gelu(real x) noexcept nogil:
    cdef double low
    cdef double t = at_most(absolute(x), NORMAL_LIMIT)
    cdef double v = minus_half_square(t, &low)
    cdef double tail = times_exp(at_most(at_least(x, -NORMAL_LIMIT), NORMAL_LIMIT) * normal_tail(t), v, low)
    return tail if x <= 0 else x - tail  # -0 for -0


cdef inline double gelu_derivative(real x) noexcept nogil:
    cdef double low
    cdef double t = at_most(absolute(x), NORMAL_LIMIT)
    cdef double v = minus_half_square(t, &low)
    cdef double side = times_exp(normal_tail(t) - INVERSE_SQRT_2PI * t, v, low)
    return gelu_slope(x, side if x < 0 else 1 - side)
