"""The bell, the inbox, one's choices, and the administrator's pages of notices."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests import scenes
from tests.factories.life import Town, make_town
from tests.factories.people import make_person, sign_in, token
from webapp.cases.notices.models import Delivery, Notice, NoticeChoice, NoticeTemplate, Robot
from webapp.cases.notices.vocabulary import Channel, DeliveryState, NoticeKind
from webapp.cases.vocabulary import Action
from webapp.core.clock import now
from webapp.people.models import Person, Role

scene = scenes.by(town=make_town)


@pytest.fixture
def town(scene, session: Session, client: FlaskClient) -> Town:
    town = scene.on(session)
    town.now = now() - timedelta(days=1)
    town.people["admin"] = make_person(session, town.ground.office, Role.ADMINISTRATOR)
    session.commit()
    return town


def enter(client: FlaskClient, town: Town, name: str) -> Person:
    town.session.commit()
    sign_in(client, town.people[name])
    return town.people[name]


def post(client: FlaskClient, path: str, **facts: object) -> TestResponse:
    form = {"csrf_token": token(client, "/me/notices"), **facts}
    return client.post(path, data=form, follow_redirects=True)


def test_the_bell_counts_what_is_unread_and_the_inbox_says_it(
    client: FlaskClient, town: Town
) -> None:
    case = town.dispatched()
    enter(client, town, "member")
    assert client.get("/inbox/count.json").json == {"unread": 1}
    page = client.get("/inbox", headers={"Accept-Language": "en"}).text
    assert 'aria-label="1 unread message"' in page
    assert case.number in page
    assert "dispatched" in page


def test_a_dispatch_that_can_still_be_undone_is_not_counted(
    client: FlaskClient, town: Town
) -> None:
    town.now = now() - timedelta(minutes=4)  # the fourth step is the dispatch
    town.dispatched()
    enter(client, town, "member")
    assert client.get("/inbox/count.json").json == {"unread": 0}


def test_opening_a_message_reads_it_and_leads_to_the_case(client: FlaskClient, town: Town) -> None:
    case = town.dispatched()
    person = enter(client, town, "member")
    notice = town.session.scalars(select(Notice).where(Notice.person_id == person.id)).one()
    answer = client.get(f"/inbox/{notice.id}")
    assert answer.location == f"/cases/{case.number}"
    assert client.get("/inbox/count.json").json == {"unread": 0}


def test_somebody_elses_message_is_not_there(client: FlaskClient, town: Town) -> None:
    town.dispatched()
    notice = town.session.scalars(
        select(Notice).where(Notice.person_id == town.people["member"].id)
    ).one()
    enter(client, town, "leader")
    assert client.get(f"/inbox/{notice.id}").status_code == 404
    post(client, "/inbox/read", id=str(notice.id))
    town.session.rollback()
    assert town.session.scalars(select(Notice.read_at).where(Notice.id == notice.id)).one() is None


def test_all_are_read_at_once_and_the_unread_are_shown_alone(
    client: FlaskClient, town: Town
) -> None:
    for _ in range(3):
        town.dispatched()
    enter(client, town, "member")
    assert client.get("/inbox?unread=1").text.count("message-unread") == 3
    post(client, "/inbox/read", all="1")
    assert client.get("/inbox/count.json").json == {"unread": 0}
    assert client.get("/inbox?unread=1").text.count("message-unread") == 0
    assert client.get("/inbox").text.count('class="message"') == 3


def test_a_long_inbox_has_pages_and_few_queries(
    client: FlaskClient, town: Town, statements: list[str]
) -> None:
    for _ in range(35):
        town.dispatched()
    enter(client, town, "member")
    client.get("/inbox")
    statements.clear()
    page = client.get("/inbox").text
    assert page.count("message-open") == 30
    assert len(statements) <= 6
    older = page.split("before=")[1].split('"')[0]
    assert client.get(f"/inbox?before={older}").text.count("message-open") == 5


def test_a_person_chooses_what_comes_by_mail(client: FlaskClient, town: Town) -> None:
    person = enter(client, town, "member")
    answer = post(client, "/me/notices", email="", mail="work")
    assert answer.status_code == 422  # mail to nowhere
    assert post(client, "/me/notices", email="nonsense", mail="work").status_code == 422
    facts = {"email": "ma@example.cn", "mail": ["work", "overdue"], "robot": ["overdue"]}
    assert post(client, "/me/notices", **facts).status_code == 200
    town.session.rollback()
    choice = town.session.get_one(NoticeChoice, person.id)
    assert (choice.mail, choice.robot) == (["work", "overdue"], ["overdue"])
    town.session.refresh(person)
    assert person.email == "ma@example.cn"


def given_up(town: Town) -> Delivery:
    row = Delivery(
        message_id="<a@b>", office_id=town.ground.office.id, channel=Channel.MAIL,
        kind=NoticeKind.WORK, person_id=town.people["member"].id, address="x@example.cn",
        subject="T1 dispatched", body="…", state=DeliveryState.DEAD, attempts=80,
        next_at=town.now, last_error="550 no such mailbox", created_at=town.now,
    )  # fmt: skip
    town.session.add(row)
    town.session.commit()
    return row


def test_the_administrator_sees_what_was_given_up_and_sends_it_again(
    client: FlaskClient, town: Town
) -> None:
    row = given_up(town)
    enter(client, town, "admin")
    page = client.get("/admin/notices?state=dead").text
    assert "550 no such mailbox" in page
    assert post(client, "/admin/notices/again", id=str(row.id)).status_code == 200
    town.session.refresh(row)
    assert (row.state, row.attempts, row.message_id) == (DeliveryState.WAITING, 0, "<a@b>")


def test_another_offices_messages_are_not_the_administrators(
    client: FlaskClient, town: Town, session: Session
) -> None:
    row = given_up(town)
    town.people["stranger"] = make_person(session, role=Role.ADMINISTRATOR)
    enter(client, town, "stranger")
    assert "550 no such mailbox" not in client.get("/admin/notices?state=dead").text
    assert post(client, "/admin/notices/again", id=str(row.id)).status_code == 404


def test_only_the_administrator_may_see_what_goes_out(client: FlaskClient, town: Town) -> None:
    enter(client, town, "dispatcher")
    for path in ("/admin/notices", "/admin/notices/robots", "/admin/notices/templates"):
        assert client.get(path).status_code == 403


PATH = "/admin/notices/templates/accepted/zh/mail"


def test_a_wording_is_previewed_on_a_real_case_then_kept_then_dropped(
    client: FlaskClient, town: Town
) -> None:
    case = town.opened()
    enter(client, town, "admin")
    words = {"subject": "{number} 已受理", "body": "您反映的{class}已受理。\n详情：{link}"}
    page = post(client, PATH, verb="preview", **words).text
    assert f"{case.number} 已受理" in page
    assert "详情：</div>" not in page  # no link, no line
    assert not town.session.scalars(select(NoticeTemplate)).all()
    post(client, PATH, verb="save", **words)
    town.session.rollback()
    assert town.session.scalars(select(NoticeTemplate.subject)).all() == [words["subject"]]
    post(client, PATH, verb="default")
    town.session.rollback()
    assert not town.session.scalars(select(NoticeTemplate)).all()


@pytest.mark.parametrize(
    ("subject", "body", "said"),
    [
        ("{number}", "{nummer}", "{nummer}"),
        ("{number}", "{}", "{}"),
        ("", "x", "Fill this in."),
        ("{number}", "x" * 2001, "2001"),
    ],
)
def test_a_wording_that_cannot_be_filled_in_is_refused_in_words(
    client: FlaskClient, town: Town, subject: str, body: str, said: str
) -> None:
    enter(client, town, "admin")
    with client.session_transaction() as chosen:
        chosen["language"] = "en"
    answer = post(client, PATH, verb="save", subject=subject, body=body)
    assert answer.status_code == 422
    assert said in answer.text
    town.session.rollback()
    assert not town.session.scalars(select(NoticeTemplate)).all()


def test_nothing_in_a_wording_is_evaluated(client: FlaskClient, town: Town) -> None:
    town.opened()
    enter(client, town, "admin")
    body = "{{ 7 * 7 }} {number.__class__} %(number)s ${number}"
    page = post(client, PATH, verb="preview", subject="x", body=body).text
    assert "49" not in page.split("preview-mail")[1].split("</div>")[0]
    assert "&lt;class" not in page


def test_robots_are_named_and_their_addresses_stay_outside(
    client: FlaskClient, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(client, town, "admin")
    monkeypatch.setenv("ROBOT_STREET_1_URL", "https://robot.example/?key=hidden-key")
    page = post(client, "/admin/notices/robots", kind="wecom", name="Street 1", department="")
    assert "ROBOT_STREET_1_URL" in page.text
    assert "hidden-key" not in page.text
    robot = town.session.scalars(select(Robot)).one()
    post(client, f"/admin/notices/robots/{robot.id}/test")
    town.session.rollback()
    assert town.session.scalars(select(Delivery.robot_id)).all() == [robot.id]
    assert post(client, "/admin/notices/robots", kind="wecom", name="王").status_code == 422
    post(client, f"/admin/notices/robots/{robot.id}/remove")
    assert "ROBOT_STREET_1_URL" not in client.get("/admin/notices/robots").text


def test_a_step_told_while_reading_comes_up_next_time(client: FlaskClient, town: Town) -> None:
    case = town.handling()
    town.step(case, Action.RETURN, "member", note="不归我们<b>管</b>")
    enter(client, town, "dispatcher")
    page = client.get("/inbox?unread=1").text
    assert "不归我们&lt;b&gt;管" in page
