"""Two classes: a sigmoid gives the probability of class 1, and a threshold makes a decision of it."""

import numpy as np

from fastact.layers import Dense
from fastact.models import Sequential

# of 2,000 patients one in five is ill, with higher readings on the whole
rng = np.random.default_rng(0)
ill = rng.random(2000) < 0.2
x = rng.standard_normal((2000, 4)) + ill[:, None] * [1.0, 0.8, 0.5, 0.0]
seen, held_out = slice(1500), slice(1500, None)

model = Sequential([Dense(8, activation="relu"), Dense(1, activation="sigmoid")], seed=0)
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
model.fit(x[seen], ill[seen], epochs=30, verbose=0)

probability = model.predict(x[held_out], verbose=0)[:, 0]
truth = ill[held_out]
print("threshold  accuracy  found of the ill  false alarms")
rates = {}
for threshold in (0.1, 0.2, 0.5, 0.8):
    called = probability >= threshold
    found, alarms = called[truth].mean(), called[~truth].mean()
    rates[threshold] = found, alarms
    print(f"{threshold:9}  {np.mean(called == truth):8.1%}  {found:16.1%}  {alarms:12.1%}")
