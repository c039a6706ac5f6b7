"""Steps on many cases of the dispatcher's desk: which ones, where they go, and taking it back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.cases.access import visible_to
from webapp.cases.life.many import Outcome, locked_cases, take_steps
from webapp.cases.life.scene import Given
from webapp.cases.models import Case, CaseKey
from webapp.cases.vocabulary import Action
from webapp.core.errors import BadInput
from webapp.desks.dispatch.proposals import no_proposal, proposed
from webapp.desks.dispatch.tabs import DESK
from webapp.desks.frame.rows import tab_ids
from webapp.desks.map.queries import View
from webapp.people.models import Person

MOST = 500
UNDO_S = 10
ACTIONS = (Action.OPEN, Action.ASK_VERIFICATION, Action.DISPATCH, Action.ASK_CHECK)


@dataclass(frozen=True)
class Chosen:
    """The cases that somebody has chosen: ids, the versions that they saw, and what is unknown."""

    ids: Sequence[int]
    seen: Mapping[int, int]
    unknown: Sequence[str] = ()  # numbers that lead to no case of theirs


def read_action(name: str, allowed: Sequence[Action] = ACTIONS) -> Action:
    found = next((action for action in allowed if action.value == name), None)
    if found is None:
        raise BadInput("action", _("This step cannot be taken on many cases at once."))
    return found


def chosen_by_number(session: Session, person: Person, numbers: Mapping[str, int | None]) -> Chosen:
    """Cases by number, each with the version that was seen (None: not looked at alone)."""
    if not 0 < len(numbers) <= MOST:
        raise BadInput(
            "many",
            _("Choose from 1 to %(most)d cases; these are %(given)d.", most=MOST,
              given=len(numbers)),
        )  # fmt: skip
    found = session.execute(
        select(CaseKey.number, CaseKey.case_id)
        .join(Case, Case.id == CaseKey.case_id)
        .where(
            CaseKey.number.in_(list(numbers)),
            Case.office_id == person.office_id,
            visible_to(person),
        )
    ).all()
    ids = {row.number: row.case_id for row in found}
    return Chosen(
        ids=[ids[number] for number in numbers if number in ids],
        seen={ids[n]: v for n, v in numbers.items() if n in ids and v is not None},
        unknown=[number for number in numbers if number not in ids],
    )


def chosen_by_tab(session: Session, view: View, tab: str) -> Chosen:
    """The first of a tab, as many as are taken at once."""
    return Chosen(tab_ids(session, DESK, DESK.tab(tab), view, MOST), {})


def step_on_many(
    session: Session, chosen: Chosen, action: Action, person: Person, now: datetime
) -> tuple[Outcome, dict[str, int]]:
    """Take the step on each that can take it; also answers how many went to which department."""
    cases = locked_cases(session, chosen.ids)
    if action is not Action.DISPATCH:
        return take_steps(
            session, cases, action, person, now, lambda _case: Given(), chosen.seen
        ), {}
    departments = proposed(session, cases)
    going = [case for case in cases if case.id in departments]
    outcome = take_steps(
        session, going, action, person, now,
        lambda case: Given(department_id=departments[case.id].id), chosen.seen,
    )  # fmt: skip
    outcome.failed += [(case, no_proposal(case)) for case in cases if case.id not in departments]
    counts: dict[str, int] = {}
    for case, _event in outcome.events:
        name = departments[case.id].name
        counts[name] = counts.get(name, 0) + 1
    return outcome, counts


def told(outcome: Outcome, chosen: Chosen) -> dict[str, Any]:
    """What became of it, for a script: by number, with the reasons."""
    unknown = [{"number": number, "why": no_case(number)} for number in chosen.unknown]
    return {
        "done": [case.number for case, _event in outcome.events],
        "failed": [{"number": case.number, "why": why} for case, why in outcome.failed] + unknown,
    }


def no_case(number: str) -> str:
    return _("There is no case %(number)s, or it is not yours to see.", number=number[:40])
