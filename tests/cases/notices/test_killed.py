"""Kill -9 of a real worker, in the middle of sweeps and of sending."""

import os
import random
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from tests.cases.notices.conftest import MailServer
from tests.factories.life import Town, make_town
from webapp.cases.models import Case
from webapp.cases.notices.models import Delivery, Notice
from webapp.cases.notices.rules import occasion_of
from webapp.cases.notices.service import choose
from webapp.cases.notices.vocabulary import DeliveryState, NoticeKind
from webapp.core.clock import now
from webapp.core.settings import ROOT

MANY = 60
PATIENCE_S = 120


@pytest.fixture
def late_town(session: Session, app: Flask) -> Town:
    """Many cases whose limit has passed half a minute ago, and two who want it by mail."""
    town = make_town(session)
    for name in ("head", "dispatcher"):
        town.people[name].email = f"{name}@example.cn"
        choose(session, town.people[name], [NoticeKind.OVERDUE], [])
    for _ in range(MANY):
        town.handling()
    passed = now() - timedelta(seconds=30)
    session.flush()
    warned = {"warn_at": passed - timedelta(hours=1), "due_at": passed, "next_alert_at": passed}
    session.execute(update(Case).values(warned))
    session.execute(update(Notice).values(spread_at=passed))
    session.commit()
    return town


def worker(database: Engine, mail_server: MailServer, tmp_path: Path) -> subprocess.Popen[bytes]:
    environment = os.environ | {
        "DATABASE_URL": database.url.render_as_string(hide_password=False),
        "INSTANCE_PATH": str(tmp_path),
        "SECRET_KEY": "only for tests",
        "SMTP_URL": f"smtp://127.0.0.1:{mail_server.box.port}",
        "MAIL_FROM": "wangge@example.cn",
        "REDIS_URL": "",
    }
    command = [sys.executable, "-m", "flask", "--app", "webapp", "jobs", "work", "--pause", "0.2"]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)


def wait_until(done: object, session: Session) -> None:
    end = time.monotonic() + PATIENCE_S
    while not done():  # type: ignore[operator]
        session.rollback()
        assert time.monotonic() < end, "the worker did not come to an end"
        time.sleep(0.1)


def test_killed_again_and_again_it_tells_each_once_and_mails_each(
    late_town: Town, database: Engine, mail_server: MailServer, tmp_path: Path
) -> None:
    session = late_town.session
    mail_server.box.takes_s = 0.03  # so that a kill falls between two of them
    told = select(func.count()).where(Notice.kind == NoticeKind.OVERDUE)
    expected = 2 * MANY
    chance = random.Random(7)
    in_the_middle = 0
    for stage in range(2):
        process = worker(database, mail_server, tmp_path)
        before = session.scalar(told) or 0, len(mail_server.box.taken)
        wait_until(lambda b=before: (session.scalar(told) or 0, len(mail_server.box.taken)) > b,
                   session)  # fmt: skip
        time.sleep(chance.uniform(0, 0.05 + 0.05 * stage))
        process.send_signal(signal.SIGKILL)
        process.wait()
        session.rollback()
        waiting = select(func.count()).where(Delivery.state == DeliveryState.WAITING)
        in_the_middle += (session.scalar(told) or 0) < expected or bool(session.scalar(waiting))
        # a lease that the killed one held runs out; here at once
        session.execute(update(Delivery).values(next_at=now()))
        session.commit()
    assert in_the_middle
    process = worker(database, mail_server, tmp_path)
    try:
        sent_all = select(func.count()).where(Delivery.state == DeliveryState.SENT)
        wait_until(lambda: session.scalar(sent_all) == expected, session)
    finally:
        process.kill()
        process.wait()
    rows = session.execute(
        select(Notice.key, Notice.person_id).where(Notice.kind == NoticeKind.OVERDUE)
    ).all()
    assert len(rows) == expected == len({(occasion_of(key), person) for key, person in rows})
    mailed = {message["Message-ID"] for message in mail_server.box.taken}
    assert mailed == set(session.scalars(select(Delivery.message_id)))
    assert len(mail_server.box.taken) <= expected + 2  # one again for each kill at most
