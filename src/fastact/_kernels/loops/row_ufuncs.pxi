# Making generalized ufuncs of the loops over rows, and calling these without NumPy's machinery.


cdef void prepare_rows(RowLoop* loop, tuple kernel, str operands, int mask, tuple fills, int size, f32,
                       str narrow=None):
    # `operands`, the result last: r a row, s a number, both of the loop's type; t a double, l an int64; `f32` and
    # `narrow` as for `prepare`
    cdef int k
    cdef RowOperand* o
    loop.kernel = <RowKernel><size_t>kernel[0]
    loop.across = kernel[1]
    loop.operands = len(operands)
    loop.mask = mask
    loop.copy = <Copy><size_t>f32.COPY
    if narrow is not None:
        loop.widen, loop.shorten = converter(f32, narrow, 0), converter(f32, narrow, 1)
    for k in range(len(operands)):
        o = &loop.operand[k]
        o.row = operands[k] == "r"
        o.narrow = narrow is not None and operands[k] in "rs"
        o.size = size if operands[k] in "rs" else 8
        o.fill = fills[k]


cdef str with_mask(str operands, int mask):
    return operands if mask < 0 else operands[:mask] + "m" + operands[mask:]


cdef int type_of(str operand, int number):
    # the number of its dtype; `number` is that of rows
    return {"t": cnp.NPY_DOUBLE, "l": cnp.NPY_INT64, "m": cnp.NPY_BOOL}.get(operand, number)


cdef class RowFunction:
    """A generalized ufunc over rows, with a shortcut for contiguous arrays of float32 or float64.

    Going through NumPy's iterator costs as much as the softmax of a hundred elements.
    """

    cdef RowLoop loops[DTYPES]
    cdef readonly object ufunc
    cdef str kernel
    cdef str operands
    cdef int mask
    cdef tuple fills

    def __init__(self, str name, str doc, f32, f64, str kernel, str operands, int mask, tuple fills):
        cdef cnp.PyUFuncGenericFunction* functions = <cnp.PyUFuncGenericFunction*>calloc(DTYPES, sizeof(void*))
        cdef void** data = <void**>calloc(DTYPES, sizeof(void*))
        cdef str shown = with_mask(operands, mask)
        cdef char* types = <char*>calloc(DTYPES * len(shown), 1)
        cdef bytes c_name = name.encode()
        cdef bytes c_doc = doc.encode()
        cdef int dtype
        cdef int k
        *inputs, result = ["(n)" if operand in "rm" else "()" for operand in shown]
        cdef bytes signature = f"{','.join(inputs)}->{result}".encode()
        keep_alive.extend([c_name, c_doc, signature, self])
        self.kernel, self.operands, self.mask, self.fills = kernel, operands, mask, fills
        prepare_rows(&self.loops[0], f32.ROWS[kernel], operands, mask, fills, 4, f32)
        prepare_rows(&self.loops[1], f64.ROWS[kernel], operands, mask, fills, 8, f32)
        prepare_rows(&self.loops[2], f32.ROWS[kernel], operands, mask, fills, 4, f32, "float16")
        for dtype in range(DTYPES):
            functions[dtype] = <cnp.PyUFuncGenericFunction>&row_loop
            data[dtype] = &self.loops[dtype]
            for k in range(len(shown)):
                types[dtype * len(shown) + k] = type_of(shown[k], NUMBERS[dtype])
        self.ufunc = PyUFunc_FromFuncAndDataAndSignature(functions, data, types, DTYPES, len(shown) - 1, 1,
                                                         cnp.PyUFunc_None, c_name, c_doc, 0, signature)
        self.let_others_be_narrow(cnp.NPY_FLOAT16)

    def add_bfloat16(self, int bfloat16, f32):
        """Give the ufunc a loop for the user-defined dtype of that number."""
        cdef RowLoop* loop = <RowLoop*>calloc(1, sizeof(RowLoop))
        cdef str shown = with_mask(self.operands, self.mask)
        cdef int[MOST_OPERANDS + 1] types  # and the mask
        cdef int k
        prepare_rows(loop, f32.ROWS[self.kernel], self.operands, self.mask, self.fills, 4, f32, "bfloat16")
        for k in range(len(shown)):
            types[k] = type_of(shown[k], bfloat16)
        cnp.PyUFunc_RegisterLoopForType(self.ufunc, bfloat16, <cnp.PyUFuncGenericFunction>&row_loop, types, loop)
        self.let_others_be_narrow(bfloat16)

    cdef void let_others_be_narrow(self, int number):
        if set(self.operands) <= {"r", "s"} and self.mask < 0:  # all operands are of one type
            let_others_be_narrow(self.ufunc, number)

    def shortcut(self, axis, out, first, second=None):
        """The result for one or two contiguous operands, the last of them rows; None if it is not as simple as that."""
        cdef cnp.ndarray x
        cdef cnp.ndarray dy
        cdef cnp.ndarray result
        cdef cnp.npy_intp of_rows[64]  # the shape of what has one number a row
        cdef int number
        cdef int ndim
        cdef int along
        cdef int k
        rows = first if second is None else second
        if type(rows) is not cnp.ndarray or type(axis) is not int:
            return None
        x = rows
        number = cnp.PyArray_TYPE(x)
        ndim = cnp.PyArray_NDIM(x)
        if number != cnp.NPY_FLOAT and number != cnp.NPY_DOUBLE or not plain(x) or not -ndim <= axis < ndim:
            return None
        along = axis if axis >= 0 else axis + ndim
        cdef const RowLoop* loop = &self.loops[loop_for(number)]
        cdef const RowOperand* of_result = &loop.operand[loop.operands - 1]
        cdef Py_ssize_t blocks = 1
        cdef Py_ssize_t columns = 1
        cdef bint failed
        for k in range(ndim):
            if k < along:
                blocks *= cnp.PyArray_DIM(x, k)
            elif k > along:
                columns *= cnp.PyArray_DIM(x, k)
            if k != along:
                of_rows[k - (k > along)] = cnp.PyArray_DIM(x, k)
        if second is not None:
            if not (fits(first, number, ndim, cnp.PyArray_DIMS(x)) if loop.operand[0].row
                    else fits(first, number, ndim - 1, of_rows)):
                return None
            dy = first
        result = (contiguous_result_in(out, number, ndim, cnp.PyArray_DIMS(x)) if of_result.row
                  else contiguous_result_in(out, number, ndim - 1, of_rows))
        if result is None or not apart(span_of_plain(result), span_of_plain(x)):
            return None
        if second is not None and not apart(span_of_plain(result), span_of_plain(dy)):
            return None
        cdef char* starts[3]
        if second is not None:
            starts[0] = cnp.PyArray_BYTES(dy)
        starts[loop.operands - 2] = cnp.PyArray_BYTES(x)
        starts[loop.operands - 1] = cnp.PyArray_BYTES(result)
        cdef Py_ssize_t n = cnp.PyArray_DIM(x, along)
        if blocks * columns:
            with nogil:
                failed = contiguous_rows(loop, starts, blocks, n, columns)
            if failed:
                raise MemoryError
        return result if cnp.PyArray_NDIM(result) or out is not None else result[()]


