"""Many rows at once arrive as if written one by one, with every key and trigger on."""

from datetime import UTC, datetime

import numpy as np
import pytest
from sqlalchemy import func, select

from webapp.core.bulk import copy_rows
from webapp.core.database import begin_write
from webapp.core.ids import new_ids
from webapp.core.jobs import Job, JobState
from webapp.places.models import Facility

WHEN = datetime(2026, 11, 24, 7, 30, 15, 250, tzinfo=UTC)
AWKWARD = ["plain", "a\tb", "line\nline\r", "back\\slash \\N", "\\N", "<script>'\"", "网格 🏮", ""]


def jobs(count: int, **columns):
    return {
        "id": new_ids(count),
        "kind": "bulk",
        "state": JobState.WAITING,
        "created_at": WHEN,
        "payload": [{} for _ in range(count)],
        "result": [{} for _ in range(count)],
        **columns,
    }


def test_text_of_any_kind_comes_back_as_it_was(session):
    begin_write(session)
    assert copy_rows(session, Job.__table__, jobs(len(AWKWARD), error=AWKWARD)) == len(AWKWARD)
    assert session.scalars(select(Job.error).order_by(Job.id)).all() == AWKWARD


def test_what_is_missing_becomes_null(session):
    begin_write(session)
    moments = np.array(["2026-11-24T07:30:15.000250", "NaT"], "datetime64[us]")
    columns = {
        "error": [None, "text"],
        "finished_at": moments,
        "office_id": np.ma.masked_equal([-1, 7], -1),
    }
    copy_rows(session, Job.__table__, jobs(2, **columns))
    first, second = session.scalars(select(Job).order_by(Job.id)).all()
    assert (first.error, first.finished_at, first.office_id) == (None, WHEN, None)
    assert (second.error, second.finished_at, second.office_id) == ("text", None, 7)


def test_objects_and_plain_defaults_are_kept(session):
    begin_write(session)
    payload = [{"words": '路灯\t"不亮"', "n": [1, None]}, {}]
    copy_rows(session, Job.__table__, jobs(2, payload=payload))
    first, second = session.scalars(select(Job).order_by(Job.id)).all()
    assert (first.payload, second.payload) == tuple(payload)
    assert (first.done, first.state, first.created_at) == (0, JobState.WAITING, WHEN)


def test_the_rows_are_undone_with_their_transaction(session):
    begin_write(session)
    copy_rows(session, Job.__table__, jobs(3))
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Job)) == 0


def test_a_broken_reference_is_refused_by_the_database(session):
    begin_write(session)
    columns = {"office_id": [987654], "code": ["x"], "name": ["x"]}
    driver_error = session.get_bind().dialect.dbapi.IntegrityError
    with pytest.raises(driver_error, match="(?i)foreign key"):
        copy_rows(session, Facility.__table__, columns)
    session.rollback()


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"office_id": [1], "code": ["a", "b"], "name": ["x"]}, "differ in length"),
        ({"office_id": [1], "colour": ["red"]}, r"no columns \['colour'\]"),
    ],
)
def test_columns_that_do_not_fit_are_refused(session, columns, words):
    with pytest.raises(ValueError, match=words):
        copy_rows(session, Facility.__table__, columns)


def test_no_rows_are_no_work(session):
    assert copy_rows(session, Facility.__table__, {"office_id": [], "code": [], "name": []}) == 0
