"""The resident's own page: plain words, no staff, and their word at the end."""

from datetime import timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from tests import scenes
from tests.factories.cases import picture
from tests.factories.life import make_town
from tests.factories.people import sign_in
from webapp import create_app
from webapp.cases.models import Case, CaseEvent, Photo
from webapp.cases.photos import read_photo, store_photo
from webapp.cases.vocabulary import Action, PhotoKind, State
from webapp.core.clock import now

TOKEN = "f" * 40
LINK = f"/r/{TOKEN}"
ENGLISH = {"Accept-Language": "en"}
DRAFT = {"follow_token": TOKEN}


scene = scenes.by(town=make_town)


@pytest.fixture
def town(scene, session, database):
    made = scene.on(session)
    made.now = now() - timedelta(hours=2)
    return made


@pytest.fixture
def app(app):
    app.config["WTF_CSRF_ENABLED"] = False  # the people's room tests it
    return app


def fresh(session, case):
    session.rollback()
    session.refresh(case)
    return case


def is_there(client, address):
    with client.get(address) as answer:
        return answer.status_code == 200


def photo_of_ours(app):
    photo = read_photo("a.jpg", BytesIO(picture()), ZoneInfo("Asia/Shanghai"))
    store_photo(app.config["WANGGE"].photo_dir, photo)
    return photo


def test_a_resident_reads_what_happened_and_nothing_of_the_office_s_own(client, app, session, town):
    case = town.report(draft=DRAFT)
    secret = "内部意见"
    town.step(case, Action.ASK_VERIFICATION, "dispatcher", note=secret)
    town.step(case, Action.VERIFY, "manager", found=True, note=secret)
    town.step(case, Action.OPEN, "dispatcher", note=secret)
    town.step(case, Action.DISPATCH, "dispatcher", department_id=town.helpers.id, note=secret)
    town.now -= timedelta(seconds=55)
    town.step(case, Action.UNDO_DISPATCH, "dispatcher")
    town.step(case, Action.DISPATCH, "dispatcher", department_id=town.centre.id, note=secret)
    town.step(case, Action.TAKE, "member")
    town.step(case, Action.ASSIGN, "head", assignee_id=town.people["member"].id, note=secret)
    town.step(case, Action.SUPERVISE, "leader", note=secret, kind="key", colour="red",
              reply_by=now() + timedelta(days=1))  # fmt: skip
    town.step(case, Action.ANSWER, "member", note="换了灯泡", photos=(photo_of_ours(app),))
    session.commit()
    page = client.get(LINK, headers=ENGLISH).text
    for words in ("It has been accepted.", "公用事业服务中心 has begun.", "says that it is done"):
        assert words in page
    assert "综合执法队" not in page  # the dispatch there was taken back
    assert "换了灯泡" not in page  # not before it is checked
    for hidden in (secret, "马建国", "supervis"):
        assert hidden not in page
    town.step(case, Action.ASK_CHECK, "dispatcher")
    town.step(case, Action.PASS_CHECK, "manager", note=secret)
    session.commit()
    page = client.get(LINK, headers=ENGLISH).text
    assert "换了灯泡" in page
    assert secret not in page


def test_photos_of_the_work_are_shown_once_it_is_closed_and_none_that_failed(
    client, app, session, town
):
    case = town.handling(draft=DRAFT)
    steps = [
        (Action.ANSWER, "member"), (Action.ASK_CHECK, "dispatcher"), (Action.FAIL_CHECK, "manager"),
        (Action.ANSWER, "member"), (Action.ASK_CHECK, "dispatcher"), (Action.PASS_CHECK, "manager"),
    ]  # fmt: skip
    seen = []
    for action, name in steps:
        photos = () if action is Action.ASK_CHECK else (photo_of_ours(app),)
        event = town.step(case, action, name, note="看", photos=photos)
        session.commit()
        ids = session.scalars(select(Photo.id).where(Photo.event_id == event.id)).all()
        seen += [(photo_id, action) for photo_id in ids]
        if case.state is not State.CLOSED:
            assert not any(is_there(client, f"{LINK}/photos/{i}") for i, _a in seen)
    shown = [i for i, _a in seen if is_there(client, f"{LINK}/photos/{i}/small")]
    assert shown == [i for i, _action in seen[2:]]  # the last answer's and the passed check's
    kinds = select(Photo.kind).where(Photo.id.in_(shown))
    assert set(session.scalars(kinds)) == {PhotoKind.AFTER}


def test_it_is_rated_once_from_1_to_5(client, session, town):
    case = town.closed(draft=DRAFT)
    session.commit()
    for score, status in [("", 422), ("0", 422), ("6", 422), ("many", 422), ("4", 303)]:
        sent = client.post(f"{LINK}/rate", data={"score": score, "note": "很快"})
        assert sent.status_code == status, score
        assert score == "4" or "很快" in sent.text
    assert fresh(session, case).satisfaction == 4
    again = client.post(f"{LINK}/rate", data={"score": "1"})
    assert again.status_code == 409
    assert fresh(session, case).satisfaction == 4
    assert "4 of 5" in client.get(LINK, headers=ENGLISH).text


