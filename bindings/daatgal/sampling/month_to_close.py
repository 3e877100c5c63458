"""What `daatgal run --close-month` adds to a night: the month's draw, in the same folder and under the same manifest.

In: a month, a design file, a key file; later the settled night and its history. Out: what the night's identity has to
name, and the closed month. The key file is read and the commitment checked before anything is settled. No kernel lives
here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from daatgal.errors import InputError
from daatgal.outputs import InputFile, hash_path
from daatgal.sampling.closing import ClosedMonth, check_commitment, close_month, month_before_in
from daatgal.sampling.design import DEFAULT_DESIGN, load_design
from daatgal.sampling.keys import read_secret
from daatgal.sampling.nights import night_in_memory, nights_on_disk

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pyarrow as pa

    from daatgal.outputs.identity import Scalar
    from daatgal.pipeline import Settlement

MONTH, COMMITMENT, PREVIOUS = "close_month", "secret_sha256", "previous_sample"
"""The parameters of a night that closes a month."""


class MonthToClose:
    """A month that the night in hand closes."""

    def __init__(
        self,
        month: str,
        key_file: Path,
        *,
        history: Sequence[Path],
        design: Path = DEFAULT_DESIGN,
        previous: Path | None = None,
    ) -> None:
        """Read key file, design and history. Raises DaatgalError: KeyFileError, InputError, OutputError.

        `history` are the earlier nights, oldest first; `previous` the folder of the month before's sample, where no
        night of the history drew it.
        """
        self.month = month
        self._design_file = design
        self._design = load_design(design)
        self._secret = read_secret(key_file, month)
        self._nights = nights_on_disk(history)
        self._before = month_before_in(self._nights, previous, month)
        check_commitment(self._secret, self._before)

    def inputs(self) -> tuple[InputFile, ...]:
        """The files that the draw is made from, beside those of the night."""
        return (InputFile("design", self._design_file.name, hash_path(self._design_file)),)

    def parameters(self) -> dict[str, Scalar]:
        """What else the draw follows from; the secret by its hash alone."""
        return {
            MONTH: self.month,
            COMMITMENT: self._secret.commitment,
            PREVIOUS: None if self._before is None else self._before.run_hash,
        }

    def close(
        self, settlement: Settlement, facilities: str | Path, scores: pa.Table | None = None
    ) -> ClosedMonth:
        """Draw the month's sample over the history and the night that has just been settled."""
        nights = [*self._nights, night_in_memory(settlement, scores)]
        return close_month(nights, self.month, self._design, self._secret, facilities, self._before)


def month_to_close(
    month: str, key_file: Path | None, design: Path | None, previous: Path | None, history: Sequence[Path]
) -> MonthToClose | None:
    """What the options of a night ask for; None where no month is to be closed.

    Raises InputError where a month is given without a key file, or a key file, design or sample without a month.
    """
    if month and key_file is not None:
        return MonthToClose(
            month, key_file, history=history, design=design or DEFAULT_DESIGN, previous=previous
        )
    if month:
        raise InputError("--close-month: found no --key-file, expected the private key file of the draw")
    if key_file or design or previous:
        raise InputError(
            "--key-file, --design and --previous-sample are for --close-month, which is not given"
        )
    return None
