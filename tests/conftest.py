"""What every test runs under: kernels cached for exactly these sources, and as many drawn examples as asked for."""

import os
from pathlib import Path

from hypothesis import settings

from daatgal.kernel_cache import choose_cache_folder
from tests.scale import scaled

os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(__file__).parents[1] / ".numba-cache" / "plain"))
choose_cache_folder()

settings.register_profile("daatgal", max_examples=scaled(100), deadline=None)
settings.load_profile("daatgal")