def test_not_done_goes_back_to_the_dispatcher_with_the_resident_s_words(client, app, session, town):
    case = town.closed(draft=DRAFT)
    session.commit()
    assert client.post(f"{LINK}/not-done", data={"note": " "}).status_code == 422
    long = client.post(f"{LINK}/not-done", data={"note": "长" * 100_000})
    assert long.status_code == 422
    assert "长长" in long.text
    assert client.post(f"{LINK}/not-done", data={"note": "还是不亮"}).status_code == 303
    assert fresh(session, case).state is State.REOPENED
    late = client.post(f"{LINK}/not-done", data={"note": "又不亮了"})
    assert late.status_code == 409
    assert "又不亮了" in late.text
    desk = app.test_client()
    sign_in(desk, town.people["dispatcher"])
    assert "还是不亮" in desk.get(f"/cases/{case.number}").text


def events(session, case, action):
    of_case = select(CaseEvent).where(CaseEvent.case_id == case.id, CaseEvent.action == action)
    session.rollback()
    return len(session.scalars(of_case).all())


def test_an_impatient_finger_says_a_thing_once_and_is_answered_alike(client, session, town):
    case = town.closed(draft=DRAFT)
    session.commit()
    rating = {"score": "4", "note": "很快", "version": str(case.version)}
    first, second = (client.post(f"{LINK}/rate", data=rating) for _press in range(2))
    assert (first.status_code, first.location) == (second.status_code, second.location)
    assert first.status_code == 303
    assert events(session, case, Action.RATE) == 1
    assert client.post(f"{LINK}/rate", data=rating | {"note": "慢"}).status_code == 409

    word = {"note": "还是不亮", "version": str(fresh(session, case).version)}
    for _press in range(2):
        assert client.post(f"{LINK}/not-done", data=word).status_code == 303
    assert events(session, case, Action.REOPEN) == 1
    assert client.post(f"{LINK}/rate", data=rating).status_code == 409, "that word was taken back"


def test_the_same_words_after_it_was_closed_anew_are_a_word_of_their_own(client, session, town):
    case = town.closed(draft=DRAFT)
    session.commit()
    assert client.post(f"{LINK}/not-done", data={"note": "还是不亮"}).status_code == 303
    fresh(session, case)
    town.now = now()
    town.step(case, Action.ASK_CHECK, "dispatcher")
    town.step(case, Action.PASS_CHECK, "manager", note="亮了")
    session.commit()
    assert client.post(f"{LINK}/not-done", data={"note": "还是不亮"}).status_code == 303
    assert fresh(session, case).state is State.REOPENED
    assert events(session, case, Action.REOPEN) == 2


def test_before_the_end_a_resident_can_only_read(client, session, town):
    case = town.handling(draft=DRAFT)
    session.commit()
    assert client.post(f"{LINK}/rate", data={"score": "5"}).status_code == 409
    assert client.post(f"{LINK}/not-done", data={"note": "快"}).status_code == 409
    assert client.post(f"{LINK}/close", data={"note": "x"}).status_code == 404
    assert client.post(f"/r/{'0' * 40}/rate", data={"score": "5"}).status_code == 404
    assert fresh(session, case).state is State.HANDLING


def test_a_refusal_is_told_with_its_reason(client, session, town):
    case = town.report(draft=DRAFT)
    town.step(case, Action.REFUSE, "dispatcher", note="不属于本街道")
    session.commit()
    assert "不属于本街道" in client.get(LINK).text


def test_who_reported_again_what_was_known_sees_how_that_goes(client, session, town):
    case, main = town.report(draft=DRAFT), town.handling()
    town.step(case, Action.MERGE, "dispatcher", into_number=main.number)
    session.commit()
    page = client.get(LINK, headers=ENGLISH).text
    assert "reported before" in page
    assert "being handled" in page
    town.step(main, Action.ANSWER, "member", note="修好了")
    town.step(main, Action.ASK_CHECK, "dispatcher")
    town.step(main, Action.PASS_CHECK, "manager", note="好")
    session.commit()
    assert "修好了" in client.get(LINK).text
    assert session.scalar(select(Case.state).where(Case.id == case.id)) is State.MERGED


def test_the_resident_s_word_needs_the_form_s_token_and_has_a_limit(database, session, town):
    town.closed(draft=DRAFT)
    session.commit()
    strict = create_app(engine=database, testing=True, secret_key="x", rate_limits=True)
    client = strict.test_client()
    assert client.post(f"{LINK}/rate", data={"score": "5"}).status_code == 400
    strict.config["WTF_CSRF_ENABLED"] = False
    statuses = {client.post(f"{LINK}/rate", data={"score": "9"}).status_code for _ in range(25)}
    assert statuses == {422, 429}
