"""What goes out: at least once, always under the same id, again when the other side is back."""

import base64
import hashlib
import hmac
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from tests.at_once import at_once
from tests.cases.notices.conftest import MailServer, RobotServer
from tests.factories.life import Town
from webapp.cases.models import Case
from webapp.cases.notices.models import Delivery, Notice, Robot
from webapp.cases.notices.sending import (
    FIRST_GAP,
    LEASE,
    LONGEST_GAP,
    MOST_ATTEMPTS,
    Sending,
    gap,
    send_waiting,
)
from webapp.cases.notices.service import choose
from webapp.cases.notices.spreading import spread
from webapp.cases.notices.vocabulary import DeliveryState, RobotKind
from webapp.cases.service import follow_token
from webapp.cases.vocabulary import Action
from webapp.core.settings import Settings

MINUTE = timedelta(minutes=1)


def goes_out(town: Town, settings: Settings, after: timedelta = MINUTE) -> int:
    """What the worker does a little later; how many were sent."""
    town.session.commit()
    town.now += after
    spread(town.session, settings, town.now)
    return send_waiting(town.session, settings, town.now)


def wants_mail(town: Town, name: str = "member") -> None:
    choose(town.session, town.people[name], ["work"], [])


def deliveries(town: Town) -> list[Delivery]:
    town.session.rollback()
    query = select(Delivery).order_by(Delivery.id).execution_options(populate_existing=True)
    return list(town.session.scalars(query))


def test_a_dispatch_is_mailed_to_who_chose_it_and_to_nobody_else(
    office_town: Town, settings: Settings, mail_server: MailServer
) -> None:
    office_town.people["head"].email = "head@example.cn"  # who chose nothing
    wants_mail(office_town)
    case = office_town.dispatched()
    assert goes_out(office_town, settings) == 1
    assert goes_out(office_town, settings) == 0
    (message,), (recipients,) = mail_server.box.taken, mail_server.box.recipients
    assert recipients == ["member@example.cn"]
    assert message["Subject"] == f"{case.number} 已派遣"
    assert message["Auto-Submitted"] == "auto-generated"
    text = message.get_content()
    assert "路灯" in text
    assert f"https://wangge.example.cn/cases/{case.number}" in text
    (row,) = deliveries(office_town)
    assert message["Message-ID"] == row.message_id
    assert row.message_id.endswith("@example.cn>")
    assert (row.state, row.attempts) == (DeliveryState.SENT, 1)


def test_nothing_goes_out_while_a_dispatch_can_be_undone(
    office_town: Town, settings: Settings, mail_server: MailServer
) -> None:
    wants_mail(office_town)
    case = office_town.dispatched()
    assert goes_out(office_town, settings, timedelta(seconds=9)) == 0
    office_town.now -= timedelta(seconds=55)
    office_town.step(case, Action.UNDO_DISPATCH, "dispatcher")
    assert goes_out(office_town, settings, timedelta(hours=1)) == 0
    assert mail_server.box.taken == []


def test_smtp_away_for_an_hour_loses_nothing_and_sends_nothing_twice(
    office_town: Town, settings: Settings, mail_server: MailServer
) -> None:
    wants_mail(office_town)
    mail_server.stop()
    for _ in range(3):
        office_town.dispatched()
    end = office_town.now + timedelta(hours=1)
    while office_town.now < end:
        assert goes_out(office_town, settings) == 0
    waiting = deliveries(office_town)
    assert {row.state for row in waiting} == {DeliveryState.WAITING}
    assert len(waiting) == 3
    assert all(5 <= row.attempts <= 9 for row in waiting)  # the gaps grow
    assert "127.0.0.1" in waiting[0].last_error
    mail_server.start()
    sent = sum(goes_out(office_town, settings, 10 * MINUTE) for _ in range(10))
    assert sent == 3
    taken = [message["Message-ID"] for message in mail_server.box.taken]
    assert sorted(taken) == sorted(row.message_id for row in waiting)