def all_classes(labels, Py_ssize_t classes):
    """Whether an array of int64 has numbers from 0 to classes - 1 alone; False, too, if it is not contiguous."""
    cdef cnp.ndarray array
    cdef const uint64_t* numbers
    cdef uint64_t largest = 0  # a negative number is a huge one without its sign
    cdef Py_ssize_t i
    if type(labels) is not cnp.ndarray:
        return False
    array = labels
    if cnp.PyArray_TYPE(array) != cnp.NPY_INT64 or not plain(array):
        return False
    numbers = <const uint64_t*>cnp.PyArray_BYTES(array)
    for i in range(cnp.PyArray_SIZE(array)):
        largest = numbers[i] if numbers[i] > largest else largest
    return largest < <uint64_t>classes


cdef bint contiguous_rows(const RowLoop* loop, char** starts, Py_ssize_t blocks, Py_ssize_t n,
                          Py_ssize_t columns) noexcept nogil:
    # operands of shape (blocks, n, columns), rows along n; whether it failed for want of memory
    cdef Strided operands[3]
    cdef Strided mask = [NULL, 0, 0]
    cdef Py_ssize_t size = loop.operand[0].size
    cdef Py_ssize_t block
    cdef Py_ssize_t length
    cdef int k
    cdef bint failed = False
    cdef fp_flags flags = save_fp_flags()
    if columns == 1:
        for k in range(loop.operands):
            operands[k] = [starts[k], size * n if loop.operand[k].row else size, size]
        failed = over_rows(loop, operands, mask, blocks, n)
    else:
        for block in range(blocks):
            for k in range(loop.operands):
                length = n if loop.operand[k].row else 1
                operands[k] = [starts[k] + block * length * columns * size, size, size * columns]
            failed = over_rows(loop, operands, mask, columns, n) or failed
    restore_fp_flags(flags)
    return failed
