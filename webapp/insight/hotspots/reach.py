"""Which places somebody may have tested, and whose cases are counted in them.

Who looks after the whole office has all its places tested. Everybody else chooses one of two: the
places of their own area, all cases in them, tested as one area; or all places, with the cases alone
that their department leads. The two are never mixed: a sum of both would be no sum of anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.errors import NotFound
from webapp.insight.rights import rights_of
from webapp.insight.selection import Rights
from webapp.people.areas import AreaChoice, office_areas
from webapp.people.models import Department, Person, Role

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
    """What somebody may choose in `whose`, the default first; empty where all is theirs."""
    rights = rights_of(person)
    if rights is None:
        return []
    own = [Choice(OWN_AREA, _("my area"))] if rights.areas else []
    named = _departments(session, rights.departments)
    return own + [Choice(code, name) for code, (_id, name) in named.items()]


def reach_of(
    session: Session, person: Person, whose: str = "", looked_at: AreaChoice | None = None
) -> Reach:
    """The reach that somebody has chosen; NotFound for one that is not theirs."""
    rights = rights_of(person)
    if rights is None:
        if whose:
            raise _not_theirs()
        return _one_area(looked_at, (), rights)
    department = _departments(session, rights.departments).get(whose)
    if department:
        code, (number, name) = whose, department
        words = _("Only cases that %(department)s leads are counted.", department=name)
        return Reach(None, Rights((), (number,)), code, words, code)
    if whose not in ("", OWN_AREA) or not rights.areas:
        raise _not_theirs()
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


def _departments(session: Session, ids: Sequence[int]) -> dict[str, tuple[int, str]]:
    found = session.execute(
        select(Department.code, Department.id, Department.name)
        .where(Department.id.in_(ids))
        .order_by(Department.name)
    )
    return {code: (number, name) for code, number, name in found}


def _not_theirs() -> NotFound:
    return NotFound("area", _("There is no such area, or it is not yours to look after."))
