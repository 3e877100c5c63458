"""Features of claims: keys counted, a person's claims scanned in time order. NumPy and Numba only."""
