"""The ledger's customary columns: what each is called, how it is read, who may change it.

They stand here in the order that the county knows. A column is read from a row of
`reading.cases_by_id`, from what lies beside the case (`reading.Beside`), and in the words of one
language (`reading.Reading`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import InstrumentedAttribute

from webapp.cases.models import Case, CaseKey
from webapp.core.errors import BadInput
from webapp.core.i18n import listed

Cell = str | int | float | datetime | None
Read = Callable[[Any, Any, Any], Cell]  # (row, beside, reading)


class Kind(Enum):
    """What a cell holds: decides its alignment, its format in Excel, how an import compares it."""

    TEXT = "text"
    LONG = "long"  # free words, wrapped
    MOMENT = "moment"
    NUMBER = "number"


@dataclass(frozen=True)
class Column:
    """One column of the ledger."""

    key: str  # its name in addresses
    name_zh: str
    name_en: str
    group: tuple[str, str]  # the head above it, in both languages
    width: int  # in Excel, in letters
    read: Read
    kind: Kind = Kind.TEXT
    order: InstrumentedAttribute[Any] | None = None  # by what the ledger can be sorted
    field: str = ""  # the column of a case that an import may correct; else only steps change it
    compared: bool = True  # an import sees whether it differs; not what changes by itself
    shown: bool = False  # on the page while nobody has chosen columns

    @property
    def name(self) -> str:
        return self.name_zh if str(get_locale()).startswith("zh") else self.name_en


ENTRY, REPORT, PLACE = ("案件", "Case"), ("上报", "Report"), ("网格", "Grid")
WHAT, WHERE, WHO = ("问题", "Problem"), ("位置", "Place"), ("责任", "Who answers")
HANDLING, CHECK = ("处置", "Handling"), ("核查", "Check")
MEASURE, END = ("时效", "Against the limit"), ("结案", "End")
WGS84 = "WGS-84"

COLUMNS: tuple[Column, ...] = (
    Column("serial", "序号", "No.", ENTRY, 7, lambda r, b, x: None, Kind.NUMBER, compared=False,
           shown=True),
    Column("number", "案件编号", "Case number", ENTRY, 18, lambda r, b, x: r.number,
           order=CaseKey.number, compared=False, shown=True),
    Column("source", "来源", "Source", REPORT, 10, lambda r, b, x: x.label(r.source)),
    Column("reported", "上报时间", "Reported at", REPORT, 16, lambda r, b, x: r.reported_at,
           Kind.MOMENT, Case.reported_at, shown=True),
    Column("reporter", "上报人", "Reported by", REPORT, 10,
           lambda r, b, x: r.reporter_name or r.reporter_person),
    Column("community", "社区", "Community", PLACE, 12, lambda r, b, x: r.community, shown=True),
    Column("grid", "网格编码", "Grid code", PLACE, 17, lambda r, b, x: r.grid),
    Column("manager", "网格员", "Grid manager", PLACE, 10, lambda r, b, x: r.manager,
           compared=False),
    Column("group", "大类", "Class group", WHAT, 12,
           lambda r, b, x: x.group(r.group_code, r.group_name)),
    Column("class", "小类", "Class", WHAT, 14,
           lambda r, b, x: x.class_name(r.class_zh, r.class_en), shown=True),
    Column("description", "问题描述", "Description", WHAT, 36, lambda r, b, x: r.description,
           Kind.LONG, field="description", shown=True),
    Column("address", "位置", "Address", WHERE, 24, lambda r, b, x: r.address, Kind.LONG,
           field="address", shown=True),
    Column("lon", "经度", "Longitude", WHERE, 11, lambda r, b, x: x.degrees(r.lon), Kind.NUMBER),
    Column("lat", "纬度", "Latitude", WHERE, 11, lambda r, b, x: x.degrees(r.lat), Kind.NUMBER),
    Column("datum", "坐标系", "Datum", WHERE, 9,
           lambda r, b, x: None if r.lon is None else WGS84),
    Column("leader", "责任领导", "Responsible leader", WHO, 10, lambda r, b, x: r.leader),
    Column("lead", "主办", "Lead", WHO, 18, lambda r, b, x: r.lead, shown=True),
    Column("assisting", "协办", "Assisting", WHO, 18,
           lambda r, b, x: x.list(b.assisting.get(r.id, ()))),
    Column("dispatched", "派遣时间", "Dispatched at", HANDLING, 16,
           lambda r, b, x: r.dispatched_at, Kind.MOMENT, Case.dispatched_at),
    Column("limit", "处置时限", "Limit", HANDLING, 12,
           lambda r, b, x: x.limit(r.limit_amount, r.limit_unit)),
    Column("due", "截止时间", "Due at", HANDLING, 16, lambda r, b, x: r.due_at, Kind.MOMENT,
           Case.due_at, shown=True),
    Column("result", "处置结果", "Result", HANDLING, 30, lambda r, b, x: r.result, Kind.LONG,
           field="result"),
    Column("answered", "完成时间", "Handled at", HANDLING, 16, lambda r, b, x: r.answered_at,
           Kind.MOMENT, Case.answered_at, shown=True),
    Column("checker", "核查人", "Checked by", CHECK, 10, lambda r, b, x: b.check(r.id).name),
    Column("check", "核查结果", "Check", CHECK, 20, lambda r, b, x: x.check(b.check(r.id)),
           Kind.LONG),
    Column("overdue", "是否超期", "Overdue", MEASURE, 9, lambda r, b, x: x.overdue_words(r),
           compared=False, shown=True),
    Column("late", "超期时长", "Overdue by", MEASURE, 12, lambda r, b, x: x.late_words(r),
           compared=False),
    Column("reworks", "返工次数", "Reworks", MEASURE, 9, lambda r, b, x: r.rework_count,
           Kind.NUMBER),
    Column("extensions", "延期次数", "Extensions", MEASURE, 9,
           lambda r, b, x: r.extension_count, Kind.NUMBER),
    Column("suspended", "挂账", "Suspended", MEASURE, 16, lambda r, b, x: x.suspension(r)),
    Column("supervised", "督办", "Supervised", MEASURE, 14,
           lambda r, b, x: b.supervised.get(r.id)),
    Column("closed", "结案时间", "Closed at", END, 16, lambda r, b, x: r.closed_at, Kind.MOMENT,
           Case.closed_at, shown=True),
    Column("photos", "照片(前/后)", "Photos (before/after)", END, 12,
           lambda r, b, x: b.photo_words(r.id), compared=False),
    Column("remark", "备注", "Remark", END, 24, lambda r, b, x: r.remark, Kind.LONG,
           field="remark"),
)  # fmt: skip

BY_KEY = {column.key: column for column in COLUMNS}
BY_NAME = {name: column for column in COLUMNS for name in (column.name_zh, column.name_en)}
SHOWN = tuple(column for column in COLUMNS if column.shown)
SORTABLE = tuple(column for column in COLUMNS if column.order is not None)


def chosen(keys: Iterable[str]) -> tuple[Column, ...]:
    """The columns of these keys in the ledger's order; raises BadInput for a key of none."""
    wanted = set(keys)
    if unknown := wanted - BY_KEY.keys():
        raise BadInput(
            "columns",
            _(
                "The ledger has no column %(given)s: use some of %(all)s.",
                given=listed(sorted(key[:40] for key in unknown)),
                all=listed(BY_KEY),
            ),
        )
    return tuple(column for column in COLUMNS if column.key in wanted)
