"""What is typed and chosen for a step: what is wrong with it, what becomes of it."""

from io import BytesIO

from markupsafe import escape
from sqlalchemy import select

from tests.cases.steps.pressing import JSON, fresh, path
from tests.factories.cases import picture
from webapp.cases.life.models import Supervision
from webapp.cases.models import CaseEvent, Photo
from webapp.cases.vocabulary import Action, Colour, PhotoKind
from webapp.people.models import Crew

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
