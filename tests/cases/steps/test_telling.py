"""Each step in words: whom it went to, from what to what, which deadline moved."""

from dataclasses import replace

import pytest

from tests import scenes
from tests.factories.life import make_town
from tests.factories.stages import all_given, everybody, make_ready, put_in
from webapp.cases.following.story import PLAIN, plain_story
from webapp.cases.life.steps import take_step
from webapp.cases.life.table import STEPS
from webapp.cases.models import CaseEvent
from webapp.cases.telling import tell
from webapp.cases.vocabulary import Action, State

A = Action
HELPERS, CENTRE = "综合执法队", "公用事业服务中心"
TOLD: dict[Action, list[str]] = {
    A.RECLASS: ["from street light", "to exposed litter", "is due "],
    A.VERIFY: ["it is there"],
    A.MERGE: ["into TJ"],
    A.DISPATCH: [f"to {HELPERS}", "is due "],
    A.UNDO_DISPATCH: ["is due "],
    A.RECALL: ["the clock stands"],
    A.ASSIGN: ["to 马建国"],
    A.RETURN: [f"it belongs to {HELPERS}, they say", "the clock stands"],
    A.ANSWER: ["in time"],
    A.SUSPEND: ["until ", "the clock stands"],
    A.GRANT_EXTENSION: ["is due "],
    A.ASK_HELP: [f"of {HELPERS}"],
    A.WHISTLE: [HELPERS, "to report in by "],
    A.CALL_OFF: [HELPERS],
    A.REPORT_IN: [HELPERS, " m from the case"],
    A.FINISH_TASK: [HELPERS],
    A.SCORE: [HELPERS, "5 of 100"],
    A.RATE: ["5 of 5"],
    A.SUPERVISE: ["leader's instruction, red", "reply by "],
}
QUIET = frozenset(STEPS) - set(TOLD)  # their name, the way of the state and the note say it all


scene = scenes.by(town=make_town)


@pytest.fixture
def town(scene, session):
    return scene.on(session)


def taken(town, action, case):
    given = all_given(town, action)
    actor = everybody(town)
    if action is A.UNDO_DISPATCH:  # its own dispatch alone
        actor = replace(actor, person=town.people["dispatcher"])
    event = take_step(town.session, case, action, actor, town.now, given)
    told = tell(town.session, town.ground.office, [event])
    assert len(told) == 1
    return told[0]


@pytest.mark.parametrize("action", list(STEPS))
def test_every_step_is_told_with_its_facts(app, town, action):
    with app.test_request_context(headers={"Accept-Language": "en"}):
        for state in STEPS[action].from_states:
            case = put_in(town, state)
            make_ready(town, case, action)
            state = case.state
            told = taken(town, action, case)
            lines = "\n".join(told.lines)
            for words in TOLD.get(action, []):
                assert words in lines, (action, state, lines)
            assert "?" not in lines
            assert bool(told.way) == (case.state is not state)
            if told.way:
                assert str(case.state.label) in told.way


def test_no_step_is_left_out_of_this_table():
    assert set(TOLD) | QUIET == set(STEPS)
    assert QUIET.isdisjoint(TOLD)


@pytest.mark.parametrize("action", [A.SUPERVISE, A.ASSIGN, A.ASK_CANCEL, A.SCORE, A.ASK_EXTENSION])
def test_residents_are_told_nothing_of_what_is_the_office_s_own(app, town, action):
    with app.test_request_context():
        case = put_in(town, STEPS[action].from_states[0])
        make_ready(town, case, action)
        taken(town, action, case)
        assert action not in PLAIN
        assert [line.words for line in plain_story(case, {})] == ["您的上报已收到。"]


def test_a_word_that_was_corrected_is_told_with_what_it_was(app, session, town):
    case = town.report()
    event = CaseEvent(
        case_id=case.id, at=town.now, action=A.CORRECTED, from_state=State.REPORTED,
        to_state=State.REPORTED, note="",
        detail={"was": {"address": "东门"}, "set": {"address": "西门"}},
    )  # fmt: skip
    session.add(event)
    session.flush()
    with app.test_request_context(headers={"Accept-Language": "en"}):
        lines = tell(session, town.ground.office, [event])[0].lines
    assert len(lines) == 1
    assert "东门" in lines[0]
    assert "西门" in lines[0]
