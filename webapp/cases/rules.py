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


def lamp(
    state: str,
    warn_at: datetime,
    due_at: datetime,
    clock_stopped_at: datetime | None,
    now: datetime,
) -> Lamp:
    """Green until 80 % of the limit is used up, then amber, red once it has passed.

    What was late when its clock stopped stays red; else it shows that the clock stands. A case that
    was imported as suspended stands without a moment. One that has ended shows nothing.
    """
    if state in FINAL:
        return Lamp.NONE
    stands = clock_stopped_at is not None
    if state == PAUSED and not stands:
        return Lamp.PAUSED
    if (clock_stopped_at or now) > due_at:
        return Lamp.RED
    if stands:
        return Lamp.PAUSED
    return Lamp.GREEN if now < warn_at else Lamp.AMBER