def test_gaps_grow_up_to_an_hour_and_are_never_all_the_same() -> None:
    assert FIRST_GAP * 0.8 <= gap(1) <= FIRST_GAP * 1.2
    assert gap(3) > gap(1)
    assert gap(50) <= LONGEST_GAP * 1.2
    assert len({gap(4) for _ in range(20)}) > 10


def test_an_address_that_does_not_exist_is_given_up_at_once(
    office_town: Town, settings: Settings, mail_server: MailServer
) -> None:
    wants_mail(office_town)
    office_town.dispatched()
    mail_server.box.answer = "550 no such mailbox"
    assert goes_out(office_town, settings) == 0
    (row,) = deliveries(office_town)
    assert (row.state, row.last_error) == (DeliveryState.DEAD, "550 no such mailbox")


def test_what_is_refused_for_days_is_given_up(
    office_town: Town, settings: Settings, mail_server: MailServer
) -> None:
    wants_mail(office_town)
    office_town.dispatched()
    mail_server.box.answer = "451 try later"
    for _ in range(MOST_ATTEMPTS):
        assert goes_out(office_town, settings, LONGEST_GAP * 1.3) == 0
    (row,) = deliveries(office_town)
    assert (row.state, row.attempts) == (DeliveryState.DEAD, MOST_ATTEMPTS)


