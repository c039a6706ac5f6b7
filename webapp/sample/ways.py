"""The ways that the sample's reports have gone: which steps, by whom, one after the other."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from webapp.cases.vocabulary import Action, Colour, Source, State, SupervisionKind

OUTSIDE = (Source.PUBLIC, Source.MEDIA, Source.TRANSFERRED)
SPOT, MEMBER, HEAD, HELPER = "on the spot", "member", "head", "helper"
DISPATCHER, LEADER, RESIDENT = "dispatcher", "leader", "resident"
OWN, OTHER = "own", "other"  # departments: the one that the rules name, and another

MINUTES = {
    Action.ASK_VERIFICATION: 12,
    Action.VERIFY: 55,
    Action.OPEN: 9,
    Action.DISPATCH: 14,
    Action.TAKE: 38,
    Action.ASSIGN: 6,
    Action.ANSWER: 420,
    Action.ASK_CHECK: 25,
    Action.PASS_CHECK: 180,
    Action.FAIL_CHECK: 150,
    Action.RETURN: 35,
    Action.REPORT_IN: 22,
    Action.FINISH_TASK: 90,
    Action.RATE: 200,
    Action.SCORE: 60,
}
USUAL_MINUTES = 20


@dataclass(frozen=True)
class Told:
    """A report of the sample, and what is to become of it."""

    n: int  # its place among those with the same end
    state: State
    source: Source
    reported_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class Next:
    """A step to take; one that is `only_if_open` is left out where the table does not allow it."""

    action: Action
    by: str
    given: dict[str, Any] = field(default_factory=dict)
    ago: timedelta | None = None  # taken so long before the loading, not after the step before
    only_if_open: bool = False

    @property
    def minutes(self) -> int:
        return MINUTES.get(self.action, USUAL_MINUTES)


def way_of(told: Told, now: datetime) -> list[Next]:
    """All steps of a report until the state in which it is to be."""
    return list(_way(told, now))


def moments(told: Told, steps: list[Next], now: datetime) -> list[datetime]:
    """When each step was taken: at its usual pace, or faster where the report is younger."""
    until = told.ended_at or now - (now - told.reported_at) / 10
    ending = [
        s
        for s in steps
        if s.action not in (Action.RATE, Action.SCORE, Action.APPEAL, Action.GRANT_APPEAL)
    ]
    usual = timedelta(minutes=sum(step.minutes for step in ending))
    pace = (until - told.reported_at) / usual if usual else 0.0
    pace = pace if told.ended_at else min(pace, 1.0)
    at, answer = told.reported_at, []
    for step in steps:
        wished = now - step.ago if step.ago else at + timedelta(minutes=step.minutes) * pace
        at = min(max(at, wished), now)
        answer.append(at)
    return answer


def _way(told: Told, now: datetime) -> Iterator[Next]:
    match told.state:
        case State.VERIFYING:
            yield Next(Action.ASK_VERIFICATION, DISPATCHER)
        case State.OPENED:
            yield from _opened(told)
        case State.DISPATCHED | State.RETURNED:
            yield from _on_a_desk(told, now)
        case State.HANDLING:
            yield from _taken(told)
            yield from _while_handling(told, now)
        case State.SUSPENDED:
            yield from _taken(told)
            until = (now + timedelta(days=30 * (told.n + 1))).date()
            words = {"until": until, "note": "冬季不宜施工，开春后处理"}
            yield Next(Action.SUSPEND, DISPATCHER, words)
        case State.ANSWERED | State.CHECKING:
            yield from _taken(told)
            yield from _answered(checked=told.state is State.CHECKING)
        case State.REPORTED:
            return
        case _ended:
            yield from _to_its_end(told)


def _to_its_end(told: Told) -> Iterator[Next]:
    match told.state:
        case State.NOT_ACCEPTED:
            yield Next(Action.ASK_VERIFICATION, DISPATCHER)
            yield Next(Action.VERIFY, SPOT, {"found": False, "note": "到现场未发现所述情况"})
            yield Next(Action.REFUSE, DISPATCHER, {"note": "现场核实不属实，不予受理"})
        case State.CANCELLED:
            yield from _opened(told)
            yield Next(Action.ASK_CANCEL, DISPATCHER, {"note": "与已办结案件为同一处，申请作废"})
            yield Next(Action.GRANT_CANCEL, LEADER, {"note": "同意作废"})
        case State.CLOSED:
            yield from _closed(told)
        case other:
            raise ValueError(f"the sample knows no way to {other}")


def _on_a_desk(told: Told, now: datetime) -> Iterator[Next]:
    yield from _dispatched(told)
    if told.state is State.RETURNED:
        reason = {"note": "该处属社区物业管理范围，非本部门职责", "department_id": OTHER}
        yield Next(Action.RETURN, MEMBER, reason)
    elif told.n in (1, 2):
        yield _press(Colour.BLUE, "临近时限，请尽快接单", now + timedelta(hours=6))


def _opened(told: Told) -> Iterator[Next]:
    if told.source in OUTSIDE:
        yield Next(Action.ASK_VERIFICATION, DISPATCHER)
        yield Next(Action.VERIFY, SPOT, {"found": True, "note": "已到现场，情况属实"})
    yield Next(Action.OPEN, DISPATCHER)


def _dispatched(told: Told) -> Iterator[Next]:
    yield from _opened(told)
    yield Next(Action.DISPATCH, DISPATCHER, {"department_id": OWN})


def _taken(told: Told) -> Iterator[Next]:
    yield from _dispatched(told)
    if told.n % 11 == 1:
        yield Next(Action.RETURN, MEMBER, {"note": "地点写错，请核对后再派"})
        yield Next(Action.DISPATCH, DISPATCHER, {"department_id": OWN, "note": "地点已核对"})
    yield Next(Action.TAKE, MEMBER)
    if told.n % 3 == 0:
        yield Next(Action.ASSIGN, MEMBER, {"assignee_id": MEMBER})
    elif told.n % 3 == 1:
        yield Next(Action.ASSIGN, MEMBER, {"crew_id": OWN}, only_if_open=True)


def _answered(*, checked: bool = True, words: str = "已派人到场处理完毕，现场清理干净") -> Any:
    yield Next(Action.ANSWER, MEMBER, {"note": words})
    if checked:
        yield Next(Action.ASK_CHECK, DISPATCHER)


def _failed() -> Iterator[Next]:
    yield from _answered()
    yield Next(Action.FAIL_CHECK, SPOT, {"note": "现场仍有遗留，未达到结案标准"})


def _while_handling(told: Told, now: datetime) -> Iterator[Next]:
    """Each of the first goes through something else, so that every tab of every desk has some."""
    match told.n:
        case 0 | 1 | 2 | 3 | 4 | 5:
            asker = MEMBER if told.n < 3 else HEAD
            yield Next(Action.ASK_EXTENSION, asker, {"note": "配件需从银川调货，申请延期"})
            if told.n == 4:
                yield Next(Action.GRANT_EXTENSION, DISPATCHER, {"note": "同意"}, only_if_open=True)
            elif told.n == 5:
                words = {"note": "已有备件，不予延期"}
                yield Next(Action.REFUSE_EXTENSION, DISPATCHER, words, only_if_open=True)
        case 6 | 7 | 8 | 9:
            yield from _joint(told.n)
        case 10:
            words = {"note": "占道严重，请综合执法到场配合", "department_id": OTHER}
            yield Next(Action.ASK_HELP, MEMBER, words)
        case 11 | 12 | 13 | 14:
            yield from _failed()
        case 15 | 16 | 17 | 18:
            reply_by = now + timedelta(hours=20 if told.n % 2 else -1)
            yield _press(Colour.YELLOW if told.n % 2 else Colour.RED,
                         "群众反映强烈，请说明进展", reply_by)  # fmt: skip
            if told.n == 15:
                words = {"note": "已联系施工队，明日上午完工"}
                yield Next(Action.REPLY_SUPERVISION, MEMBER, words)
        case 19 | 20:
            yield Next(Action.ASK_CANCEL, DISPATCHER, {"note": "当事人已自行处理，申请作废"})
        case _other:
            return


def _press(colour: Colour, words: str, reply_by: datetime) -> Next:
    given = {"kind": SupervisionKind.LEADER, "colour": colour, "reply_by": reply_by, "note": words}
    return Next(Action.SUPERVISE, LEADER, given, only_if_open=True)


def _joint(n: int) -> Iterator[Next]:
    """Called and not come, called just now, there, and finished."""
    called = {"department_id": OTHER, "note": "到场配合：清理占道物品，维持秩序"}
    yield Next(Action.WHISTLE, DISPATCHER, called, ago=timedelta(minutes=8) if n == 7 else None)
    if n in (8, 9):
        yield Next(Action.REPORT_IN, HELPER, {"lon": OWN, "lat": OWN})
    if n == 9:
        yield Next(Action.FINISH_TASK, HELPER, {"note": "占道物品已清理"})


def _closed(told: Told) -> Iterator[Next]:
    if told.source is Source.GRID_MANAGER and told.n % 2:
        yield Next(Action.SELF_HANDLE, SPOT, {"note": "当场清理完毕"})
        yield Next(Action.CLOSE, DISPATCHER, {"note": "照片已看，同意结案"})
        return
    yield from _taken(told)
    joint = told.n % 13 == 2
    if joint:
        yield from _joint(9)
    if told.n % 9 == 0:
        yield from _failed()
    yield from _answered()
    yield Next(Action.PASS_CHECK, SPOT, {"note": "现场已恢复，同意结案"})
    if joint:
        yield Next(
            Action.SCORE, DISPATCHER, {"department_id": OTHER, "score": 90, "note": "到场及时"}
        )
    if told.source is Source.PUBLIC and told.n % 3 == 0:
        yield Next(Action.RATE, RESIDENT, {"score": 5 - told.n % 4})
    if told.n % 17 == 4:
        yield Next(
            Action.APPEAL, MEMBER, {"note": "等待业主同意，非本部门原因超时"}, only_if_open=True
        )
        if told.n % 34 == 4:
            yield Next(Action.GRANT_APPEAL, LEADER, {"note": "情况属实，免责"}, only_if_open=True)
