"""What is so about a case, whatever the day's traffic: lamps, and when a step closes it."""

from datetime import datetime
from enum import StrEnum


class Lamp(StrEnum):
    """How a case stands against its limit; shown by shape, colour and words."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    PAUSED = "paused"
    NONE = "none"


FINAL = frozenset({"closed", "not_accepted", "cancelled", "merged"})
PAUSED = "suspended"
# From dispatch to the check a department answers; the database holds this, too.
NEEDS_LEAD = frozenset({"dispatched", "handling", "answered", "checking", "suspended"})


def lamp(state: str, warn_at: datetime, due_at: datetime, now: datetime) -> Lamp:
    """Green until 80 % of the limit is used up, then amber, red once it has passed.

    A suspended case shows that its clock stands; one that has ended shows nothing.
    """
    if state in FINAL:
        return Lamp.NONE
    if state == PAUSED:
        return Lamp.PAUSED
    if now > due_at:
        return Lamp.RED
    return Lamp.GREEN if now < warn_at else Lamp.AMBER
