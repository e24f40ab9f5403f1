# Every activation: its formula and its derivative, once, for all dtypes and instruction sets.
#
# Arguments and results are `real`, the type of the result; where something is rounded on the way, it
# is `double` (math_f32.pxi and math_f64.pxi say how the building blocks for that differ), and
# rounding to `real` is left to the loop. `name` is the function,
# `name_derivative` its derivative at x, `name_derivative_from_output` the same written in y = f(x);
# parameters follow x or y. Loops are made from these by render.py: keep them free of branches that
# are not a choice between two values, of calls that cannot be inlined, and of bare real literals.


# -- exact: the linear and relu families --------------------------------------------------------

cdef inline real linear(real x) noexcept nogil:
    return x


cdef inline real linear_derivative(real x) noexcept nogil:
    return one_unless_nan(x)


cdef inline real linear_derivative_from_output(real y) noexcept nogil:
    return one_unless_nan(y)


cdef inline real relu(real x) noexcept nogil:
    return <real>0 if x <= <real>0 else x


cdef inline real relu_derivative(real x) noexcept nogil:
    return chosen(x <= <real>0, 0, one_unless_nan(x))


cdef inline real relu_derivative_from_output(real y) noexcept nogil:
    return relu_derivative(y)


cdef inline real leaky_relu(real x, real negative_slope) noexcept nogil:
    return x if x > <real>0 else negative_slope * x


cdef inline real leaky_relu_derivative(real x, real negative_slope) noexcept nogil:
    return chosen(x <= <real>0, negative_slope, one_unless_nan(x))


cdef inline real leaky_relu_derivative_from_output(real y, real negative_slope) noexcept nogil:
    return leaky_relu_derivative(y, negative_slope)


cdef inline real prelu(real x, real weight) noexcept nogil:
    return leaky_relu(x, weight)


cdef inline real prelu_derivative(real x, real weight) noexcept nogil:
    return leaky_relu_derivative(x, weight)


cdef inline real prelu_derivative_weight(real x) noexcept nogil:
    # with respect to the weight
    return <real>0 if x > <real>0 else x


cdef inline real inside(real x, real low, real high) noexcept nogil:
    # 1 between low and high, 0 outside and at both
    return chosen((x <= low) | (x >= high), 0, one_unless_nan(x))


cdef inline real hard_tanh(real x, real min_value, real max_value) noexcept nogil:
    return at_most(at_least(x, min_value), max_value)


cdef inline real hard_tanh_derivative(real x, real min_value, real max_value) noexcept nogil:
    return inside(x, min_value, max_value)


cdef inline real hard_tanh_derivative_from_output(real y, real min_value, real max_value) noexcept nogil:
    return inside(y, min_value, max_value)


cdef inline real relu6(real x) noexcept nogil:
    return at_most(relu(x), <real>6)


cdef inline real relu6_derivative(real x) noexcept nogil:
    return inside(x, <real>0, <real>6)


cdef inline real relu6_derivative_from_output(real y) noexcept nogil:
    return relu6_derivative(y)


cdef inline real hard_shrink(real x, real threshold) noexcept nogil:
    return <real>0 if absolute(x) <= threshold else x


cdef inline real hard_shrink_derivative(real x, real threshold) noexcept nogil:
    return chosen(absolute(x) <= threshold, 0, one_unless_nan(x))


cdef inline real hard_shrink_derivative_from_output(real y, real threshold) noexcept nogil:
    return chosen(y == <real>0, 0, one_unless_nan(y))


cdef inline real soft_shrink(real x, real threshold) noexcept nogil:
    return <real>0 if absolute(x) <= threshold else x - with_sign_of(threshold, x)


cdef inline real soft_shrink_derivative(real x, real threshold) noexcept nogil:
    return hard_shrink_derivative(x, threshold)


cdef inline real soft_shrink_derivative_from_output(real y, real threshold) noexcept nogil:
    return hard_shrink_derivative_from_output(y, threshold)


