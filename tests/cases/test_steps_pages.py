"""Steps as people press them: the page's forms, what comes back, who is let near."""

import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from threading import Barrier

import pytest
from markupsafe import escape
from sqlalchemy import func, select

from tests.factories.cases import LITTER, picture
from tests.factories.life import make_town
from tests.factories.people import make_office, make_person, sign_in
from webapp.cases.life.models import Participant, Supervision
from webapp.cases.models import Case, CaseEvent, Photo
from webapp.cases.vocabulary import Action, Colour, Part, PhotoKind, State
from webapp.core.clock import now
from webapp.people.models import Crew, Role

JSON = {"Accept": "application/json"}


@pytest.fixture
def town(session, database):
    made = make_town(session)
    made.now = now() - timedelta(hours=2)
    session.commit()
    return made


@pytest.fixture
def app(app):
    app.config["WTF_CSRF_ENABLED"] = False  # the people's room tests it
    return app


@pytest.fixture
def browse(app, town):
    """A browser in which one of the town's people is signed in: `browse("member")`."""

    def open_as(name):
        client = app.test_client()
        sign_in(client, town.people[name])
        return client

    return open_as


@pytest.fixture
def case_at(session, town):
    """A case that has come to a state: `case_at("handling")`."""

    def make(stage):
        case = getattr(town, stage)()
        session.commit()
        return case

    return make


def path(case, action):
    return f"/cases/{case.number}/steps/{action}"


def fresh(session, case):
    session.rollback()
    session.refresh(case)
    return case


def form_on(page, action):
    """What a browser would send from that form of the page: its hidden fields."""
    body = page.split(f'data-step-form="{action}"', 1)[1].split("</form>", 1)[0]
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', body)
    return {name: value for name, value in hidden if name in ("version", "form")}


def test_the_way_of_a_case_by_the_forms_of_its_page(session, town, browse, case_at):
    case = case_at("report")
    way = [
        ("dispatcher", "ask_verification", {}),
        ("manager", "verify", {"found": "yes", "note": "看到了"}),
        ("dispatcher", "open", {}),
        ("dispatcher", "dispatch", {"department_id": str(town.centre.id)}),
        ("member", "take", {}),
        ("member", "answer", {"note": "换了灯泡"}),
        ("dispatcher", "ask_check", {}),
        ("manager", "pass_check", {"note": "亮了"}),
    ]
    for name, action, typed in way:
        client = browse(name)
        page = client.get(f"/cases/{case.number}")
        sent = client.post(path(case, action), data=form_on(page.text, action) | typed)
        assert (sent.status_code, sent.location) == (303, f"/cases/{case.number}"), action
    assert fresh(session, case).state is State.CLOSED
    assert case.result == "换了灯泡"


