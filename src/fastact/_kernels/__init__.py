"""The compiled part: one module of kernels for each instruction set and dtype, and what brings arrays to them."""
