"""The inboxes of the sample: what happened long ago was told then, has gone out and been read."""

from datetime import datetime, timedelta

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from webapp.cases.notices.models import Notice
from webapp.cases.sweep import sweep
from webapp.core.database import begin_write

UNREAD = 12  # of each person, at most
RECENT = timedelta(days=1)


def settled(session: Session) -> bool:
    """Whether this was done, or a worker was at it."""
    return bool(session.scalar(select(exists().where(Notice.spread_at.is_not(None)))))


def settle_inboxes(session: Session, now: datetime) -> None:
    """Tell of all thresholds that have passed, each at its moment; the last few stay unread.

    Commits as it goes, as the sweep does; begun again it ends the same.
    """
    sweep(session, now)
    begin_write(session)
    of_clocks = select(Notice).where(Notice.event_id.is_(None))
    for notice in session.scalars(of_clocks):
        notice.at = notice.visible_at = datetime.fromisoformat(notice.data["at"])
    session.flush()
    session.execute(update(Notice).values(spread_at=now, read_at=now))
    for person_id in session.scalars(select(Notice.person_id).distinct()).all():
        recent = Notice.at > now - RECENT, Notice.at <= now, Notice.person_id == person_id
        last = select(Notice.id).where(*recent).order_by(Notice.at.desc()).limit(UNREAD)
        ids = session.scalars(last).all()
        session.execute(update(Notice).where(Notice.id.in_(ids)).values(read_at=None))
    session.commit()
