"""Sending what waits: at least once, under the same id, again after growing gaps.

A delivery is taken by putting off its next try in a commit of its own, sent, and marked in another
commit. Who is killed in between leaves it to be sent again when that time has come.
"""

import random
import time
from contextlib import ExitStack
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session, joinedload

from webapp.cases.notices import robots
from webapp.cases.notices.mail import Mailer, mailer
from webapp.cases.notices.models import Delivery
from webapp.cases.notices.outcomes import Away, Refused
from webapp.cases.notices.spreading import spread
from webapp.cases.notices.vocabulary import Channel, DeliveryState
from webapp.core.database import begin_write
from webapp.core.jobs import chore
from webapp.core.settings import Settings

BATCH = 20
LEASE = timedelta(minutes=5)
FIRST_GAP, LONGEST_GAP = timedelta(seconds=15), timedelta(hours=1)
MOST_ATTEMPTS = 80  # some three days; then the administrator looks
FAR_AHEAD = 2 * LONGEST_GAP  # such a wait was written before the clock was set back
LONGEST_ERROR = 500


@chore(every=timedelta(seconds=5), when_woken=True)
def send_notices(session: Session, now: datetime) -> None:
    """Make deliveries of the notices that wait, and send those whose time has come."""
    settings: Settings = current_app.config["WANGGE"]
    spread(session, settings, now)
    send_waiting(session, settings, now)


def send_waiting(session: Session, settings: Settings, now: datetime) -> int:
    """Send what is due; answers how many were sent."""
    with ExitStack() as stack:
        sending = Sending(session, settings, stack, now)
        while batch := sending.take():
            for delivery in batch:
                sending.try_one(delivery)
        return sending.sent


def gap(attempts: int) -> timedelta:
    """How long to wait after so many failed attempts: twice as long each time, and a little more
    or less, so that not all come back at once."""
    wait = min(FIRST_GAP * 2 ** min(attempts - 1, 20), LONGEST_GAP)
    return wait * random.uniform(0.8, 1.2)  # noqa: S311 - spreads load, guards nothing


class Sending:
    """One round. It connects when that is first needed; who is away is not asked twice."""

    def __init__(
        self, session: Session, settings: Settings, stack: ExitStack, now: datetime
    ) -> None:
        self.session, self.settings, self.stack = session, settings, stack
        self.start, self.started = now, time.monotonic()
        self.mailer: Mailer | None = None
        self.away: dict[tuple[Channel, int | None], str] = {}
        self.sent = 0

    @property
    def now(self) -> datetime:
        """A round may take minutes."""
        return self.start + timedelta(seconds=time.monotonic() - self.started)

    def take(self) -> list[Delivery]:
        """Some that are due, put off by a lease so that no other worker takes them meanwhile."""
        while found := self._due():
            begin_write(self.session)
            ours = [delivery for delivery in found if self._lease(delivery)]
            self.session.commit()
            if ours:
                return ours
        self.session.rollback()
        return []

    def _due(self) -> list[Delivery]:
        now = self.now
        due = or_(Delivery.next_at <= now, Delivery.next_at > now + FAR_AHEAD)
        waiting = (
            select(Delivery)
            .options(joinedload(Delivery.robot))
            .where(Delivery.state == DeliveryState.WAITING, due)
            .order_by(Delivery.next_at)
            .limit(BATCH)
            .execution_options(populate_existing=True)
        )
        return list(self.session.scalars(waiting))

    def _lease(self, delivery: Delivery) -> bool:
        taken = self.session.execute(
            update(Delivery)
            .where(
                Delivery.id == delivery.id,
                Delivery.state == DeliveryState.WAITING,
                Delivery.next_at == delivery.next_at,
            )
            .values(next_at=self.now + LEASE, attempts=Delivery.attempts + 1)
            .execution_options(synchronize_session=False)
        )
        return bool(taken.rowcount)  # type: ignore[attr-defined]

    def try_one(self, delivery: Delivery) -> None:
        """Send it and say so in its row, or say in its row what was in the way."""
        target = delivery.channel, delivery.robot_id
        try:
            if target in self.away:
                raise Away(self.away[target])
            self._send(delivery)
        except Away as error:
            self.away[target] = str(error)
            self._fail(delivery, str(error), for_good=False)
        except Refused as error:
            self._fail(delivery, str(error), for_good=error.for_good)
        else:
            self.sent += 1
            self._mark(delivery, state=DeliveryState.SENT, sent_at=self.now, last_error="")

    def _send(self, delivery: Delivery) -> None:
        if delivery.robot is not None:
            robots.send(delivery.robot, delivery, self.now)
            return
        if self.mailer is None:
            self.mailer = self.stack.enter_context(mailer(self.settings))
        self.mailer.send(delivery)

    def _fail(self, delivery: Delivery, error: str, *, for_good: bool) -> None:
        attempts = delivery.attempts + 1
        dead = for_good or attempts >= MOST_ATTEMPTS
        self._mark(
            delivery,
            state=DeliveryState.DEAD if dead else DeliveryState.WAITING,
            next_at=self.now + gap(attempts),
            last_error=error[:LONGEST_ERROR],
        )

    def _mark(self, delivery: Delivery, **values: object) -> None:
        begin_write(self.session)
        self.session.execute(
            update(Delivery)
            .where(Delivery.id == delivery.id)
            .values(values)
            .execution_options(synchronize_session=False)
        )
        self.session.commit()
