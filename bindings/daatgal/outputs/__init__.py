"""Results on disk: whole or not at all, each run named by its hash.

In: Arrow tables of one run and what the run was made from. Out: a folder with Parquet parts and, written last,
``manifest.json``, which lists every part; readers trust only what it lists. No kernel lives here.
"""

from daatgal.outputs.commit import Run, open_run
from daatgal.outputs.identity import InputFile, RunIdentity, hash_path
from daatgal.outputs.manifest import read_manifest
from daatgal.outputs.release import release
from daatgal.outputs.verify import Verification, verify

__all__ = [
    "InputFile",
    "Run",
    "RunIdentity",
    "Verification",
    "hash_path",
    "open_run",
    "read_manifest",
    "release",
    "verify",
]
