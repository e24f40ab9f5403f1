"""Largest errors found, in ULP, where, and whether all inputs were tried; see tools/accuracy.py."""

#: of version 0.1.0, instruction set avx2
MEASURED = {
    "linear": {
        "function": {
            "float16": (0.0, 0.0, True),
            "float32": (0.0, 0.0, False),
            "float64": (0.0, 0.0, False),
        },
        "derivative": {
            "float16": (0.0, 0.0, True),
            "float32": (0.0, 0.0, False),
            "float64": (0.0, 0.0, False),
        },
    },
    "relu": {
        "function": {
            "float16": (0.0, 5.960464477539063e-08, True),
            "float32": (0.0, 1.1754942106924411e-38, False),
            "float64": (0.0, 2.825369222675754e-308, False),
        },
        "derivative": {
            "float16": (0.0, 5.960464477539063e-08, True),
            "float32": (0.0, 1.1754942106924411e-38, False),
            "float64": (0.0, 2.825369222675754e-308, False),
        },
    },
    "leaky_relu": {
        "function": {
            "float16": (0.5, -0.00023543834686279297, True),
            "float32": (0.5, -3.76158192263132e-37, False),
            "float64": (0.5, -8.521755214492381e-14, False),
        },
        "derivative": {
            "float16": (0.28, -5.960464477539063e-08, True),
            "float32": (0.0, 1.1754942106924411e-38, False),
            "float64": (0.0, 2.825369222675754e-308, False),
        },
    },
    "elu": {
        "function": {
            "float16": (0.4999, -1.4560546875, True),
            "float32": (0.7479, -0.2875496447086334, True),
            "float64": (1.0137, -1.0000000000000093, False),
        },
        "derivative": {
            "float16": (0.4999, -0.0416259765625, True),
            "float32": (0.5768, -5.198582172393799, True),
            "float64": (0.5796, -59.22521738364755, False),
        },
    },
    "selu": {
        "function": {
            "float16": (0.4999, -7.7265625, True),
            "float32": (0.7402, -0.15337103605270386, True),
            "float64": (1.4116, -3.665853926250924e-15, False),
        },
        "derivative": {
            "float16": (0.5001, -0.1239013671875, True),
            "float32": (0.5676, -1.7328599691390991, True),
            "float64": (1.2773, -3.3620916260288056, False),
        },
    },
    "gelu": {
        "function": {
            "float16": (0.5, 5.960464477539063e-08, True),
            "float32": (0.709, -1.8616445064544678, True),
            "float64": (3.5708, -4.6251228743647027e-07, False),
        },
        "derivative": {
            "float16": (0.5, -0.245849609375, True),
            "float32": (0.7237, -0.3564848005771637, True),
            "float64": (3.1929, -4.6251228743647027e-07, False),
        },
    },
    "gelu_tanh": {
        "function": {
            "float16": (0.5001, 0.001338958740234375, True),
            "float32": (0.5991, -5.475103855133057, True),
            "float64": (2.2397, -5.0000000000000355, False),
        },
        "derivative": {
            "float16": (0.5, 0.07818603515625, True),
            "float32": (0.5, -0.003211227711290121, False),
            "float64": (3.0947, -4.999999999999971, False),
        },
    },
    "silu": {
        "function": {
            "float16": (0.5, -2.724609375, True),
            "float32": (0.605, -22.527292251586914, True),
            "float64": (2.0518, -0.6802026912741803, False),
        },
        "derivative": {
            "float16": (0.5001, -0.005615234375, True),
            "float32": (0.5, -1.0699033737182617e-05, True),
            "float64": (2.4102, -2.153353879962081, False),
        },
    },
    "sigmoid": {
        "function": {
            "float16": (0.5001, 0.0107421875, True),
            "float32": (0.5767, -25.29990577697754, True),
            "float64": (1.1416, -6.527607141395121, False),
        },
        "derivative": {
            "float16": (0.5001, 0.69140625, True),
            "float32": (0.5697, 7.9706950187683105, False),
            "float64": (1.7856, 6.236708744266627, False),
        },
    },
    "tanh": {
        "function": {
            "float16": (0.4999, 0.0283966064453125, True),
            "float32": (0.71, 0.1732986867427826, True),
            "float64": (1.5625, 0.22193789095239405, False),
        },
        "derivative": {
            "float16": (0.5001, 0.345703125, True),
            "float32": (0.5632, 44.161190032958984, False),
            "float64": (1.9665, 358.2146931948877, False),
        },
    },
    "softplus": {
        "function": {
            "float16": (0.5, -6.389617919921875e-05, True),
            "float32": (0.5807, -3.812248945236206, True),
            "float64": (1.469, -739.5382772237892, False),
        },
        "derivative": {
            "float16": (0.5001, 0.0107421875, True),
            "float32": (0.5767, -25.29990577697754, True),
            "float64": (1.7979, -23.690659760874265, False),
        },
    },
    "exponential": {
        "function": {
            "float16": (0.5, 0.0226898193359375, True),
            "float32": (0.5768, -5.198582172393799, True),
            "float64": (0.7371, -708.4000000000024, False),
        },
        "derivative": {
            "float16": (0.5, 0.0226898193359375, True),
            "float32": (0.5768, -5.198582172393799, True),
            "float64": (0.7371, -708.4000000000024, False),
        },
    },
    "relu6": {
        "function": {
            "float16": (0.0, 5.960464477539063e-08, True),
            "float32": (0.0, 1.1754942106924411e-38, False),
            "float64": (0.0, 2.825369222675754e-308, False),
        },
        "derivative": {
            "float16": (0.0, 5.960464477539063e-08, True),
            "float32": (0.0, 1.1754942106924411e-38, False),
            "float64": (0.0, 2.825369222675754e-308, False),
        },
    },
    "prelu": {
        "function": {
            "float16": (0.5, -1.1920928955078125e-07, True),
            "float32": (0.5, -5.0863490878983615e-40, False),
            "float64": (0.5, -4.2896407309088445e-308, False),
        },
        "derivative": {
            "float16": (0.0, 5.960464477539063e-08, True),
            "float32": (0.0, 1.1754942106924411e-38, False),
            "float64": (0.0, 2.825369222675754e-308, False),
        },
    },
    "celu": {
        "function": {
            "float16": (0.4999, -1.4560546875, True),
            "float32": (0.7362, -0.28588932752609253, False),
            "float64": (1.0137, -1.0000000000000093, False),
        },
        "derivative": {
            "float16": (0.4999, -0.0416259765625, True),
            "float32": (0.5648, -0.9901435971260071, False),
            "float64": (0.5796, -59.22521738364755, False),
        },
    },
    "mish": {
        "function": {
            "float16": (0.5, -9.2890625, True),
            "float32": (0.5784, -5.162003993988037, False),
            "float64": (2.2129, -1.985021644551322e-07, False),
        },
        "derivative": {
            "float16": (0.5, 0.0005340576171875, True),
            "float32": (0.5831, -0.995182454586029, False),
            "float64": (2.3545, -8.738216035527048e-06, False),
        },
    },
    "dish": {
        "function": {
            "float16": (0.5001, -2047.0, True),
            "float32": (0.5, 1.1754942106924411e-38, False),
            "float64": (1.8062, -8.016800833340017, False),
        },
        "derivative": {
            "float16": (0.5001, -0.0023193359375, True),
            "float32": (0.5, 2.9802322387695312e-08, False),
            "float64": (2.4038, -23.00230291655653, False),
        },
    },
    "log_sigmoid": {
        "function": {
            "float16": (0.5, 6.389617919921875e-05, True),
            "float32": (0.5698, 77.92025756835938, False),
            "float64": (1.2358, -1.6263154880050398e-08, False),
        },
        "derivative": {
            "float16": (0.5001, -0.0107421875, True),
            "float32": (0.5683, 20.448904037475586, False),
            "float64": (1.7534, 1.2512898980275196, False),
        },
    },
    "hard_sigmoid": {
        "function": {
            "float16": (0.5, 0.00146484375, True),
            "float32": (0.5, 7.88569450378418e-05, False),
            "float64": (1.3335, 1.005203778406639, False),
        },
        "derivative": {
            "float16": (0.3333, 0.0, True),
            "float32": (0.3333, 0.0, False),
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
            "float32": (0.0, 0.0, False),
            "float64": (0.0, 0.0, False),
        },
        "derivative": {
            "float16": (0.0, 0.0, True),
            "float32": (0.0, 0.0, False),
            "float64": (0.0, 0.0, False),
        },
    },
    "tanh_shrink": {
        "function": {
            "float16": (0.5, 0.473388671875, True),
            "float32": (0.588, 2.7069070540619578e-08, False),
            "float64": (3.1528, -0.2065049268379086, False),
        },
        "derivative": {
            "float16": (0.5, 0.02593994140625, True),
            "float32": (0.5, 2.6469779601696886e-23, False),
            "float64": (2.9468, -0.24521824344185655, False),
        },
    },
    "hard_shrink": {
        "function": {
            "float16": (0.0, 0.0, True),
            "float32": (0.0, 0.0, False),
            "float64": (0.0, 0.0, False),
        },
        "derivative": {
            "float16": (0.0, 0.0, True),
            "float32": (0.0, 0.0, False),
            "float64": (0.0, 0.0, False),
        },
    },
    "soft_shrink": {
        "function": {
            "float16": (0.5, 1025.0, True),
            "float32": (0.5, 16777215.0, False),
            "float64": (0.5, 6840801439947605.0, False),
        },
        "derivative": {
            "float16": (0.0, 0.0, True),
            "float32": (0.0, 0.0, False),
            "float64": (0.0, 0.0, False),
        },
    },
    "threshold": {
        "function": {
            "float16": (0.0, 0.0, True),
            "float32": (0.0, 0.0, False),
            "float64": (0.0, 0.0, False),
        },
        "derivative": {
            "float16": (0.0, 0.0, True),
            "float32": (0.0, 0.0, False),
            "float64": (0.0, 0.0, False),
        },
    },
    "softsign": {
        "function": {
            "float16": (0.5, 0.01404571533203125, True),
            "float32": (0.5, 2.9802322387695312e-08, False),
            "float64": (1.4023, -15.00711830395778, False),
        },
        "derivative": {
            "float16": (0.4999, 5792.0, True),
            "float32": (0.5, 3.777893186295716e22, False),
            "float64": (3.3667, -3.719872310317378e-08, False),
        },
    },
    "squareplus": {
        "function": {
            "float16": (0.5001, -0.54248046875, True),
            "float32": (0.5, -16777215.0, False),
            "float64": (2.6357, -1.273281251322841e-06, False),
        },
        "derivative": {
            "float16": (0.5001, -0.00732421875, True),
            "float32": (0.5, 1.1920928955078125e-07, False),
            "float64": (1.6963, -517.4893492536578, False),
        },
    },
    "sparse_plus": {
        "function": {
            "float16": (0.5001, 0.000244140625, True),
            "float32": (0.5, 0.000244140625, False),
            "float64": (1.8115, -0.3310402137256387, False),
        },
        "derivative": {
            "float16": (0.5, 0.00048828125, True),
            "float32": (0.5, 5.960464477539063e-08, False),
            "float64": (0.5, 0.5351948570600896, False),
        },
    },
    "sparse_sigmoid": {
        "function": {
            "float16": (0.5, 0.00048828125, True),
            "float32": (0.5, 5.960464477539063e-08, False),
            "float64": (0.5, 0.5351948570600896, False),
        },
        "derivative": {
            "float16": (0.0, 0.0, True),
            "float32": (0.0, 0.0, False),
            "float64": (0.0, 0.0, False),
        },
    },
    "sin": {
        "function": {
            "float16": (0.5, 300.0, True),
            "float32": (0.5076, 269.3022155761719, False),
            "float64": (0.7031, 80.88332242613338, False),
        },
        "derivative": {
            "float16": (0.5, 0.0584716796875, True),
            "float32": (0.51, 0.784720778465271, False),
            "float64": (0.6582, 0.7391148573447645, False),
        },
    },
    "cos": {
        "function": {
            "float16": (0.5, 0.0584716796875, True),
            "float32": (0.51, 0.784720778465271, False),
            "float64": (0.6582, 0.7391148573447645, False),
        },
        "derivative": {
            "float16": (0.5, 300.0, True),
            "float32": (0.5076, 269.3022155761719, False),
            "float64": (0.7031, 80.88332242613338, False),
        },
    },
}
