"""Largest errors found, in ULP, where, and whether all inputs were tried; see tools/accuracy.py."""

#: of version 0.1.0, instruction set avx2
MEASURED = {
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
    "sigmoid": {
        "function": {
            "float16": (0.5001, 0.0107421875, True),
            "float32": (0.5734, -21.834196090698242, False),
            "float64": (1.5146, -8.437742517114092, False),
        },
        "derivative": {
            "float16": (0.5001, 0.69140625, True),
            "float32": (0.5697, 7.9706950187683105, False),
            "float64": (2.7339, 9.078872948590773, False),
        },
    },
}
