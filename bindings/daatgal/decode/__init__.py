"""Decode: from a claim table of any layout to the canonical columns that kernels read, and the quarantine."""

from daatgal.decode.claims import Decoded, decode

__all__ = ["Decoded", "decode"]
