"""Cases for tests: an office that can take reports, drafts, and cases made from them."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from PIL import Image
from sqlalchemy.orm import Session

from tests.factories.people import make_department, make_office
from tests.factories.places import SOUTH, STEP, WEST, make_grids
from tests.factories.standards import MADE_AT, make_condition
from webapp.cases.models import Case
from webapp.cases.service import ReportDraft, report_case
from webapp.cases.vocabulary import Source
from webapp.people.models import Office
from webapp.places.models import Grid
from webapp.standards.models import ClassKind, LimitUnit
from webapp.standards.service import Parties, put_rule

NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)  # a Tuesday, 10:30 at the office
LAMP_OUT = "K01-037.4"  # 2 work days, for which CENTRE answers
LITTER = "E01-010.1"  # 4 work hours; nobody answers for it
OTHER = "E99-999.1"
CENTRE = "公用事业服务中心"
INSIDE = WEST + STEP / 2, SOUTH + STEP / 2  # the middle of the south-western grid
OUTSIDE = WEST - STEP, SOUTH  # some 90 m west of all grids


@dataclass(frozen=True)
class Ground:
    """An office with boundaries, classes and rules."""

    office: Office
    grids: list[Grid]


def make_ground(session: Session, plan: dict[str, Any] | None = None, **facts: Any) -> Ground:
    """Three classes, a department and a rule on 8 grids of 2 communities, or as `plan` says."""
    defaults = {"code": "640121001", "area_path": "/640121/001/", "number_prefix": "TJ"}
    office = make_office(session, **defaults | facts)
    grids = make_grids(session, office, **plan or {})
    lamps = make_condition(session, office, code=LAMP_OUT)
    litter = {"class_code": "E01-010", "class_group_code": "E01", "class_group_name": "市容环境",
              "class_name_zh": "暴露生活垃圾", "class_name_en": "exposed litter",
              "name_zh": "未入容器的生活垃圾", "limit_unit": LimitUnit.WORK_HOUR}  # fmt: skip
    other = {"class_code": "E99-999", "class_group_code": "E99", "class_group_name": "其他",
             "class_name_zh": "其他",
             "class_name_en": "other", "name_zh": "以上各类之外"}  # fmt: skip
    event = ClassKind.EVENT
    make_condition(session, office, code=LITTER, class_kind=event, limit_amount=4, **litter)
    make_condition(session, office, code=OTHER, class_kind=event, limit_amount=5, **other)
    centre = make_department(session, office, code="D02", name=CENTRE)
    parties = Parties(lead=centre.id)
    put_rule(session, office, office.area_path, lamps.case_class.path, parties,
             made_by=None, now=MADE_AT)  # fmt: skip
    session.flush()
    return Ground(office, grids)


def make_draft(**facts: Any) -> ReportDraft:
    """A lamp that is out, reported by a resident."""
    defaults: dict[str, Any] = {
        "condition_code": LAMP_OUT,
        "lon": INSIDE[0],
        "lat": INSIDE[1],
        "submission_uuid": str(uuid.uuid4()),
        "source": Source.PUBLIC,
        "follow_token": uuid.uuid4().hex,
        "description": "路灯不亮",
        "language": "zh",
    }
    return ReportDraft(**defaults | facts)


def reported(session: Session, office: Office, report: ReportDraft, now: datetime = NOW) -> Case:
    """The case that a report becomes."""
    return session.get_one(Case, report_case(session, office, report, now))


def make_case(
    session: Session, office: Office, *, now: datetime = NOW, draft: Any = None, **columns: Any
) -> Case:
    """A case of a report; `draft` facts go to the report, `columns` are then set on the case."""
    case = reported(session, office, make_draft(**draft or {}), now)
    for name, value in columns.items():
        setattr(case, name, value)
    session.flush()
    return case


def picture(
    size: tuple[int, int] = (60, 40), kind: str = "JPEG", colour: str = "red", **save: Any
) -> bytes:
    """The bytes of a small picture."""
    out = BytesIO()
    Image.new("RGB", size, colour).save(out, kind, **save)
    return out.getvalue()
