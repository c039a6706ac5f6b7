"""The words of notices: their kinds, the ways on which they go out, and what becomes of them."""

from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l


class NoticeKind(StrEnum):
    """What a notice is about; a person chooses by kind, an administrator words by kind."""

    WORK = "work"
    NEWS = "news"
    SUPERVISION = "supervision"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    LONG_OVERDUE = "long_overdue"
    STAGE_DUE_SOON = "stage_due_soon"
    STAGE_OVERDUE = "stage_overdue"
    REPORT_IN_MISSED = "report_in_missed"
    REPLY_OVERDUE = "reply_overdue"
    HOTSPOT = "hotspot"  # of no case: its words and its link are in the notice's `data`
    # to the resident who reported
    ACCEPTED = "accepted"
    DONE = "done"
    CLOSED = "closed"
    REFUSED = "refused"
    MERGED = "merged"
    SPLIT = "split"

    @property
    def label(self) -> Any:
        return KIND_LABELS[self]


KIND_LABELS: dict[NoticeKind, Any] = {
    NoticeKind.WORK: _l("something for you to do"),
    NoticeKind.NEWS: _l("what became of something"),
    NoticeKind.SUPERVISION: _l("a leader presses a case"),
    NoticeKind.DUE_SOON: _l("most of the limit is used up"),
    NoticeKind.OVERDUE: _l("the limit has passed"),
    NoticeKind.LONG_OVERDUE: _l("long overdue"),
    NoticeKind.STAGE_DUE_SOON: _l("most of the time for this stage is used up"),
    NoticeKind.STAGE_OVERDUE: _l("the time for this stage has passed"),
    NoticeKind.REPORT_IN_MISSED: _l("a department that was called has not reported in"),
    NoticeKind.REPLY_OVERDUE: _l("the reply to a supervision is overdue"),
    NoticeKind.HOTSPOT: _l("a hot spot that I follow"),
    NoticeKind.ACCEPTED: _l("to the resident: accepted"),
    NoticeKind.DONE: _l("to the resident: done"),
    NoticeKind.CLOSED: _l("to the resident: closed"),
    NoticeKind.REFUSED: _l("to the resident: not accepted"),
    NoticeKind.MERGED: _l("to the resident: merged into another report"),
    NoticeKind.SPLIT: _l("to the resident: a report of its own again"),
}
RESIDENT_KINDS = (
    NoticeKind.ACCEPTED,
    NoticeKind.DONE,
    NoticeKind.CLOSED,
    NoticeKind.REFUSED,
    NoticeKind.MERGED,
    NoticeKind.SPLIT,
)
STAFF_KINDS = tuple(kind for kind in NoticeKind if kind not in RESIDENT_KINDS)


class Channel(StrEnum):
    """A way out of the program; the inbox is always filled and none of these."""

    MAIL = "mail"
    ROBOT = "robot"

    @property
    def label(self) -> Any:
        return CHANNEL_LABELS[self]


CHANNEL_LABELS: dict[Channel, Any] = {
    Channel.MAIL: _l("e-mail"),
    Channel.ROBOT: _l("robot in a group chat"),
}


class RobotKind(StrEnum):
    """Whose robot it is."""

    WECOM = "wecom"
    DINGTALK = "dingtalk"

    @property
    def label(self) -> Any:
        return ROBOT_LABELS[self]


ROBOT_LABELS: dict[RobotKind, Any] = {
    RobotKind.WECOM: _l("WeCom"),
    RobotKind.DINGTALK: _l("DingTalk"),
}


class DeliveryState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"  # given up: the administrator looks

    @property
    def label(self) -> Any:
        return DELIVERY_LABELS[self]


DELIVERY_LABELS: dict[DeliveryState, Any] = {
    DeliveryState.WAITING: _l("waiting"),
    DeliveryState.SENT: _l("sent"),
    DeliveryState.DEAD: _l("given up"),
}
