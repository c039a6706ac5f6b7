"""The meaning of a standards table: each row one condition of a class, checked cell by cell."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from flask_babel import gettext as _

from webapp.core.i18n import listed
from webapp.standards.models import ClassKind, LimitUnit
from webapp.standards.rules import COMMUNITY, Party
from webapp.standards.tables import Problem, Row, inherit

HEADINGS = {
    "class_code": ("小类代码", "类别代码"),
    "condition_code": ("条件代码", "立案条件代码"),
    "kind": ("类型",),
    "group": ("大类", "大类名称"),
    "name_zh": ("小类", "小类名称"),
    "name_en": ("英文名称",),
    "condition_zh": ("立案条件",),
    "limit": ("处置时限", "时限"),
    "limit_unit": ("时限单位",),
    "closing_condition_zh": ("结案条件",),
    "lead_department": ("主办", "责任部门"),
    "informed_departments": ("知会", "知会部门"),
    "plan_task": ("任务",),
    "source": ("来源",),
    "valid_from": ("生效日期",),
}
OPTIONAL = {
    "name_en",
    "lead_department",
    "informed_departments",
    "plan_task",
    "source",
    "valid_from",
}
EACH_COMMUNITY = {"各社区", "each community"}
MAX_LIMIT = 1000
MAX_TEXT = 500


Member = TypeVar("Member", bound=StrEnum)


@dataclass(frozen=True)
class StandardRow:
    """One condition with its class, as the file says it."""

    number: int
    class_code: str
    condition_code: str
    kind: ClassKind
    group_code: str
    group_name: str
    name_zh: str
    name_en: str
    condition_zh: str
    limit_amount: int
    limit_unit: LimitUnit
    closing_condition: str
    lead: Party | None
    informed: tuple[Party, ...]
    plan_task: int | None
    source: str
    valid_from: date

    @property
    def of_class(self) -> tuple[object, ...]:
        """What must be the same in all rows of the class."""
        return self.kind, self.group_name, self.name_zh, self.name_en, self.plan_task

    @property
    def class_path(self) -> str:
        return f"/{self.kind}/{self.group_code}/{self.class_code}/"


class Complaint(Exception):
    """What is wrong with one cell, in words."""


def standard_rows(
    rows: Sequence[Row], departments: dict[str, list[int]], valid_from: date | None
) -> tuple[list[StandardRow], list[Problem]]:
    """The rows that mean something, and what is wrong with the others.

    `departments` has the ids for each name; `valid_from` stands in for empty cells of that column.
    """
    rows = inherit(rows, ["kind", "group", "source", "valid_from"])
    within_class = ["name_zh", "name_en", "lead_department", "informed_departments", "plan_task"]
    rows = inherit(rows, within_class, key="class_code")
    good: list[StandardRow] = []
    problems: list[Problem] = []
    for row in rows:
        try:
            good.append(_standard(row, departments, valid_from))
        except Complaint as complaint:
            problems.append(Problem(row.number, str(complaint)))
    return good, [*problems, *_contradictions(good)]


def _standard(row: Row, departments: dict[str, list[int]], valid_from: date | None) -> StandardRow:
    cells = row.cells
    for column in HEADINGS.keys() - OPTIONAL:
        if not cells[column]:
            raise Complaint(_("%(column)s is empty", column=column))
    for column, text in cells.items():
        if len(text) > MAX_TEXT:
            raise Complaint(_("%(column)s is longer than %(n)s letters", column=column, n=MAX_TEXT))
    if "/" in cells["class_code"] + cells["condition_code"]:
        raise Complaint(_("a code has a “/” in it"))
    parties = [p.strip() for p in cells["informed_departments"].replace("；", ";").split(";")]
    lead = cells["lead_department"]
    return StandardRow(
        number=row.number,
        class_code=cells["class_code"],
        condition_code=cells["condition_code"],
        kind=_member(ClassKind, "kind", cells["kind"]),
        group_code=cells["class_code"].partition("-")[0],
        group_name=cells["group"],
        name_zh=cells["name_zh"],
        name_en=cells["name_en"] or cells["name_zh"],
        condition_zh=cells["condition_zh"],
        limit_amount=_whole("limit", cells["limit"], MAX_LIMIT),
        limit_unit=_member(LimitUnit, "limit_unit", cells["limit_unit"]),
        closing_condition=cells["closing_condition_zh"],
        lead=_party(lead, departments) if lead else None,
        informed=tuple(_party(name, departments) for name in parties if name),
        plan_task=_whole("plan_task", cells["plan_task"], 10**6) if cells["plan_task"] else None,
        source=cells["source"],
        valid_from=_day(cells["valid_from"], valid_from),
    )


def _contradictions(rows: Sequence[StandardRow]) -> list[Problem]:
    """Rows that say twice, or differently, what can be said only once."""
    problems = []
    seen: dict[tuple[str, date], StandardRow] = {}
    classes: dict[str, StandardRow] = {}
    for row in rows:
        first = seen.setdefault((row.condition_code, row.valid_from), row)
        if first is not row:
            words = _(
                "condition %(code)s from %(day)s is in row %(first)s already",
                code=row.condition_code,
                day=row.valid_from,
                first=first.number,
            )
            problems.append(Problem(row.number, words))
        first = classes.setdefault(row.class_code, row)
        if first.of_class != row.of_class:
            words = _(
                "class %(code)s is described otherwise in row %(first)s",
                code=row.class_code,
                first=first.number,
            )
            problems.append(Problem(row.number, words))
    return problems


def _member(members: type[Member], column: str, text: str) -> Member:
    if text not in set(members):
        words = _(
            "%(column)s is “%(text)s”; allowed are %(allowed)s",
            column=column,
            text=text,
            allowed=listed(members),
        )
        raise Complaint(words)
    return members(text)


def _whole(column: str, text: str, largest: int) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= largest):
        raise Complaint(
            _(
                "%(column)s is “%(text)s”; allowed are whole numbers from 1 to %(largest)s",
                column=column,
                text=text,
                largest=largest,
            )
        )
    return int(text)


def _day(text: str, default: date | None) -> date:
    if not text and default:
        return default
    try:
        return date.fromisoformat(text.replace("/", "-"))
    except ValueError:
        raise Complaint(
            _(
                "valid_from is “%(text)s”; write a day as 2021-01-01, or give one for all rows",
                text=text,
            )
        ) from None


def _party(name: str, departments: dict[str, list[int]]) -> Party:
    if name in EACH_COMMUNITY:
        return COMMUNITY
    match departments.get(name, []):
        case [department]:
            return department
        case []:
            raise Complaint(
                _("there is no department “%(name)s”; import the departments first", name=name)
            )
        case _:
            raise Complaint(_("there are several departments “%(name)s”", name=name))
