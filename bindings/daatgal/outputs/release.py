"""Let a held run go.

In: the folder of a held run, and who lets it go. Out: the same folder; its manifest names who and when, and the run
keeps its hash. No kernel lives here.
"""

from datetime import UTC, datetime
from pathlib import Path

from daatgal.errors import OutputError
from daatgal.outputs import manifest
from daatgal.outputs.commit import STAGING, disk_errors, locked, remove_leftovers, sync_folder, write_synced
from daatgal.outputs.manifest import MANIFEST, Content


def release(directory: Path, *, who: str) -> Content:
    """Release the run in `directory` and return its new manifest; refused where it is not held.

    The manifest is replaced in one rename. `releases` only grows; parts and run hash stay as they are.
    """
    if not (directory / MANIFEST).exists():
        message = f"{directory}: has no {MANIFEST}; expected the folder of a finished run"
        raise OutputError(message)
    with locked(directory):
        remove_leftovers(directory)
        content = manifest.read_manifest(directory)
        if not content["held"]:
            message = f"{directory}: run {content['run_hash'][:12]} is not held; there is nothing to release"
            raise OutputError(message)
        entry = {"who": who, "at": datetime.now(UTC).isoformat(timespec="seconds")}
        content = manifest.sealed(content | {"held": False, "releases": [*content["releases"], entry]})
        with disk_errors(directory):
            staging = directory / f"{STAGING}{content['identity'][:16]}"
            staging.mkdir(mode=0o700)
            # Not named like a run's manifest: left behind, it must not be taken for a list of tables to remove.
            next_manifest = staging / "released.json"
            write_synced(next_manifest, manifest.render(content))
            next_manifest.rename(directory / MANIFEST)
            sync_folder(directory)
        remove_leftovers(directory)
    return content
