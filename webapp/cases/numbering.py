"""Case numbers: the office's prefix, the day of the report at the office, the day's counter."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

# Both databases read the same ON CONFLICT clause.
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp.cases.models import CaseNumberCounter
from webapp.people.models import Office

_counter = CaseNumberCounter.__table__.c
_new = insert(CaseNumberCounter.__table__)  # type: ignore[arg-type]
_count_on = _new.on_conflict_do_update(
    index_elements=["office_id", "day"], set_={"last": _counter.last + _new.excluded.last}
).returning(_counter.day, _counter.last)


def day_of(office: Office, moment: datetime) -> str:
    """The day of a moment at the office, as numbers have it: 261124."""
    return f"{moment.astimezone(ZoneInfo(office.time_zone)):%y%m%d}"


def case_number(office: Office, day: str, count: int) -> str:
    return f"{office.number_prefix}{day}-{count:04d}"


def next_number(session: Session, office: Office, moment: datetime) -> str:
    """The next number of the day; others wait for it until this transaction ends: ask late."""
    day = day_of(office, moment)
    return case_number(office, day, take_numbers(session, office, {day: 1})[day])


def take_numbers(session: Session, office: Office, wanted: Mapping[str, int]) -> dict[str, int]:
    """Take so many numbers of each day; answers the last one taken of each."""
    rows = [
        {"office_id": office.id, "day": day, "last": wanted[day]}
        for day in sorted(wanted)  # in one order everywhere: no deadlock
    ]
    counted = session.connection().execute(_count_on, rows if len(rows) > 1 else rows[0])
    return dict(counted.all())
