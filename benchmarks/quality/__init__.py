"""How well scores find what was hidden: labelled public data, and anomalies injected into generated and real claims.

The product's kernels are kept where its commands keep them.
"""

from daatgal.kernel_cache import choose_cache_folder

choose_cache_folder()
