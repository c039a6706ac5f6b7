"""What can be reported at an office: groups, classes and conditions for the form."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.cases.groups import label_of, sign_of
from webapp.cases.models import Case
from webapp.cases.vocabulary import Source
from webapp.core.icons import icon
from webapp.people.models import Office
from webapp.standards.models import ClassKind, Condition
from webapp.standards.service import OfficeStandards, office_standards
from webapp.standards.wording import class_name, limit_words

FREQUENT = 6
FREQUENT_DAYS = 90
KEEP_S = 600.0

Frequent = tuple[float, list[str]]
_frequent: WeakKeyDictionary[Any, dict[int, Frequent]] = WeakKeyDictionary()


@dataclass(frozen=True)
class ConditionChoice:
    code: str
    name: str
    limit: str


@dataclass(frozen=True)
class ClassChoice:
    name: str
    words: str  # all that a search may hit
    conditions: list[ConditionChoice]


@dataclass(frozen=True)
class GroupChoice:
    code: str
    name: str
    sign: Any
    classes: list[ClassChoice]


def report_choices(session: Session, office: Office, now: datetime) -> list[GroupChoice]:
    """All conditions in force, by group and class, in the language of the page."""
    standards = office_standards(session, office)
    groups: dict[str, GroupChoice] = {}
    for of_class, conditions in _by_class(standards, now):
        group = groups.setdefault(
            of_class.group_code,
            GroupChoice(
                of_class.group_code,
                label_of(of_class.group_code, of_class.group_name),
                icon(sign_of(of_class.group_code)),
                [],
            ),
        )
        group.classes.append(_class_choice(of_class, conditions, group.name))
    return list(groups.values())


def _by_class(standards: OfficeStandards, now: datetime) -> list[tuple[Any, list[Any]]]:
    by_class: dict[str, list[Any]] = {}
    for row in standards.conditions_on(standards.today(now)).values():
        by_class.setdefault(row.class_code, []).append(row)
    pairs = [(standards.classes[code], rows) for code, rows in by_class.items()]
    kinds = list(ClassKind)
    return sorted(pairs, key=lambda pair: (kinds.index(ClassKind(pair[0].kind)), pair[0].code))


def _class_choice(of_class: Any, conditions: list[Any], group: str) -> ClassChoice:
    names = [of_class.name_zh, of_class.name_en, of_class.group_name, group]
    names += [name for row in conditions for name in (row.name_zh, row.name_en) if name]
    return ClassChoice(
        class_name(of_class),
        " ".join(names).casefold(),
        [
            ConditionChoice(
                row.code, class_name(row), limit_words(row.limit_amount, row.limit_unit)
            )
            for row in conditions
        ],
    )


def frequent_conditions(session: Session, office: Office, now: datetime) -> list[str]:
    """The condition codes most often reported of late; counted anew every ten minutes."""
    kept = _frequent.setdefault(session.get_bind(), {})
    at, codes = kept.get(office.id, (0.0, []))
    if not at or time.monotonic() - at > KEEP_S:
        codes = _count_frequent(session, office, now)
        kept[office.id] = time.monotonic(), codes
    return codes


def _count_frequent(session: Session, office: Office, now: datetime) -> list[str]:
    recent = (
        (Case.office_id == office.id)
        & (Case.reported_at > now - timedelta(days=FREQUENT_DAYS))
        & (Case.source != Source.IMPORT)
    )
    counted = (
        select(Condition.code)
        .join(Case, Case.condition_id == Condition.id)
        .where(recent)
        .group_by(Condition.code)
        .order_by(func.count().desc(), Condition.code)
        .limit(FREQUENT)
    )
    return list(session.scalars(counted))
