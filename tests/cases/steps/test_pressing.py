"""Steps as people press them: once, or at the same time as others, or where it is not theirs."""

import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from threading import Barrier

import pytest
from sqlalchemy import func, select

from tests.cases.steps.pressing import JSON, form_on, fresh, path
from tests.factories.cases import LITTER, picture
from tests.factories.people import make_office, make_person, sign_in
from webapp.cases.life.models import Participant
from webapp.cases.models import Case, CaseEvent, Photo
from webapp.cases.vocabulary import Action, Part, State
from webapp.people.models import Role


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


def test_a_page_with_an_open_form_shows_no_other_buttons(browse, case_at):
    """Without a script, too: the form has the page to itself until it is sent or closed."""
    case, client = case_at("handling"), browse("member")
    for query, opened in (("", False), ("?step=answer", True), ("?step=close", False)):
        page = client.get(f"/cases/{case.number}{query}").text
        assert ('class="steps step-open"' in page) is opened
