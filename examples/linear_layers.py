"""Layers without an activation, however many, are one affine map: x @ a + b."""

import numpy as np

from fastact.layers import Dense
from fastact.models import Sequential

deep = Sequential([Dense(16, input_shape=(3,)), Dense(16), Dense(16), Dense(2)], seed=0, dtype="float64")
for layer in deep.layers:
    layer.bias[:] = np.linspace(-1, 1, layer.units)

a, b = np.eye(3), np.zeros(3)
for layer in deep.layers:
    a = a @ layer.kernel
    b = b @ layer.kernel + layer.bias

flat = Sequential([Dense(2, input_shape=(3,))], dtype="float64")
flat.set_weights([a, b])

x = np.random.default_rng(0).standard_normal((1000, 3))
difference = np.abs(deep.predict(x, verbose=0) - flat.predict(x, verbose=0)).max()
print(f"{len(deep.layers)} layers with {deep.count_params()} weights and")
print(f"{len(flat.layers)} layer with {flat.count_params()} weights differ by at most {difference:.1e}")

bent = Sequential([Dense(16, "relu", input_shape=(3,)), Dense(16, "relu"), Dense(16, "relu"), Dense(2)])
bent.set_weights(deep.get_weights())
gap = np.abs(bent.predict(x, verbose=0) - flat.predict(x, verbose=0)).max()
print(f"with relu between the layers: by up to {gap:.1f}")
