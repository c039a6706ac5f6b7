"""Which places somebody may have tested, and whose cases are counted in them.

Who looks after the whole office has all its places tested, everybody else those of their own area,
all cases in them, tested as one area. Who is of a department may choose instead: all places, with
the cases alone that it leads. The two are never mixed: a sum of both would be no sum of anything.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.cases.access import own_departments
from webapp.core.errors import NotFound
from webapp.insight.rights import rights_of
from webapp.insight.selection import Rights
from webapp.people.areas import AreaChoice, office_areas
from webapp.people.models import Department, Office, Person, Role

OWN_AREA = "area"
LOOKERS = (Role.LEADER, Role.INSPECTOR, Role.DISPATCHER, Role.DEPARTMENT_MEMBER)
"""Who may look at hot spots."""


@dataclass(frozen=True)
class Reach:
    """What is tested and counted for somebody; `areas` are paths, None: all of the office."""

    areas: tuple[str, ...] | None = None
    rights: Rights | None = None
    whose: str = ""  # as an address says it
    words: str = ""  # what the page must say of it
    department: str = ""  # code, where only its cases count

    def holds(self, path: str) -> bool:
        return self.areas is None or path.startswith(self.areas)


@dataclass(frozen=True)
class Choice:
    """One of the reaches that somebody may choose from."""

    value: str
    label: str


WHOLE = Reach()


def choices_of(session: Session, person: Person) -> list[Choice]:
    """What somebody may choose in `whose`, the default first; empty where there is no choice."""
    rights = rights_of(person)
    named = _departments(session, own_departments(person))
    if rights is None and not named:
        return []
    own = [Choice(OWN_AREA, _("my area"))] if rights is None or rights.areas else []
    return own + [Choice(code, name) for code, (_id, name) in named.items()]


def reach_of(
    session: Session, person: Person, whose: str = "", looked_at: AreaChoice | None = None
) -> Reach:
    """The reach that somebody has chosen; NotFound for one that is not theirs."""
    rights = rights_of(person)
    if department := _departments(session, own_departments(person)).get(whose):
        number, name = department
        words = _("Only cases that %(department)s leads are counted.", department=name)
        return Reach(None, Rights((), (number,)), whose, words, whose)
    if whose not in ("", OWN_AREA) or (rights and not rights.areas):
        raise _not_theirs()
    if rights is None:
        return _one_area(looked_at, (), rights)
    within = [a for a in rights.areas if looked_at and looked_at.path.startswith(a)]
    return _one_area(looked_at if within else None, rights.areas, rights, session)


def _one_area(
    looked_at: AreaChoice | None,
    areas: tuple[str, ...],
    rights: Rights | None,
    session: Session | None = None,
) -> Reach:
    """An area alone, tested as if there were no other; all of the office where none is named."""
    if looked_at is not None:
        areas, names = (looked_at.path,), [looked_at.name]
    elif areas and session is not None:
        found = office_areas().names(session, areas)
        names = [found.get(path, path) for path in areas]
    else:
        return WHOLE
    words = _(
        "Tested as one area: %(areas)s. What is outside is neither counted nor compared.",
        areas=_(", ").join(names),
    )
    own = Rights(areas) if rights is not None else None
    return Reach(areas, own, OWN_AREA if rights is not None else "", words)


def department_names(session: Session, office: Office, codes: Iterable[str]) -> dict[str, str]:
    """Names of departments by their codes; "" and what is no more are left out."""
    wanted = {code for code in codes if code}
    if not wanted:
        return {}
    known = select(Department.code, Department.name).where(
        Department.office_id == office.id, Department.code.in_(wanted)
    )
    return dict(session.execute(known).all())


def _departments(session: Session, ids: Sequence[int]) -> dict[str, tuple[int, str]]:
    if not ids:
        return {}
    found = session.execute(
        select(Department.code, Department.id, Department.name)
        .where(Department.id.in_(ids))
        .order_by(Department.name)
    )
    return {code: (number, name) for code, number, name in found}


def _not_theirs() -> NotFound:
    return NotFound("area", _("There is no such area, or it is not yours to look after."))
