# Every activation: its formula and its derivative, once, for all dtypes and instruction sets.
#
# A function of `real` is computed in the type of the result; one of `double` in double precision
# (math_f32.pxi and math_f64.pxi say how the building blocks differ). `name` is the function,
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

cdef inline double exponential(double x) noexcept nogil:
    return exponential_of(x, 0).value


cdef inline double exponential_derivative(double x) noexcept nogil:
    return exponential(x)


cdef inline real exponential_derivative_from_output(real y) noexcept nogil:
    return y


cdef inline double elu(double x, double alpha) noexcept nogil:
    return x if x > 0 else alpha * expm1(at_most(x, 0))


cdef inline double elu_derivative(double x, double alpha) noexcept nogil:
    cdef Exponential e = exponential_of(x, 0)
    return 1 if x > 0 else scaled(alpha * e.fraction, e)


cdef inline double elu_derivative_from_output(double y, double alpha) noexcept nogil:
    return 1 if y > 0 else y + alpha


cdef inline double selu(double x) noexcept nogil:
    return SELU_SCALE * x if x > 0 else SELU_SCALE_ALPHA * expm1(at_most(x, 0))


cdef inline double selu_derivative(double x) noexcept nogil:
    cdef Exponential e = exponential_of(x, 0)
    return SELU_SCALE if x > 0 else scaled(SELU_SCALE_ALPHA * e.fraction, e)


cdef inline double selu_derivative_from_output(double y) noexcept nogil:
    return SELU_SCALE if y > 0 else y + SELU_SCALE_ALPHA


# -- sigmoid: e^-abs(x) never overflows, and gives both tails their relative accuracy ------------

cdef inline double sigmoid(double x) noexcept nogil:
    cdef Exponential e = exponential_of(-absolute(x), 0)
    cdef double q = (e.fraction if x < 0 else 1) / (1 + e.value)
    return scaled(q, e) if x < 0 else q


cdef inline double sigmoid_derivative(double x) noexcept nogil:
    cdef double z = exponential_of(-absolute(x), 0).value
    return z / ((1 + z) * (1 + z))


cdef inline double sigmoid_derivative_from_output(double y) noexcept nogil:
    return y * (1 - y)


cdef inline double tanh(double x) noexcept nogil:
    cdef double t = expm1(2 * at_most(absolute(x), 20))
    return with_sign_of(x, t / (t + 2))


cdef inline double tanh_derivative(double x) noexcept nogil:
    return 4 * sigmoid_derivative(2 * x)


cdef inline double tanh_derivative_from_output(double y) noexcept nogil:
    return (1 - y) * (1 + y)


cdef inline double softplus(double x, double beta) noexcept nogil:
    cdef double v = beta * x
    cdef double low = product_low(beta, x, v)
    cdef double z = exponential_of(-absolute(v), low if v < 0 else -low).value
    cdef double bend = log1p_unit(z) / beta
    return x + bend if v > 0 else bend


cdef inline double softplus_derivative(double x, double beta) noexcept nogil:
    cdef double v = beta * x
    cdef double low = product_low(beta, x, v)
    cdef Exponential e = exponential_of(-absolute(v), low if v < 0 else -low)
    cdef double q = (e.fraction if v < 0 else 1) / (1 + e.value)
    return scaled(q, e) if v < 0 else q


cdef inline double softplus_derivative_from_output(double y, double beta) noexcept nogil:
    return -expm1(-beta * y)


# -- x times a sigmoid --------------------------------------------------------------------------

cdef inline double gated(double x, double v, double v_low) noexcept nogil:
    # x sigmoid(v) for v of the sign of x; the product is taken before e^v can underflow
    cdef Exponential e = exponential_of(-absolute(v), v_low if v < 0 else -v_low)
    cdef double q = (at_least(x, -ALMOST_INFINITE) * e.fraction if v < 0 else x) / (1 + e.value)
    return scaled(q, e) if v < 0 else q


cdef inline double gated_derivative(double slope, double v, double v_low) noexcept nogil:
    # sigmoid(v) + slope sigmoid'(v), slope = x v'(x); z = e^-abs(v), w = 1 / (1 + z)
    cdef Exponential e = exponential_of(-absolute(v), v_low if v < 0 else -v_low)
    cdef double w = 1 / (1 + e.value)
    cdef double s = clamp(slope, -ALMOST_INFINITE, ALMOST_INFINITE)
    return scaled(w * (1 + s * w) * e.fraction, e) if v < 0 else w * (1 + s * (w * e.value))


cdef inline double silu(double x) noexcept nogil:
    return gated(x, x, 0)


cdef inline double silu_derivative(double x) noexcept nogil:
    return gated_derivative(x, x, 0)


cdef inline double gelu_tanh(double x) noexcept nogil:
    cdef double low
    cdef double v = gelu_tanh_argument(clamp(x, -40, 40), &low)
    return gated(x, v, low)


cdef inline double gelu_tanh_derivative(double x) noexcept nogil:
    cdef double low
    cdef double c = clamp(x, -40, 40)
    cdef double v = gelu_tanh_argument(c, &low)
    return gated_derivative(c * mul_add(3 * GELU_CUBIC, c * c, GELU_LINEAR), v, low)


# -- gelu: x P(X < x) of a standard normal X, through its tail, which keeps the relative accuracy ---

cdef inline double normal_tail(double t) noexcept nogil:
    # e^(t^2/2) P(X > t) for t >= 0 (after M. M. Shepherd and J. G. Laframboise, Mathematics of Computation 36, 1981)
    return normal_tail_ratio((t - 4) / (t + 4)) / (1 + t)


cdef inline Exponential normal_density(double t) noexcept nogil:
    # e^(-t^2/2)
    cdef double square = t * t
    return exponential_of(-0.5 * square, -0.5 * product_low(t, t, square))


cdef inline double gelu(double x) noexcept nogil:
    cdef double t = at_most(absolute(x), 40)
    cdef Exponential e = normal_density(t)
    cdef double tail = normal_tail(t)
    return scaled(at_least(x, -ALMOST_INFINITE) * tail * e.fraction, e) if x < 0 else x * (1 - tail * e.value)


cdef inline double gelu_derivative(double x) noexcept nogil:
    cdef double t = at_most(absolute(x), 40)
    cdef Exponential e = normal_density(t)
    cdef double side = normal_tail(t) - INVERSE_SQRT_2PI * t
    return scaled(side * e.fraction, e) if x < 0 else 1 - side * e.value