cdef inline real threshold(real x, real threshold, real value) noexcept nogil:
    return value if x <= threshold else x


cdef inline real threshold_derivative(real x, real threshold, real value) noexcept nogil:
    return chosen(x <= threshold, 0, one_unless_nan(x))


cdef inline real hard_sigmoid(real x) noexcept nogil:
    return sum_over(at_most(at_least(x, -HARD_LIMIT), HARD_LIMIT), 3, 6)


cdef inline real hard_sigmoid_derivative(real x) noexcept nogil:
    return inside(x, -3, 3) * <real>(1.0 / 6)


cdef inline real hard_sigmoid_derivative_from_output(real y) noexcept nogil:
    return inside(y, 0, 1) * <real>(1.0 / 6)


cdef inline real hard_silu(real x) noexcept nogil:
    # the lower bound gives -0 at -infinity; from 3 on, the product could overflow
    return x if x >= HARD_LIMIT else product_over(at_least(x, -HARD_LIMIT), 3, 6)


cdef inline real hard_silu_derivative(real x) noexcept nogil:
    return chosen(x >= 3, 1, chosen(x <= -3, 0, sum_over(x, <real>1.5, 3)))


cdef inline real sparse_sigmoid(real x) noexcept nogil:
    return at_most(at_least(x, -1), 1) * <real>0.5 + <real>0.5  # halving is exact: one rounding


cdef inline real sparse_sigmoid_derivative(real x) noexcept nogil:
    return inside(x, -1, 1) * <real>0.5


cdef inline real sparse_sigmoid_derivative_from_output(real y) noexcept nogil:
    return inside(y, 0, 1) * <real>0.5


cdef inline double sparse_plus(real x) noexcept nogil:
    cdef double shifted = <double>at_least(x, -1) + 1
    return x if x >= 1 else shifted * shifted * 0.25


cdef inline double sparse_plus_derivative(real x) noexcept nogil:
    return sparse_sigmoid(x)


cdef inline double sparse_plus_derivative_from_output(real y) noexcept nogil:
    return 1 if y >= 1 else sqrt(<double>at_least(y, 0))


# -- algebraic: square roots and quotients ------------------------------------------------------

cdef inline real softsign(real x) noexcept nogil:
    # infinity over infinity would be NaN
    return with_sign_of(part_of_one_plus(at_most(absolute(x), LARGE)), x)


cdef inline real softsign_derivative(real x) noexcept nogil:
    cdef real low
    cdef real w = inverse_of_one_plus(at_most(absolute(x), LARGE), &low)
    return times_sum(w, w, 2 * low)


cdef inline double softsign_derivative_from_output(real y) noexcept nogil:
    cdef double w = 1 - <double>absolute(y)
    return w * w


cdef inline double squareplus(real x, real b) noexcept nogil:
    # halves of the terms: their sum may overflow
    cdef double s = 0.5 * root_of_sum(x, b)
    cdef double h = 0.5 * x
    return 0.25 * b / (s - h) if h < 0 else h + s


cdef inline double squareplus_derivative(real x, real b) noexcept nogil:
    cdef double unused
    cdef double slope = 0.5 * lift(x, b, &unused)
    cdef double step = 1 if x > 0 else (0.5 if x == 0 else slope)
    step = 0 if x < 0 else step
    return slope if b > 0 else step  # the slope is 0 over 0 where both are 0, or the square of x is


cdef inline double squareplus_derivative_from_output(real y, real b) noexcept nogil:
    return 1 / (1 + b / (4 * <double>y * y))


cdef inline double dish(real x) noexcept nogil:
    return half_times_lift(x)


cdef inline double dish_slope(double u, double v) noexcept nogil:
    # (1 + 2 u - u^3) / 2, for small v = 1 + u as v (v (3 - v) - 1) / 2
    return 0.5 * v * mul_add(v, 3 - v, -1) if v < 0.5 else mul_add(u, mul_add(-0.5 * u, u, 1), 0.5)


