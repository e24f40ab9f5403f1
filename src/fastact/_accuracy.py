"""Largest errors found, in ULP, where, and whether all inputs were tried; see tools/accuracy.py."""

#: of version 0.1.0, instruction set avx512
MEASURED = {
    "linear": {
        "function": {
            "float16": (0.0, 0.0, True),
            "float32": (0.0, 0.0, True),
            "float64": (0.0, 0.0, False),
        },
        "derivative": {
            "float16": (0.0, 0.0, True),
            "float32": (0.0, 0.0, True),
            "float64": (0.0, 0.0, False),
        },
    },
    "relu": {
        "function": {
            "float16": (0.0, 5.960464477539063e-08, True),
            "float32": (0.0, 1.401298464324817e-45, True),
            "float64": (0.0, 2.825369222675754e-308, False),
        },
        "derivative": {
            "float16": (0.0, 5.960464477539063e-08, True),
            "float32": (0.0, 1.401298464324817e-45, True),
            "float64": (0.0, 2.825369222675754e-308, False),
        },
    },
    "leaky_relu": {
        "function": {
            "float16": (0.5, -0.00023543834686279297, True),
            "float32": (0.5, -3.76158192263132e-37, True),
            "float64": (0.5, -8.521755214492381e-14, False),
        },
        "derivative": {
            "float16": (0.28, -5.960464477539063e-08, True),
            "float32": (0.0, 1.401298464324817e-45, True),
            "float64": (0.0, 2.825369222675754e-308, False),
        },
    },
    "elu": {
        "function": {
            "float16": (0.4999, -1.4560546875, True),
            "float32": (0.835, -0.2677616477012634, True),
            "float64": (1.0137, -1.0000000000000093, False),
        },
        "derivative": {
            "float16": (0.4999, -0.0416259765625, True),
            "float32": (0.8726, -5.890780448913574, True),
            "float64": (0.9263, -0.9999999999999992, False),
        },
    },
    "selu": {
        "function": {
            "float16": (0.4999, -7.7265625, True),
            "float32": (0.9997, 2.0131485338417334e-38, True),
            "float64": (1.4116, -3.665853926250924e-15, False),
        },
        "derivative": {
            "float16": (0.5001, -0.1239013671875, True),
            "float32": (0.8759, -44.0147705078125, True),
            "float64": (0.8672, -1.0000000000000009, False),
        },
    },
    "gelu": {
        "function": {
            "float16": (0.5, 5.960464477539063e-08, True),
            "float32": (0.8797, 0.24865610897541046, True),
            "float64": (3.5708, -4.6251228743647027e-07, False),
        },
        "derivative": {
            "float16": (0.5, -0.245849609375, True),
            "float32": (0.7767, 0.002369387075304985, True),
            "float64": (3.1929, -4.6251228743647027e-07, False),
        },
    },
    "gelu_tanh": {
        "function": {
            "float16": (0.5001, 0.001338958740234375, True),
            "float32": (0.6985, -2.7575416564941406, True),
            "float64": (2.2397, -5.0000000000000355, False),
        },
        "derivative": {
            "float16": (0.5, 0.07818603515625, True),
            "float32": (0.5105, -0.6841058731079102, True),
            "float64": (3.0947, -4.999999999999971, False),
        },
    },
    "silu": {
        "function": {
            "float16": (0.5, -2.724609375, True),
            "float32": (0.7045, -4.506470680236816, True),
            "float64": (1.8799, -1.7742660598259668e-12, False),
        },
        "derivative": {
            "float16": (0.5001, -0.005615234375, True),
            "float32": (0.8964, -1.0351860523223877, True),
            "float64": (2.4102, -2.153353879962081, False),
        },
    },
    "sigmoid": {
        "function": {
            "float16": (0.5001, 0.0107421875, True),
            "float32": (0.9065, -66.88921356201172, True),
            "float64": (1.3389, 10.254154162216755, False),
        },
        "derivative": {
            "float16": (0.5001, 0.69140625, True),
            "float32": (0.9068, 5.883701324462891, True),
            "float64": (1.7856, 6.236708744266627, False),
        },
    },
    "tanh": {
        "function": {
            "float16": (0.4999, 0.0283966064453125, True),
            "float32": (0.7543, 0.2501611113548279, True),
            "float64": (1.5625, 0.22193789095239405, False),
        },
        "derivative": {
            "float16": (0.5001, 0.345703125, True),
            "float32": (0.9068, 2.9418506622314453, True),
            "float64": (1.9665, 358.2146931948877, False),
        },
    },
    "softplus": {
        "function": {
            "float16": (0.5, -6.389617919921875e-05, True),
            "float32": (0.9021, -5.890327453613281, True),
            "float64": (1.469, -739.5382772237892, False),
        },
        "derivative": {
            "float16": (0.5001, 0.0107421875, True),
            "float32": (0.9065, -66.88921356201172, True),
            "float64": (1.5532, -9.351213441335743, False),
        },
    },
    "exponential": {
        "function": {
            "float16": (0.5, 0.0226898193359375, True),
            "float32": (0.875, 15.596619606018066, True),
            "float64": (0.9263, -0.9999999999999992, False),
        },
        "derivative": {
            "float16": (0.5, 0.0226898193359375, True),
            "float32": (0.875, 15.596619606018066, True),
            "float64": (0.9263, -0.9999999999999992, False),
        },
    },
    "relu6": {
        "function": {
            "float16": (0.0, 5.960464477539063e-08, True),
            "float32": (0.0, 1.401298464324817e-45, True),
            "float64": (0.0, 2.825369222675754e-308, False),
        },
        "derivative": {
            "float16": (0.0, 5.960464477539063e-08, True),
            "float32": (0.0, 1.401298464324817e-45, True),
            "float64": (0.0, 2.825369222675754e-308, False),
        },
    },
    "prelu": {
        "function": {
            "float16": (0.5, -1.1920928955078125e-07, True),
            "float32": (0.5, -2.802596928649634e-45, True),
            "float64": (0.5, -4.2896407309088445e-308, False),
        },
        "derivative": {
            "float16": (0.0, 5.960464477539063e-08, True),
            "float32": (0.0, 1.401298464324817e-45, True),
            "float64": (0.0, 2.825369222675754e-308, False),
        },
    },
    "celu": {
        "function": {
            "float16": (0.4999, -1.4560546875, True),
            "float32": (0.835, -0.2677616477012634, True),
            "float64": (1.0137, -1.0000000000000093, False),
        },
        "derivative": {
            "float16": (0.4999, -0.0416259765625, True),
            "float32": (0.8726, -5.890780448913574, True),
            "float64": (0.5796, -59.22521738364755, False),
        },
    },
    "mish": {
        "function": {
            "float16": (0.5, -9.2890625, True),
            "float32": (1.0, 2.938735877055719e-38, True),
            "float64": (2.2129, -1.985021644551322e-07, False),
        },
        "derivative": {
            "float16": (0.5, 0.0005340576171875, True),
            "float32": (0.605, -12.129992485046387, True),
            "float64": (2.3545, -8.738216035527048e-06, False),
        },
    },
    "dish": {
        "function": {
            "float16": (0.5001, -2047.0, True),
            "float32": (0.9451, -0.2442287802696228, True),
            "float64": (1.8062, -8.016800833340017, False),
        },
        "derivative": {
            "float16": (0.5001, -0.0023193359375, True),
            "float32": (0.9257, -0.866223931312561, True),
            "float64": (2.4038, -23.00230291655653, False),
        },
    },
    "log_sigmoid": {
        "function": {
            "float16": (0.5, 6.389617919921875e-05, True),
            "float32": (0.9021, 5.890327453613281, True),
            "float64": (1.2588, -6.158552384995828e-08, False),
        },
        "derivative": {
            "float16": (0.5001, -0.0107421875, True),
            "float32": (0.9065, 66.88921356201172, True),
            "float64": (1.3813, -4.166855642885206, False),
        },
    },
    "hard_sigmoid": {
        "function": {
            "float16": (0.5, 0.00146484375, True),
            "float32": (0.5, 1.7881393432617188e-07, True),
            "float64": (1.3335, 1.005203778406639, False),
        },
        "derivative": {
            "float16": (0.3333, 0.0, True),
            "float32": (0.3333, 0.0, True),
            "float64": (0.3335, 0.0, False),
        },
    },
    "hard_silu": {
        "function": {
            "float16": (0.5, 5.960464477539063e-08, True),
            "float32": (1.0, 1.5673262681958715e-38, True),
            "float64": (1.6641, -2.2163401559652432e-16, False),
        },
        "derivative": {
            "float16": (0.5, 0.000732421875, True),
            "float32": (0.5, 8.940696716308594e-08, True),
            "float64": (1.3335, 0.8187633963537275, False),
        },
    },
    "hard_tanh": {
        "function": {
            "float16": (0.0, 0.0, True),
            "float32": (0.0, 0.0, True),
            "float64": (0.0, 0.0, False),
        },
        "derivative": {
            "float16": (0.0, 0.0, True),
            "float32": (0.0, 0.0, True),
            "float64": (0.0, 0.0, False),
        },
    },
    "tanh_shrink": {
        "function": {
            "float16": (0.5, 0.473388671875, True),
            "float32": (0.7547, 3.2705834026279523e-13, True),
            "float64": (3.1528, -0.2065049268379086, False),
        },
        "derivative": {
            "float16": (0.5, 0.02593994140625, True),
            "float32": (0.75, 1.7618287887828861e-19, True),
            "float64": (3.1401, -0.03057655482714239, False),
        },
    },
    "hard_shrink": {
        "function": {
            "float16": (0.0, 0.0, True),
            "float32": (0.0, 0.0, True),
            "float64": (0.0, 0.0, False),
        },
        "derivative": {
            "float16": (0.0, 0.0, True),
            "float32": (0.0, 0.0, True),
            "float64": (0.0, 0.0, False),
        },
    },
    "soft_shrink": {
        "function": {
            "float16": (0.5, 1025.0, True),
            "float32": (0.5, 8388609.0, True),
            "float64": (0.5, 6840801439947605.0, False),
        },
        "derivative": {
            "float16": (0.0, 0.0, True),
            "float32": (0.0, 0.0, True),
            "float64": (0.0, 0.0, False),
        },
    },
    "threshold": {
        "function": {
            "float16": (0.0, 0.0, True),
            "float32": (0.0, 0.0, True),
            "float64": (0.0, 0.0, False),
        },
        "derivative": {
            "float16": (0.0, 0.0, True),
            "float32": (0.0, 0.0, True),
            "float64": (0.0, 0.0, False),
        },
    },
    "softsign": {
        "function": {
            "float16": (0.5, 0.01404571533203125, True),
            "float32": (0.5, 0.013762771151959896, True),
            "float64": (0.5, 1.6316872410109676e-15, False),
        },
        "derivative": {
            "float16": (0.4999, 5792.0, True),
            "float32": (0.9997, 6.461321312311706e18, True),
            "float64": (0.6294, -6.019927786752909e153, False),
        },
    },
    "squareplus": {
        "function": {
            "float16": (0.5001, -0.54248046875, True),
            "float32": (0.5891, -0.0008449657470919192, True),
            "float64": (2.6357, -1.273281251322841e-06, False),
        },
        "derivative": {
            "float16": (0.5001, -0.00732421875, True),
            "float32": (0.75, 0.003034416353330016, True),
            "float64": (1.6963, -517.4893492536578, False),
        },
    },
    "sparse_plus": {
        "function": {
            "float16": (0.5001, 0.000244140625, True),
            "float32": (0.5, 0.000244140625, True),
            "float64": (1.8115, -0.3310402137256387, False),
        },
        "derivative": {
            "float16": (0.5, 0.00048828125, True),
            "float32": (0.5, 5.960464477539063e-08, True),
            "float64": (0.5, 0.5351948570600896, False),
        },
    },
    "sparse_sigmoid": {
        "function": {
            "float16": (0.5, 0.00048828125, True),
            "float32": (0.5, 5.960464477539063e-08, True),
            "float64": (0.5, 0.5351948570600896, False),
        },
        "derivative": {
            "float16": (0.0, 0.0, True),
            "float32": (0.0, 0.0, True),
            "float64": (0.0, 0.0, False),
        },
    },
    "sin": {
        "function": {
            "float16": (0.5, 300.0, True),
            "float32": (0.7821, 269.3695373535156, True),
            "float64": (0.7031, 80.88332242613338, False),
        },
        "derivative": {
            "float16": (0.5, 0.0584716796875, True),
            "float32": (0.7912, 3.913977861404419, True),
            "float64": (0.6582, 0.7391148573447645, False),
        },
    },
    "cos": {
        "function": {
            "float16": (0.5, 0.0584716796875, True),
            "float32": (0.7912, 3.913977861404419, True),
            "float64": (0.6582, 0.7391148573447645, False),
        },
        "derivative": {
            "float16": (0.5, 300.0, True),
            "float32": (0.7821, 269.3695373535156, True),
            "float64": (0.7031, 80.88332242613338, False),
        },
    },
}