def test_a_form_sent_twice_is_one_step(session, browse, case_at):
    case, client = case_at("handling"), browse("member")
    sent = form_on(client.get(f"/cases/{case.number}").text, "answer") | {"note": "换了灯泡"}
    first, second = (client.post(path(case, "answer"), data=sent, headers=JSON) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json == second.json
    answers = select(func.count()).where(CaseEvent.action == Action.ANSWER)
    assert session.scalar(answers.select_from(CaseEvent)) == 1


def test_another_form_with_the_same_words_is_not_taken_for_the_same(session, browse, case_at):
    case, client = case_at("handling"), browse("member")
    sent = form_on(client.get(f"/cases/{case.number}").text, "answer") | {"note": "换了灯泡"}
    client.post(path(case, "answer"), data=sent)
    other = client.post(path(case, "answer"), data=sent | {"form": str(uuid.uuid4())}, headers=JSON)
    assert (other.status_code, other.json["error"]) == (409, "changed")


def test_the_second_is_told_what_the_first_did_and_keeps_what_they_typed(
    session, town, browse, case_at
):
    case, first, second = case_at("handling"), browse("head"), browse("member")
    seen = form_on(second.get(f"/cases/{case.number}").text, "ask_extension")
    assign = {"assignee_id": str(town.people["member"].id)}
    seen_first = form_on(first.get(f"/cases/{case.number}").text, "assign")
    assert first.post(path(case, "assign"), data=seen_first | assign).status_code == 303
    typed = seen | {"note": "等配件 <b>三</b> 天"}
    refused = second.post(path(case, "ask_extension"), data=typed)
    assert refused.status_code == 409
    assert town.people["head"].name in refused.text
    assert "等配件 &lt;b&gt;三&lt;/b&gt; 天" in refused.text
    again = form_on(refused.text, "ask_extension")
    assert again["version"] == str(fresh(session, case).version)
    assert again["form"] == seen["form"]
    assert second.post(path(case, "ask_extension"), data=typed | again).status_code == 303


def test_what_was_typed_for_a_step_no_longer_possible_can_still_be_read(
    session, town, browse, case_at
):
    case, client = case_at("handling"), browse("member")
    seen = form_on(client.get(f"/cases/{case.number}").text, "answer")
    town.step(case, Action.RECALL, "dispatcher", note="给别人")
    session.commit()
    photos = {"photos": (BytesIO(picture()), "a.jpg")}
    refused = client.post(path(case, "answer"), data=seen | {"note": "换了灯泡"} | photos)
    assert refused.status_code == 409
    assert "换了灯泡" in refused.text
    assert 'data-step-form="answer"' not in refused.text
    assert session.scalar(select(func.count(Photo.id))) == 0


@pytest.mark.parametrize("headers", [{}, JSON], ids=["page", "json"])
def test_what_is_not_possible_now_is_said_with_the_version_to_press_again(
    session, browse, case_at, headers
):
    case = case_at("handling")
    refused = browse("member").post(path(case, "take"), headers=headers)
    assert refused.status_code == 409
    if headers:
        assert (refused.json["error"], refused.json["version"]) == ("not_now", case.version)


FIELDS = [
    # stage, who, action, what was given, the field that is wrong
    ("handling", "member", "answer", {}, "note"),
    ("handling", "member", "answer", {"note": "   "}, "note"),
    ("handling", "member", "answer", {"note": "长" * 100_000}, "note"),
    ("handling", "member", "assign", {}, "assignee_id"),
    ("handling", "member", "assign", {"assignee_id": "dispatcher"}, "assignee_id"),
    ("handling", "member", "assign", {"assignee_id": "9" * 30}, "assignee_id"),
    ("handling", "member", "assign", {"crew_id": "77"}, "crew_id"),
    ("opened", "dispatcher", "dispatch", {}, "department_id"),
    ("opened", "dispatcher", "dispatch", {"department_id": "-1"}, "department_id"),
    ("opened", "dispatcher", "dispatch", {"department_id": "2147483647"}, "department_id"),
    ("opened", "dispatcher", "dispatch", {"department_id": "2147483648"}, "department_id"),
    ("opened", "dispatcher", "dispatch", {"department_id": "1 OR 1=1"}, "department_id"),
    ("opened", "dispatcher", "reclass", {"condition_code": "nothing"}, "condition_code"),
    ("opened", "dispatcher", "reclass", {}, "condition_code"),
    ("opened", "dispatcher", "merge", {"into_number": "T000000-0000"}, "into_number"),
    ("opened", "dispatcher", "merge", {}, "into_number"),
    ("handling", "dispatcher", "suspend", {"note": "冬天"}, "until"),
    ("handling", "dispatcher", "suspend", {"note": "冬天", "until": "soon"}, "until"),
    ("handling", "dispatcher", "suspend", {"note": "冬天", "until": "2020-01-01"}, "until"),
    ("handling", "dispatcher", "suspend", {"note": "冬天", "until": "9999-12-31"}, "until"),
    ("handling", "dispatcher", "suspend", {"until": "2027-01-01"}, "note"),
    ("handling", "dispatcher", "whistle", {"note": "来"}, "department_id"),
    ("handling", "leader", "supervise", {"note": "快", "colour": "red", "kind": "key"}, "reply_by"),
    (
        "handling", "leader", "supervise",
        {"note": "快", "colour": "red", "kind": "key", "reply_by": "0001-01-01T00:00"}, "reply_by",
    ),
    (
        "handling", "leader", "supervise",
        {"note": "快", "colour": "pink", "kind": "key", "reply_by": "2099-01-01T10:00"}, "colour",
    ),
    (
        "handling", "leader", "supervise",
        {"note": "快", "colour": "red", "kind": "", "reply_by": "2099-01-01T10:00"}, "kind",
    ),
]  # fmt: skip


def test_what_is_wrong_is_said_beside_its_field(session, browse, case_at):
    cases = {stage: case_at(stage) for stage in ("opened", "handling")}
    before = {stage: case.version for stage, case in cases.items()}
    people = {who: browse(who) for who in ("member", "dispatcher", "leader")}
    for stage, who, action, given, field in FIELDS:
        case, client = cases[stage], people[who]
        told = client.post(path(case, action), data=given, headers=JSON)
        assert (told.status_code, told.json["field"]) == (422, field), (action, given, told.json)
        page = client.post(path(case, action), data=given)
        assert page.status_code == 422
        form = page.text.split(f'data-step-form="{action}"', 1)[1].split("</form>", 1)[0]
        place = f'data-error="{field}"' if f'data-error="{field}"' in form else "data-problem"
        attributes, _end, words = form.split(place, 1)[1].partition(">")
        assert "hidden" not in attributes
        assert str(escape(told.json["message"])) in words
    assert {stage: fresh(session, case).version for stage, case in cases.items()} == before


def test_verification_needs_an_answer_and_the_place_must_be_on_earth(
    session, town, browse, case_at
):
    case = case_at("report")
    town.step(case, Action.ASK_VERIFICATION, "dispatcher")
    joint = town.handling()
    town.step(joint, Action.WHISTLE, "dispatcher", department_id=town.helpers.id, note="来")
    session.commit()
    manager, helper = browse("manager"), browse("helper")
    for given in ({"note": "看到了"}, {"note": "看到了", "found": "perhaps"}):
        told = manager.post(path(case, "verify"), data=given, headers=JSON)
        assert (told.status_code, told.json["field"]) == (422, "found")
    for lon in ("nan", "inf", "181", "east"):
        place = {"lon": lon, "lat": "38.2"}
        told = helper.post(path(joint, "report_in"), data=place, headers=JSON)
        assert (told.status_code, told.json["field"]) == (422, "lon")


def test_a_joint_case_from_the_whistle_to_the_scores(session, town, browse, case_at):
    case = case_at("handling")
    dispatcher, helper, member = browse("dispatcher"), browse("helper"), browse("member")
    called = {"department_id": str(town.helpers.id), "note": "清理占道"}
    assert dispatcher.post(path(case, "whistle"), data=called).status_code == 303
    page = dispatcher.get(f"/cases/{case.number}").text
    assert "data-report-in-by" in page
    lon, lat = fresh(session, case).lonlat
    here = {"lon": str(lon), "lat": str(lat + 0.001)}
    assert helper.post(path(case, "report_in"), data=here).status_code == 303
    assert helper.post(path(case, "finish_task"), data={"note": "清了"}).status_code == 303
    assert member.post(path(case, "answer"), data={"note": "好了"}).status_code == 303
    assert dispatcher.post(path(case, "ask_check")).status_code == 303
    assert browse("manager").post(path(case, "pass_check"), data={"note": "好"}).status_code == 303
    scored = {"department_id": str(town.helpers.id), "score": "95", "note": "来得快"}
    assert dispatcher.post(path(case, "score"), data=scored).status_code == 303
    session.rollback()
    party = session.scalar(select(Participant).where(Participant.part == Part.ASSISTING))
    assert (party.score, party.result, round(party.distance_m)) == (95, "清了", 111)
    page = dispatcher.get(f"/cases/{case.number}", headers={"Accept-Language": "en"}).text
    for words in ("111 m from the case", "95 of 100", "清理占道", "来得快"):
        assert words in page


def test_a_reply_is_asked_for_by_a_time_in_the_office_s_zone(session, town, browse, case_at):
    case = case_at("handling")
    pressed = {"kind": "leader", "colour": "red", "reply_by": "2099-01-01T10:00", "note": "快"}
    assert browse("leader").post(path(case, "supervise"), data=pressed).status_code == 303
    stands = session.scalar(select(Supervision))
    assert (stands.colour, stands.reply_by.isoformat()) == (
        Colour.RED, "2099-01-01T02:00:00+00:00",
    )  # fmt: skip
    told = browse("member").post(path(case, "reply_supervision"), json={"note": "明天"})
    assert told.status_code == 303


def test_json_takes_the_place_of_a_form(session, town, browse, case_at):
    case = case_at("opened")
    typed = {"department_id": town.centre.id, "note": None, "version": case.version}
    told = browse("dispatcher").post(path(case, "dispatch"), json=typed, headers=JSON)
    assert told.status_code == 200
    assert (told.json["state"], told.json["number"]) == ("dispatched", case.number)
    assert told.json["version"] == fresh(session, case).version
    for body in ("[]", '"x"', "{", "null"):
        refused = browse("dispatcher").post(
            path(case, "recall"), data=body, content_type="application/json", headers=JSON
        )
        assert refused.status_code == 422


def test_photos_of_an_answer_are_kept_as_after_and_shown_so(session, browse, case_at, app):
    case, client = case_at("handling"), browse("member")
    files = [(BytesIO(picture()), "a.jpg"), (BytesIO(picture(colour="blue")), "b.jpg")]
    sent = client.post(path(case, "answer"), data={"note": "换了", "photos": files})
    assert sent.status_code == 303
    photos = session.scalars(select(Photo)).all()
    assert {photo.kind for photo in photos} == {PhotoKind.AFTER}
    assert {photo.event_id for photo in photos} == {
        session.scalar(select(CaseEvent.id).where(CaseEvent.action == Action.ANSWER))
    }
    assert client.get(f"/cases/{case.number}").text.count('class="photo"') == 2
    bad = {"note": "换了", "photos": (BytesIO(b"text"), "a.jpg")}
    town_case = case_at("handling")
    told = client.post(path(town_case, "answer"), data=bad, headers=JSON)
    assert (told.status_code, told.json["field"]) == (422, "photos")


def test_crews_and_people_of_the_lead_can_be_given_a_case(session, town, browse, case_at):
    crew = Crew(department_id=town.centre.id, name="一班", active=True)
    session.add(crew)
    case, client = case_at("handling"), browse("head")
    page = client.get(f"/cases/{case.number}").text
    assert "一班" in page
    assert client.post(path(case, "assign"), data={"crew_id": str(crew.id)}).status_code == 303
    assert fresh(session, case).crew.name == "一班"
    assert "一班" in client.get(f"/cases/{case.number}/panel").text


def test_the_panel_is_a_fragment_with_the_same_buttons(browse, case_at):
    case, client = case_at("dispatched"), browse("member")
    panel = client.get(f"/cases/{case.number}/panel")
    assert panel.headers["Cache-Control"] == "no-store"
    assert "<html" not in panel.text
    page = client.get(f"/cases/{case.number}").text
    steps = re.compile(r'data-step-form="(\w+)"')
    assert steps.findall(panel.text) == steps.findall(page) != []


def test_somebody_else_s_case_is_not_there_whatever_is_asked_of_it(session, app, browse, case_at):
    case = case_at("handling")
    office = make_office(session)
    strangers = [make_person(session, office, role) for role in Role]
    session.commit()
    for person in strangers:
        client = app.test_client()
        sign_in(client, person)
        for address in ("", "/panel"):
            assert client.get(f"/cases/{case.number}{address}").status_code == 404
        for action in Action:
            for data in ({}, {"note": "x", "department_id": "no number"}):
                assert client.post(path(case, action.value), data=data).status_code == 404
    assert fresh(session, case).state is State.HANDLING


def test_a_step_that_is_for_others_is_refused_and_one_that_is_none_is_not_there(browse, case_at):
    case = case_at("handling")
    assert browse("manager").post(path(case, "answer"), data={"note": "x"}).status_code == 403
    for name in ("reported", "imported", "explode", "%00"):
        assert browse("member").post(path(case, name)).status_code in (400, 404, 422)


def test_one_goes_back_to_where_one_came_from_and_never_to_another_site(browse, case_at):
    for target, expected in [("/cases?q=1", "/cases?q=1"), ("https://evil.example/", "/")]:
        case = case_at("dispatched")
        sent = browse("member").post(path(case, "take"), data={"next": target})
        assert sent.location == expected


def test_the_page_of_a_case_takes_few_queries(statements, session, town, browse, case_at):
    case = case_at("closed")
    client = browse("dispatcher")
    client.get(f"/cases/{case.number}")
    statements.clear()
    assert client.get(f"/cases/{case.number}").status_code == 200
    assert len(statements) <= 20, "\n".join(statements)


def test_reclass_shows_the_way_from_class_to_class(session, browse, case_at):
    case, client = case_at("opened"), browse("dispatcher")
    assert client.post(path(case, "reclass"), data={"condition_code": LITTER}).status_code == 303
    page = client.get(f"/cases/{case.number}", headers={"Accept-Language": "en"}).text
    assert "exposed litter" in page
    assert session.scalar(select(func.count(Case.id))) == 1


@pytest.mark.parametrize("same_form", [True, False], ids=["the same form", "two people"])
def test_pressed_at_the_same_moment_it_is_one_step(session, browse, case_at, same_form):
    """Both are let in before either has an answer; the database makes one wait for the other."""
    case = case_at("dispatched")
    clients = browse("member"), browse("member" if same_form else "head")
    pages = [client.get(f"/cases/{case.number}").text for client in clients]
    typed = [form_on(pages[0 if same_form else n], "take") for n in range(2)]
    barrier = Barrier(2)

    def take(n):
        barrier.wait()
        return clients[n].post(path(case, "take"), data=typed[n], headers=JSON).status_code

    with ThreadPoolExecutor(2) as pool:
        statuses = sorted(pool.map(take, range(2)))
    assert statuses == ([200, 200] if same_form else [200, 409])
    taken = select(func.count()).select_from(CaseEvent).where(CaseEvent.action == Action.TAKE)
    session.rollback()
    assert session.scalar(taken) == 1
    assert fresh(session, case).state is State.HANDLING


def test_a_dispatch_can_be_taken_back_on_the_page_for_ten_seconds(session, town, browse, case_at):
    case, client = case_at("opened"), browse("dispatcher")
    sent = client.post(path(case, "dispatch"), data={"department_id": str(town.helpers.id)})
    page = client.get(sent.location).text
    left = re.search(r'data-seconds-left="(\d+)"', page)
    assert left is not None
    assert 0 < int(left[1]) <= 15
    undo = form_on(page, "undo_dispatch")
    assert client.post(path(case, "undo_dispatch"), data=undo).status_code == 303
    assert fresh(session, case).state is State.OPENED
