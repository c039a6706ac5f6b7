"""The forms of a case's buttons: their fields, what can be chosen, what was typed and is wrong."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.cases.choices import report_choices
from webapp.cases.life.scene import SHORT_UNDO
from webapp.cases.models import Case
from webapp.cases.steps import wording
from webapp.cases.steps.beside import Beside
from webapp.cases.steps.reading import asked_fields
from webapp.cases.vocabulary import Action, Colour, RequestKind, State, SupervisionKind
from webapp.people.models import Crew, Department, Duty, Person, Role

Choices = list[tuple[Any, Any]]
REPLY_WITHIN = timedelta(days=1)
A_YEAR = timedelta(days=365)
KINDS = {
    "note": "words",
    "into_number": "number_of_case",
    "photos": "photos",
    "department_id": "select",
    "assignee_id": "select",
    "crew_id": "select",
    "kind": "select",
    "condition_code": "condition",
    "found": "radio",
    "colour": "radio",
    "until": "date",
    "reply_by": "moment",
    "score": "number",
    "lon": "position",
}
"""Which macro of templates/cases/steps/form.html draws a field."""
FIXED: dict[str, dict[str, Any]] = {
    "found": {"choices": [("yes", _l("yes")), ("no", _l("no"))]},
    "colour": {"choices": [(colour.value, colour.label) for colour in Colour]},
    "kind": {
        "choices": [(kind.value, kind.label) for kind in SupervisionKind],
        "value": SupervisionKind.LEADER.value,
    },
    "score": {"least": "0", "most": "100"},
}


@dataclass(frozen=True)
class Refusal:
    """A step that was not taken: what was typed for it, and what is wrong, by field."""

    action: Action
    typed: Mapping[str, str]
    message: str
    field: str = ""  # empty: the message is of the whole
    had_photos: bool = False


@dataclass(frozen=True)
class StepField:
    """One field of a form."""

    name: str
    kind: str
    label: Any
    required: bool
    value: str = ""
    choices: Any = ()
    least: str = ""
    most: str = ""
    error: str = ""


@dataclass(frozen=True)
class StepForm:
    """One button of a case, and the form behind it."""

    action: Action
    sign: str
    hint: Any
    fields: list[StepField]
    form_id: str
    at_once: bool  # nothing has to be filled in: the button itself does it
    dangerous: bool
    problem: str = ""  # why it was not taken, where no field says it
    lost_photos: bool = False  # a page that comes back cannot keep them
    seconds_left: int = 0  # until the button goes by itself; 0: it stays


@dataclass(frozen=True)
class Buttons:
    """What a person may press now: the big one, those beside it, and the rest in a menu."""

    first: StepForm | None = None
    beside: list[StepForm] = field(default_factory=list)
    rest: list[StepForm] = field(default_factory=list)
    lost: Refusal | None = None  # cannot be pressed any more, but something was typed for it

    @property
    def all(self) -> list[StepForm]:
        return ([self.first] if self.first else []) + self.beside + self.rest


def buttons(
    session: Session,
    case: Case,
    beside: Beside,
    actions: list[Action],
    now: datetime,
    refusal: Refusal | None = None,
) -> Buttons:
    """The buttons for these actions, each with its form; that of `refusal` as it was sent."""
    maker = _Maker(session, case, beside, now, refusal)
    forms = {action: maker.form(action) for action in actions}
    # a score that everybody has can still be corrected, from the menu
    waits = {*forms} - ({Action.SCORE} if all(p.score is not None for p in beside.there) else set())
    first = next((action for action in wording.FIRST if action in waits), None)
    usual = wording.BESIDE.get(first, ()) if first else wording.OFTEN
    near = [action for action in usual if action in forms][: wording.MOST_OFTEN]
    rest = [form for action, form in forms.items() if action != first and action not in near]
    lost = refusal if refusal and refusal.action not in forms else None
    return Buttons(forms[first] if first else None, [forms[a] for a in near], rest, lost)


@dataclass
class _Maker:
    """Makes forms; what can be chosen is read once, and only where a form asks for it."""

    session: Session
    case: Case
    beside: Beside
    now: datetime
    refusal: Refusal | None

    def form(self, action: Action) -> StepForm:
        asks = asked_fields(action)
        refusal = self.refusal if self.refusal and self.refusal.action is action else None
        typed = refusal.typed if refusal else {}
        fields = [
            self._field(action, name, required, typed, refusal)
            for name, required in asks.items()
            if name != "lat"  # goes with `lon`
        ]
        fields = [field for field in fields if field.kind != "select" or field.choices]
        said = any(field.error for field in fields)
        dangerous = action in wording.ENDS_IT
        return StepForm(
            action=action,
            sign=wording.SIGNS[action],
            hint=wording.HINTS.get(action, ""),
            fields=fields,
            form_id=typed.get("form") or str(uuid.uuid4()),
            at_once=not dangerous and set(asks) <= {"note"} and not any(asks.values()),
            dangerous=dangerous,
            problem=refusal.message if refusal and not said else "",
            lost_photos=bool(refusal and refusal.had_photos),
            seconds_left=self._seconds_left() if action is Action.UNDO_DISPATCH else 0,
        )

    def _field(
        self,
        action: Action,
        name: str,
        required: bool,
        typed: Mapping[str, str],
        refusal: Refusal | None,
    ) -> StepField:
        facts = {**self._start(action, name)}
        label = wording.LABELS[name]
        if name == "note":
            label = wording.NOTE_LABELS.get(action, label)
        elif name == "department_id":
            label = wording.DEPARTMENT_LABELS.get(action, label)
        if name in typed:
            facts["value"] = typed[name]
        error = refusal.message if refusal and refusal.field == name else ""
        return StepField(name, KINDS[name], label, required, error=error, **facts)

    def _start(self, action: Action, name: str) -> dict[str, Any]:
        """What is in a field before anybody types, and what can be chosen."""
        match name:
            case "department_id":
                choices, value = self._departments(action)
                return {"choices": choices, "value": value}
            case "assignee_id":
                return {"choices": self.people, "value": _text(self.case.assignee_id)}
            case "crew_id":
                return {"choices": self.crews, "value": _text(self.case.crew_id)}
            case "condition_code":
                return {"choices": report_choices(self.session, self.beside.office, self.now)}
            case "until":
                return self._days()
            case "reply_by":
                return {"value": self._local(self.now + REPLY_WITHIN)}
            case fixed:
                return FIXED.get(fixed, {})

    def _departments(self, action: Action) -> tuple[Choices, str]:
        """The departments that can be named with an action, and the one proposed."""
        match action:
            case Action.CALL_OFF:
                owing = [(p.department_id, p.department.name) for p in self.beside.owing]
                return owing, _text(owing[0][0]) if len(owing) == 1 else ""
            case Action.SCORE:
                there = self.beside.there
                next_one = next((p.department_id for p in there if p.score is None), None)
                return [(p.department_id, p.department.name) for p in there], _text(next_one)
            case Action.DISPATCH:
                return self.departments, _text(self._proposed())
            case Action.WHISTLE:
                wanted = self.beside.pending(RequestKind.HELP)
                here = {p.department_id for p in self.beside.owing} | {self.case.lead_department_id}
                free = [(id_, name) for id_, name in self.departments if id_ not in here]
                return free, _text(wanted.wanted_department_id) if wanted else ""
            case _other:
                lead = self.case.lead_department_id
                return [(id_, name) for id_, name in self.departments if id_ != lead], ""

    def _proposed(self) -> int | None:
        """Whom the last department proposed, else who answered for it, else whom the rule names."""
        if self.case.state is State.RETURNED:
            returned = [e for e in self.case.events if e.action is Action.RETURN]
            named = returned[-1].detail.get("proposed_department_id") if returned else None
            if named is not None:
                return int(named)
        return self.case.lead_department_id

    @cached_property
    def departments(self) -> Choices:
        active = select(Department.id, Department.name).where(
            Department.office_id == self.case.office_id, Department.active
        )
        rows = self.session.execute(active.order_by(Department.kind, Department.code))
        return [(row.id, row.name) for row in rows]

    @cached_property
    def people(self) -> Choices:
        """Those of the lead department who can sign in."""
        members = (
            select(Person.id, Person.name)
            .join(Duty)
            .where(
                Duty.department_id == self.case.lead_department_id,
                Duty.role == Role.DEPARTMENT_MEMBER,
                Person.active,
            )
        )
        rows = self.session.execute(members.distinct().order_by(Person.name, Person.id))
        return [(row.id, row.name) for row in rows]

    @cached_property
    def crews(self) -> Choices:
        own = Crew.department_id == self.case.lead_department_id, Crew.active
        rows = self.session.execute(select(Crew.id, Crew.name).where(*own).order_by(Crew.name))
        return [(row.id, row.name) for row in rows]

    def _seconds_left(self) -> int:
        """How long a dispatch can still be taken back."""
        since = self.now - (self.case.dispatched_at or self.now)
        return max(int((SHORT_UNDO - since).total_seconds()), 1)

    def _days(self) -> dict[str, Any]:
        day = self.now.astimezone(self._zone).date()
        last = day + A_YEAR
        return {"least": (day + timedelta(days=1)).isoformat(), "most": last.isoformat()}

    def _local(self, moment: datetime) -> str:
        return moment.astimezone(self._zone).strftime("%Y-%m-%dT%H:%M")

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.beside.office.time_zone)


def _text(value: int | None) -> str:
    return "" if value is None else str(value)