cdef inline double dish_derivative(real x) noexcept nogil:
    cdef double u
    cdef double v = lift(x, 1, &u)
    return dish_slope(u, v)


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
    return SELU_SCALE * x if x >= 0 else times_expm1(SELU_SCALE_ALPHA, SELU_SCALE_ALPHA_LOW, bounded(x))


cdef inline double selu_derivative(real x) noexcept nogil:
    return SELU_SCALE if x > 0 else times_exp(SELU_SCALE_ALPHA, bounded(x), 0)


cdef inline double selu_derivative_from_output(real y) noexcept nogil:
    return SELU_SCALE if y > 0 else y + SELU_SCALE_ALPHA


cdef inline double celu(real x, real alpha) noexcept nogil:
    cdef double v = at_most(x, 0) * (1 / <double>alpha)
    return x if x >= 0 else alpha * expm1(-LIMIT if v < -LIMIT else v)


cdef inline double celu_derivative(real x, real alpha) noexcept nogil:
    cdef double t = at_most(x, 0)
    cdef double inverse = 1 / <double>alpha  # once for all elements, if alpha is the same
    cdef double v = t * inverse
    cdef double c = -LIMIT if v < -LIMIT else v
    cdef double low = residual(t, c, alpha) * inverse
    return 1 if x >= 0 else exp(c, low if absolute(<real>low) < 1 else 0)


cdef inline double celu_derivative_from_output(real y, real alpha) noexcept nogil:
    return 1 if y > 0 else <double>y / alpha + 1


# -- sigmoid and its integral -------------------------------------------------------------------

cdef inline double sigmoid(real x) noexcept nogil:
    return logistic(bounded(x), 0)


cdef inline double sigmoid_derivative(real x) noexcept nogil:
    cdef double z = exp(-at_most(absolute(x), LIMIT), 0)
    return z / mul_add(z, z + 2, 1)  # (1 + z)^2, with one rounding less


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
    cdef double size = minus_size(v)
    cdef double bend = times_log1p_exp(1 / <double>beta, size, negated_unless(v, low))
    # 0 times the inverse of a subnormal beta is NaN, and at -LIMIT a large one could still be seen
    bend = bend if bend > 0 else 0
    return at_least(x, 0) + (bend if size > -LIMIT else 0)


cdef inline double minus_size(double v) noexcept nogil:
    # -abs(v), as far as exp takes it
    cdef double size = -magnitude(v)
    return -LIMIT if size < -LIMIT else size


cdef inline double softplus_derivative(real x, real beta) noexcept nogil:
    cdef double v = <double>beta * x
    cdef double low = product_low(beta, x, v)
    v = -LIMIT if v < -LIMIT else v
    return gated(1, LIMIT if v > LIMIT else v, low)


cdef inline double softplus_derivative_from_output(real y, real beta) noexcept nogil:
    cdef double v = -<double>beta * y
    v = -EXPM1_LIMIT if v < -EXPM1_LIMIT else v
    return -expm1(EXPM1_LIMIT if v > EXPM1_LIMIT else v)


cdef inline double log_sigmoid(real x) noexcept nogil:
    cdef double bend = log1p_unit(exp(-at_most(absolute(x), LIMIT), 0))
    return x - bend if x < 0 else -bend


cdef inline double log_sigmoid_derivative(real x) noexcept nogil:
    return gated(1, -bounded(x), 0)


cdef inline double log_sigmoid_derivative_from_output(real y) noexcept nogil:
    return -expm1(at_most(at_least(y, -EXPM1_LIMIT), EXPM1_LIMIT))


cdef inline double tanh_shrink(real x) noexcept nogil:
    # beyond +-1 as (abs(x) - 1) + (1 - tanh), which adds what has one sign
    cdef double t = absolute(x)
    cdef double square = at_most(absolute(x), 1) * <double>at_most(absolute(x), 1)
    cdef double far = (t - 1) + 2 / (2 + expm1(2 * at_most(absolute(x), TANH_LIMIT)))
    cdef double ratio = mul_add(square, tanh_shrink_tail(square), 1.0 / 3)  # all but the last step on what is small
    return with_sign_of(<real>(t * square * ratio if t < 1 else far), x)


