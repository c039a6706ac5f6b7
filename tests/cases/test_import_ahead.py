"""The next chunk is made ready while one is written; what the import says stays the same."""

import threading
from collections.abc import Iterator

import pytest
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.case_files import HEADER, MAPPING, row
from tests.factories.cases import make_ground
from webapp.cases.importing import import_cases, read_mapping
from webapp.cases.importing.running import one_ahead
from webapp.cases.models import Case, CaseKey
from webapp.places.models import Grid


def test_all_items_come_in_their_order() -> None:
    assert list(one_ahead(iter(range(1, 6)))) == [1, 2, 3, 4, 5]
    assert list(one_ahead(iter([]))) == []


def test_the_next_item_is_made_while_this_one_is_worked_on() -> None:
    second_is_made = threading.Event()

    def items() -> Iterator[str]:
        yield "first"
        second_is_made.set()
        yield "second"

    made = one_ahead(items())
    assert next(made) == "first"
    assert second_is_made.wait(10)
    assert list(made) == ["second"]


def test_an_error_comes_at_its_place() -> None:
    def items() -> Iterator[str]:
        yield "good"
        raise ValueError("row 2")

    made = one_ahead(items())
    assert next(made) == "good"
    with pytest.raises(ValueError, match="row 2"):
        next(made)


def test_it_speaks_the_language_of_who_asked(app) -> None:
    with app.test_request_context(), force_locale("zh"):
        said = _("closed")
        assert said != "closed"
        assert list(one_ahead(_(text) for text in ["closed"])) == [said]


def test_boundaries_that_change_meanwhile_count_from_the_next_chunk(
    session: Session, tmp_path
) -> None:
    ground = make_ground(session)
    session.commit()
    path = tmp_path / "cases.csv"
    path.write_text(HEADER + row("A1") + row("A2"), "utf-8")

    def redraw(_run: object) -> None:
        """The grid of both rows goes, after the first of them was written."""
        grid = session.scalars(select(Grid).join(Case, Case.grid_id == Grid.id)).one()
        grid.valid_to = grid.valid_from
        ground.office.revision += 1

    mapping = read_mapping(MAPPING.encode())
    import_cases(session, ground.office, path, mapping, progress=redraw_once(redraw), chunk_rows=1)
    keyed = select(CaseKey.external_id, Case.grid_id).join(Case)
    grids = dict(session.execute(keyed).all())
    assert grids["A1"] is not None
    assert grids["A2"] is None


def redraw_once(redraw):
    calls = iter([redraw])

    def progress(run: object) -> None:
        for call in calls:
            call(run)

    return progress
