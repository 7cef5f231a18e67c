"""The motions of `lim_lib.simulate` in compiled loops, one module for each; they need Numba."""