cdef inline double tanh_shrink_derivative(real x) noexcept nogil:
    cdef double t = ratio_to_2(precise_expm1(2 * at_most(absolute(x), TANH_LIMIT)))
    return t * t


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


cdef inline double mish(real x) noexcept nogil:
    # tanh(softplus(x)) = n (n + 2) / (n (n + 2) + 2), n = e^x, as n - n^2 (1 + n) / (n (n + 2) + 2); for x > 0 in e^-x
    cdef double c = at_least(x, -LIMIT)
    cdef double z = exp(-at_most(absolute(x), LIMIT), 0)
    cdef double d = mul_add(z, z + 2, 2) if x < 0 else mul_add(2 * z, 1 + z, 1)
    cdef double q = (z * (1 + z) if x < 0 else 1 + 2 * z) / d
    return times_exp(mul_add(-c, q, c), -at_most(absolute(x), LIMIT), 0) if x < 0 else x * q


cdef inline double mish_derivative(real x) noexcept nogil:
    # n (x + 1 - n v / d^2), v = 4 x + 2 + n (8 x + 4 + n (4 x + 3 + n (x + 1))), n = e^x, d = n (n + 2) + 2;
    # for x > 0 in z = e^-x, 1 + z^2 v / d^2, v = 4 x - 2 + 4 z (x - 1 - z), d = 1 + 2 z (1 + z)
    cdef double c = bounded(x)
    cdef double z = precise_exp(-at_most(absolute(x), LIMIT))
    cdef double below = mul_add(z, mul_add(z, mul_add(z, c + 1, mul_add(4, c, 3)), mul_add(8, c, 4)), mul_add(4, c, 2))
    cdef double above = mul_add(4 * z, (c - 1) - z, mul_add(4, c, -2))
    cdef double d = mul_add(z, z + 2, 2) if x < 0 else mul_add(2 * z, 1 + z, 1)
    cdef double q = z * ((below if x < 0 else above) / (d * d))
    return times_exp((c + 1) - q, -at_most(absolute(x), LIMIT), 0) if x < 0 else mul_add(z, q, 1)


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
    return side if x < 0 else 1 - side


# -- gates: a g(b) of two halves ----------------------------------------------------------------

cdef inline double glu(real a, real b) noexcept nogil:
    return gated(a, bounded(b), 0)


cdef inline double glu_slope(real a, real b) noexcept nogil:
    return gated_slope(a, bounded(b))


cdef inline double swiglu(real a, real b) noexcept nogil:
    return a * silu(b)


cdef inline double swiglu_slope(real a, real b) noexcept nogil:
    return a * silu_derivative(b)


cdef inline double geglu(real a, real b) noexcept nogil:
    return a * gelu(b)


cdef inline double geglu_slope(real a, real b) noexcept nogil:
    return a * gelu_derivative(b)


cdef inline real reglu(real a, real b) noexcept nogil:
    return a * relu(b)


cdef inline real reglu_slope(real a, real b) noexcept nogil:
    return a * relu_derivative(b)


# -- sine and cosine ----------------------------------------------------------------------------

cdef inline real sin(real x) noexcept nogil:
    return sine_at(x, 0)


cdef inline real sin_derivative(real x) noexcept nogil:
    return sine_at(x, 1)


cdef inline real cos(real x) noexcept nogil:
    return sine_at(x, 1)


cdef inline real cos_derivative(real x) noexcept nogil:
    return sine_at(x, 2)


# the same where the argument is too large for the reduction of sine_at
cdef inline double sin_far(real x) noexcept nogil:
    return libm_sin(x)


cdef inline double sin_derivative_far(real x) noexcept nogil:
    return libm_cos(x)


cdef inline double cos_far(real x) noexcept nogil:
    return libm_cos(x)


cdef inline double cos_derivative_far(real x) noexcept nogil:
    return -libm_sin(x)
