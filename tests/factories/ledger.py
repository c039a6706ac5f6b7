"""A town whose cases have been through all that a ledger tells of."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.cases import LITTER, OUTSIDE
from tests.factories.life import Town, make_town
from webapp.cases.ledger.columns import COLUMNS, Cell, Column
from webapp.cases.ledger.reading import Line, Reading, lines
from webapp.cases.models import Case, Photo
from webapp.cases.vocabulary import Action, Colour, PhotoKind, Source, SupervisionKind
from webapp.core.ids import new_id

DAY = timedelta(days=1)
FORMULA = '=HYPERLINK("http://a.example","look")'
UNFIT = "a\x0bb\r\nc"


@dataclass
class Ledger:
    """The town, and its cases by what they show."""

    town: Town
    cases: dict[str, Case]

    @property
    def session(self) -> Session:
        return self.town.session

    def ids(self, *names: str) -> list[int]:
        return [self.cases[name].id for name in names or self.cases]

    def reading(self) -> Reading:
        return Reading(self.session, self.town.ground.office, self.town.now)

    def lines(self, *names: str, columns: Iterable[Column] = COLUMNS) -> list[Line]:
        chunks = lines(self.session, self.reading(), list(columns), self.ids(*names))
        return [line for chunk in chunks for line in chunk]

    def cells(self, name: str) -> dict[str, Cell]:
        """The cells of one case by the key of their column."""
        (line,) = self.lines(name)
        return dict(zip((column.key for column in COLUMNS), line.cells, strict=True))


def make_ledger(session: Session) -> Ledger:
    """Cases at every stage; the words of some are what a spreadsheet must not take for more."""
    town = make_town(session)
    town.people["manager"].name = "王网格"
    for grid in town.ground.grids:
        grid.area.manager_id = town.people["manager"].id
    cases = {
        "reported": town.report(),
        "unplaced": town.report(draft={"lon": OUTSIDE[0], "lat": OUTSIDE[1], "name": "张三"}),
        "formula": town.report(description=FORMULA, address="+86", remark="@all"),
        "unfit": town.report(description=UNFIT, result="-1"),
        "long": town.report(description="长" * 5_000, draft={"condition_code": LITTER}),
        "opened": town.opened(),
        "closed": _reworked_and_closed(town),
        "late": _late(town),
        "suspended": _suspended(town),
        "refused": town.report(draft={"source": Source.STAFF}),
    }
    town.step(cases["refused"], Action.REFUSE, "dispatcher", note="不属于本街道")
    session.flush()
    return Ledger(town, cases)


def _reworked_and_closed(town: Town) -> Case:
    """A joint, pressed, extended case that failed its first check."""
    case = town.handling(draft={"name": "李四"})
    town.step(case, Action.SUPERVISE, "leader", note="抓紧", kind=SupervisionKind.KEY,
              colour=Colour.RED, reply_by=town.now + DAY)  # fmt: skip
    town.step(case, Action.WHISTLE, "dispatcher", department_id=town.helpers.id, note="封路")
    town.step(case, Action.REPORT_IN, "helper")
    town.step(case, Action.FINISH_TASK, "helper", note="封了")
    town.step(case, Action.ASK_EXTENSION, "member", note="等配件")
    town.step(case, Action.ENDORSE_EXTENSION, "head")
    town.step(case, Action.GRANT_EXTENSION, "dispatcher")
    for action, words in ((Action.FAIL_CHECK, "还不亮"), (Action.PASS_CHECK, "亮了")):
        town.step(case, Action.ANSWER, "member", note="换了灯泡")
        town.step(case, Action.ASK_CHECK, "dispatcher")
        town.step(case, action, "manager", note=words)
    for kind in (PhotoKind.NEAR, PhotoKind.BEFORE, PhotoKind.AFTER):
        add_photo(town.session, case, kind, f"{kind.value:0>64}")
    return case


def add_photo(session: Session, case: Case, kind: PhotoKind, sha256: str) -> None:
    facts: dict[str, Any] = {"width": 60, "height": 40, "bytes": 900}
    session.add(Photo(id=new_id(), case_id=case.id, kind=kind, sha256=sha256,
                      added_at=case.reported_at, **facts))  # fmt: skip
    session.flush()


def _late(town: Town) -> Case:
    """Answered two weeks after it was dispatched; its deadline had passed."""
    case = town.handling()
    town.now += 14 * DAY
    town.step(case, Action.ANSWER, "member", note="才修好")
    return case


def _suspended(town: Town) -> Case:
    case = town.handling()
    until = date(2027, 3, 1)
    town.step(case, Action.SUSPEND, "dispatcher", until=until, note="等开春")
    return case


def photos_of(session: Session, case: Case) -> list[Photo]:
    return list(session.scalars(select(Photo).where(Photo.case_id == case.id).order_by(Photo.id)))


def look_again(session: Session) -> None:
    """Read anew what others have committed: in another snapshot, into the same objects."""
    session.rollback()
    session.expire_all()
