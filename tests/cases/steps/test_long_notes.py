"""A note of 100,000 characters, at every step that takes one: refused in words, and not lost."""

from markupsafe import escape
from sqlalchemy import func, select

from tests.cases.steps.pressing import JSON, fresh, path
from tests.factories.stages import make_ready, put_in
from webapp.cases.life.scene import Who
from webapp.cases.life.steps import LONGEST_NOTE
from webapp.cases.life.table import STEPS
from webapp.cases.models import CaseEvent
from webapp.cases.steps.reading import asked_fields
from webapp.cases.vocabulary import Action, State

LONG = "灯不亮，" * 24_999 + "就这样"
BY = {
    Who.DISPATCHER: "dispatcher", Who.GRID_MANAGER: "manager", Who.INSPECTOR: "inspector",
    Who.LEADER: "leader", Who.LEAD: "member", Who.LEAD_HEAD: "head", Who.ASSISTANT: "helper",
}  # fmt: skip
OF_STAFF = [a for a in STEPS if "note" in asked_fields(a) and BY.keys() & set(STEPS[a].who)]


def test_every_step_refuses_a_note_that_nobody_reads_and_gives_it_back(session, town, browse):
    people = {who: browse(name) for who, name in BY.items()}
    assert len(OF_STAFF) > 35
    assert Action.SUPERVISE in OF_STAFF
    for action in OF_STAFF:
        step = STEPS[action]
        states = step.from_states
        case = put_in(town, State.HANDLING if State.HANDLING in states else states[0])
        make_ready(town, case, action)
        session.commit()
        before, client = case.version, people[next(who for who in step.who if who in BY)]
        assert_refused(client, case, action)
        assert fresh(session, case).version == before, action
        events = select(func.count()).where(CaseEvent.case_id == case.id)
        assert session.scalar(events.where(CaseEvent.action == action)) == 0


def assert_refused(client, case, action):
    told = client.post(path(case, action), json={"note": LONG}, headers=JSON)
    assert told.status_code == 422, (action, told.text[:300])
    assert (told.json["error"], told.json["field"]) == ("too_long", "note")
    for number in (str(len(LONG)), str(LONGEST_NOTE)):
        assert number in told.json["message"]
    page = client.post(path(case, action), data={"note": LONG}, content_type="multipart/form-data")
    assert page.status_code == 422
    form = page.text.split(f'data-step-form="{action}"', 1)[1].split("</form>", 1)[0]
    assert str(escape(told.json["message"])) in form
    assert f">{LONG}</textarea>" in form
