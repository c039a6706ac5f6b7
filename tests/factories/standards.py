"""Standards for tests: the sub-district's own tables, or a few facts of them."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from webapp.core.settings import ROOT
from webapp.people.models import Office
from webapp.standards.models import CaseClass, ClassKind, Condition, LimitUnit
from webapp.standards.service import (
    OfficeStandards,
    import_departments,
    import_standards,
    import_tasks,
    office_standards,
)

TABLES: Path = ROOT / "data" / "standards"
MADE_AT = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)


def make_standards(session: Session, office: Office, now: datetime = MADE_AT) -> OfficeStandards:
    """All departments, tasks, classes, conditions and rules of the sub-district."""
    import_departments(session, office, TABLES / "departments.csv")
    import_tasks(session, office, TABLES / "tasks.csv", now)
    import_standards(session, office, TABLES / "standards.csv", now)
    session.flush()
    return office_standards(session, office)


def make_condition(session: Session, office: Office, **facts: Any) -> Condition:
    """One condition in a class of its own; `class_` facts go to the class."""
    of_class = {name[6:]: facts.pop(name) for name in list(facts) if name.startswith("class_")}
    defaults = {
        "code": "K01-037",
        "kind": ClassKind.COMPONENT,
        "group_code": "K01",
        "group_name": "公用设施",
        "name_zh": "路灯",
        "name_en": "street light",
    }
    case_class = CaseClass(office_id=office.id, **{**defaults, **of_class})
    condition = Condition(
        **{
            "code": f"{case_class.code}.1",
            "name_zh": "单盏不亮",
            "limit_amount": 2,
            "limit_unit": LimitUnit.WORK_DAY,
            "closing_condition": "更换或修复",
            "source": "test",
            "valid_from": date(2021, 1, 1),
            **facts,
        }
    )
    case_class.conditions.append(condition)
    session.add(case_class)
    session.flush()
    return condition
