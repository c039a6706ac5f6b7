"""Small photos in the cells of a workbook: how it was, and how it is now."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.cases.models import Photo
from webapp.cases.photos import photo_path
from webapp.cases.vocabulary import PhotoKind
from webapp.core.errors import BadInput

MOST_CASES = 2_000  # each picture is some 15 KB of the file
PICTURE_WIDTH, PICTURE_HEIGHT = 14.0, 60.0  # letters, points


@dataclass(frozen=True)
class Pictures:
    """The files of the first photo before and the last after, by the id of the case."""

    before: dict[int, Path]
    after: dict[int, Path]

    @property
    def heads(self) -> tuple[str, str]:
        return _("Photo before"), _("Photo after")

    def placed(self, ids: Sequence[int], first_row: int, column: int) -> list[dict[str, Any]]:
        return [
            {"path": str(path), "row": first_row + at, "col": column + side, "fit_to_cell": True,
             "keep_aspect_ratio": True}
            for at, case_id in enumerate(ids)
            for side, files in enumerate((self.before, self.after))
            if (path := files.get(case_id)) is not None
        ]  # fmt: skip


def pictures_of(session: Session, folder: Path, ids: Sequence[int]) -> Pictures:
    """Those of few enough cases that a workbook can hold them; a file that is lost is left out."""
    if len(ids) > MOST_CASES:
        raise BadInput(
            "pictures",
            _(
                "Photos fit into a ledger of at most %(most)s cases; these are %(count)s. Narrow"
                " the filters, or write it without photos.",
                most=MOST_CASES,
                count=len(ids),
            ),
        )
    found = Pictures({}, {})
    for case_id, kind, sha256 in _photos(session, ids):
        path = photo_path(folder, sha256, small=True)
        if not path.exists():
            continue
        if kind is PhotoKind.AFTER:
            found.after[case_id] = path
        else:
            found.before.setdefault(case_id, path)
    return found


def _photos(session: Session, ids: Sequence[int]) -> Iterator[tuple[int, PhotoKind, str]]:
    query = select(Photo.case_id, Photo.kind, Photo.sha256).where(Photo.case_id.in_(ids))
    yield from session.execute(query.order_by(Photo.id))
