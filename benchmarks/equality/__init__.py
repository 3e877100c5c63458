"""Four implementations on the same claims: what they judge, how each is called, how they are compared.

The product's kernels are kept where its commands keep them.
"""

from daatgal.kernel_cache import choose_cache_folder

choose_cache_folder()
