# pyarrow makes its compute functions when it is imported, one per kernel of the C++ library: no checker sees them.
from typing import Any

def __getattr__(name: str) -> Any: ...
