"""Work lists of a month, handed out to three auditors unless more is said."""

from pathlib import Path

from daatgal.review.bring_back import FUND_ZONE
from daatgal.review.hand_out import Wanted, hand_out
from tests.review_month import AT, Month

NOW = AT.replace(tzinfo=FUND_ZONE)
THREE = ("Бат", "Дорж", "Сараа")


def handed(month: Month, out: Path, store: Path, **wanted: object):
    return hand_out(
        month.directory,
        out,
        Wanted(**{"auditors": THREE, "who": "Оюун", **wanted}),
        None,
        history=[month.night],
        store=store,
        at=NOW,
    )