def test_who_is_killed_after_sending_sends_again_under_the_same_id(
    office_town: Town, settings: Settings, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    wants_mail(office_town)
    office_town.dispatched()

    def killed(*_args: object, **_values: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Sending, "_mark", killed)
        with pytest.raises(KeyboardInterrupt):
            goes_out(office_town, settings)
    office_town.session.rollback()
    assert goes_out(office_town, settings, LEASE - 2 * MINUTE) == 0  # the lease still runs
    assert goes_out(office_town, settings, 3 * MINUTE) == 1
    first, again = mail_server.box.taken
    assert first["Message-ID"] == again["Message-ID"]


def test_two_workers_at_once_send_each_once(
    office_town: Town, settings: Settings, mail_server: MailServer, database: Engine, app: Flask
) -> None:
    wants_mail(office_town)
    for _ in range(30):
        office_town.dispatched()
    office_town.session.commit()
    now = office_town.now + MINUTE
    office_town.session.close()

    def one() -> None:
        with app.app_context(), Session(database, expire_on_commit=False) as session:
            spread(session, settings, now)
            send_waiting(session, settings, now)

    at_once(one, 3)
    ids = [message["Message-ID"] for message in mail_server.box.taken]
    assert len(ids) == len(set(ids)) == 30


def test_a_clock_set_back_keeps_nothing_waiting(
    office_town: Town, settings: Settings, mail_server: MailServer
) -> None:
    wants_mail(office_town)
    office_town.dispatched()
    mail_server.stop()
    goes_out(office_town, settings)
    mail_server.start()
    office_town.dispatched()
    assert goes_out(office_town, settings, -timedelta(days=2)) == 2


def test_a_resident_reads_in_their_language_with_their_own_link(
    office_town: Town, settings: Settings, mail_server: MailServer
) -> None:
    token = follow_token("only for tests", "form-1")
    draft = {
        "contact": "电话 13900000000 邮箱 li@example.cn", "language": "en",
        "submission_uuid": "form-1", "follow_token": token,
    }  # fmt: skip
    case = office_town.closed(draft=draft)
    without = office_town.report(draft={"contact": "wang@example.cn"})  # by another key
    office_town.step(without, Action.REFUSE, "dispatcher", note="不归街道管")
    assert goes_out(office_town, settings) == 4
    subjects = [message["Subject"] for message in mail_server.box.taken]
    assert subjects[:3] == [
        f"Your report {case.number} is accepted",
        f"Your report {case.number}: the work is done",
        f"Your report {case.number} is closed",
    ]
    assert {tuple(r) for r in mail_server.box.recipients[:3]} == {("li@example.cn",)}
    closed = mail_server.box.taken[2].get_content()
    assert f"https://wangge.example.cn/r/{token}" in closed
    refused = mail_server.box.taken[3].get_content()
    assert "不归街道管" in refused
    assert "/r/" not in refused
    assert office_town.ground.office.name in refused


def make_robot(town: Town, kind: RobotKind, url: str, patch: pytest.MonkeyPatch) -> None:
    town.session.add(Robot(office_id=town.ground.office.id, kind=kind, name="Main group"))
    choose(town.session, town.people["member"], [], ["work"])
    patch.setenv("ROBOT_MAIN_GROUP_URL", url)


def test_a_wecom_robot_calls_by_phone_who_wants_it(
    office_town: Town, settings: Settings, robot_server: RobotServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    make_robot(office_town, RobotKind.WECOM, robot_server.url, monkeypatch)
    case = office_town.dispatched()
    assert goes_out(office_town, settings) == 1
    (heard,) = robot_server.heard
    assert heard.query == {"access_token": ["abc"]}
    assert heard.body["msgtype"] == "text"
    assert heard.body["text"]["mentioned_mobile_list"] == ["13800000001"]
    assert heard.body["text"]["content"].startswith(f"{case.number} 已派遣\n")


def test_a_dingtalk_robot_signs_what_it_says(
    office_town: Town, settings: Settings, robot_server: RobotServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    make_robot(office_town, RobotKind.DINGTALK, robot_server.url, monkeypatch)
    monkeypatch.setenv("ROBOT_MAIN_GROUP_SECRET", "SEC000")
    office_town.dispatched()
    assert goes_out(office_town, settings) == 1
    (heard,) = robot_server.heard
    (timestamp,), (sign,) = heard.query["timestamp"], heard.query["sign"]
    text = f"{timestamp}\nSEC000".encode()
    assert base64.b64decode(sign) == hmac.new(b"SEC000", text, hashlib.sha256).digest()
    assert heard.body["at"] == {"atMobiles": ["13800000001"]}
    assert heard.body["text"]["content"].endswith("@13800000001")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((200, b'{"errcode": 45009, "errmsg": "too often"}'), "45009 too often"),
        ((502, b"bad gateway"), "HTTP 502"),
        ((200, b"<html>"), "the answer is no JSON"),
    ],
)
def test_a_robot_that_says_no_is_asked_again_and_its_key_is_written_nowhere(
    office_town: Town, settings: Settings, robot_server: RobotServer,
    monkeypatch: pytest.MonkeyPatch, answer: tuple[int, bytes], error: str,
) -> None:  # fmt: skip
    make_robot(office_town, RobotKind.WECOM, robot_server.url, monkeypatch)
    office_town.dispatched()
    robot_server.answer = answer
    assert goes_out(office_town, settings) == 0
    (row,) = deliveries(office_town)
    assert (row.state, row.last_error) == (DeliveryState.WAITING, error)
    robot_server.answer = (200, b'{"errcode": 0}')
    assert goes_out(office_town, settings) == 1
    assert {heard.message_id for heard in robot_server.heard} == {row.message_id}


def test_a_robot_without_an_address_says_which_is_missing(
    office_town: Town, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_robot(office_town, RobotKind.WECOM, "", monkeypatch)
    office_town.dispatched()
    goes_out(office_town, settings)
    (row,) = deliveries(office_town)
    assert row.last_error == "ROBOT_MAIN_GROUP_URL is not set"


def test_without_a_mail_server_no_mail_is_made_and_the_inbox_is_whole(
    office_town: Town, settings: Settings
) -> None:
    wants_mail(office_town)
    case: Case = office_town.dispatched()
    plain = Settings(secret_key="only for tests", smtp_url="")
    goes_out(office_town, plain)
    assert deliveries(office_town) == []
    notices = select(Notice).where(Notice.case_id == case.id, Notice.spread_at.is_(None))
    assert not office_town.session.scalars(notices).all()
