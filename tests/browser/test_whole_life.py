"""A case's whole life in a real browser: from a resident's photo to their word on what was done.

Everybody works on a desk and a device of their own. What is pressed and read is named as the page
names it, in Chinese; `say` gives the Chinese of the program's own words.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale, gettext
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from tests import databases
from tests.factories.cases import picture
from webapp.cases.models import CaseEvent, CaseKey
from webapp.cases.steps.wording import DEPARTMENT_LABELS, LABELS, NOTE_LABELS
from webapp.cases.vocabulary import Action, State
from webapp.core.clock import now
from webapp.places.models import Area, Grid
from webapp.sample.people import PASSWORD
from webapp.sample.service import load_office

A, S = Action, State
Say = Callable[[Any], str]
WORDS = "幼儿园门口的路灯不亮，晚上看不清路"
UTILITIES, ENFORCEMENT = "公用事业服务中心", "综合执法办公室"
DISPATCHER, MANAGER = "演示派遣员", "演示网格员一"
MEMBER, HEAD, ASSISTANT = "演示公用事业", "演示公用事业负责人", "演示综合执法"

LIFE = [
    (A.REPORTED, "", None, S.REPORTED),
    (A.ASK_VERIFICATION, DISPATCHER, S.REPORTED, S.VERIFYING),
    (A.VERIFY, MANAGER, S.VERIFYING, S.REPORTED),
    (A.OPEN, DISPATCHER, S.REPORTED, S.OPENED),
    (A.DISPATCH, DISPATCHER, S.OPENED, S.DISPATCHED),
    (A.TAKE, MEMBER, S.DISPATCHED, S.HANDLING),
    (A.ASK_HELP, MEMBER, S.HANDLING, S.HANDLING),
    (A.WHISTLE, DISPATCHER, S.HANDLING, S.HANDLING),
    (A.REPORT_IN, ASSISTANT, S.HANDLING, S.HANDLING),
    (A.ASK_EXTENSION, MEMBER, S.HANDLING, S.HANDLING),
    (A.ENDORSE_EXTENSION, HEAD, S.HANDLING, S.HANDLING),
    (A.GRANT_EXTENSION, DISPATCHER, S.HANDLING, S.HANDLING),
    (A.FINISH_TASK, ASSISTANT, S.HANDLING, S.HANDLING),
    (A.ANSWER, MEMBER, S.HANDLING, S.ANSWERED),
    (A.ASK_CHECK, DISPATCHER, S.ANSWERED, S.CHECKING),
    (A.FAIL_CHECK, MANAGER, S.CHECKING, S.HANDLING),
    (A.ANSWER, MEMBER, S.HANDLING, S.ANSWERED),
    (A.ASK_CHECK, DISPATCHER, S.ANSWERED, S.CHECKING),
    (A.PASS_CHECK, MANAGER, S.CHECKING, S.CLOSED),
    (A.RATE, "", S.CLOSED, S.CLOSED),
]
"""What has happened, by whom, from which state to which: line by line, the oldest first."""

IN_THE_LEDGER = {
    "来源": "居民",
    "社区": "建设社区",
    "小类": "路灯",
    "问题描述": WORDS,
    "主办": UTILITIES,
    "协办": ENFORCEMENT,
    "处置结果": "换了整流器",
    "核查人": MANAGER,
    "是否超期": "否",
    "返工次数": "1",
    "延期次数": "1",
    "照片(前/后)": "2/5",
}


@pytest.fixture(scope="module")
def database(database_kind: str) -> Iterator[Engine]:
    """The sample sub-district with its people, before anything was reported."""
    with databases.fresh(database_kind) as engine:
        with Session(engine, expire_on_commit=False) as session:
            load_office(session, now())
            session.commit()
        yield engine


@pytest.fixture
def here(session: Session) -> dict[str, float]:
    """A point well inside of a grid of the first community, where the lamp stands."""
    grid = session.scalars(select(Grid).join(Grid.area).order_by(Area.code)).first()
    point = func.ST_PointOnSurface(Grid.boundary)
    lon, lat = session.execute(
        select(func.ST_X(point), func.ST_Y(point)).where(Grid.id == grid.id)
    ).one()
    return {"longitude": lon, "latitude": lat, "accuracy": 6}


@pytest.fixture
def say(app: Flask) -> Say:
    def in_chinese(words: Any) -> str:
        with app.test_request_context(), force_locale("zh"):
            return gettext(words) if isinstance(words, str) else str(words)

    return in_chinese


@dataclass
class Worker:
    """A person at a desk: how they find a case on it, and press a button."""

    page: Page
    desk: str
    say: Say

    def find(self, number: str, tab: str) -> Locator:
        """The case in a list of the desk; answers the panel that opens beside or over it."""
        self.page.goto(self.desk)
        tabs = self.page.get_by_role("navigation", name=self.say("Lists of this desk"))
        tabs.get_by_role("link", name=re.compile(f"^{self.say(tab)} [1-9]")).click()
        self.page.wait_for_load_state()  # before its script runs, a row leads to the case's page
        self.page.get_by_role("link", name=number).click()
        panel = self.page.get_by_role("complementary", name=self.say("Case"), exact=True)
        expect(panel.get_by_role("article")).to_contain_text(WORDS)
        return panel

    def press(self, panel: Locator, action: Action, **typed: str) -> None:
        """Press a button, fill in its form if it has one, and see that the step was taken."""
        taken = self.say("%(number)s: %(what)s.") % {
            "number": panel.get_by_role("article").get_attribute("data-case"),
            "what": self.say(action.label),
        }
        name = self.say(action.button)
        button = panel.get_by_role("button", name=name, exact=True)
        if not button.is_visible():
            panel.get_by_role("button", name=self.say("More")).click()
        button.click()
        form = panel.get_by_role("form", name=name)
        for field, value in typed.items():
            self.fill(form, action, field, value)
        if typed:
            form.get_by_role("button", name=name, exact=True).click()
        expect(self.page.get_by_text(taken)).to_be_visible()

    def fill(self, form: Locator, action: Action, field: str, value: str) -> None:
        special = {"note": NOTE_LABELS, "department_id": DEPARTMENT_LABELS}.get(field, {})
        label = self.say(special.get(action, LABELS[field]))
        if field == "photos":
            form.get_by_label(self.say("Choose photos")).set_input_files(shot(value))
            expect(form.get_by_role("img", name=value)).to_be_visible()
        elif field == "department_id":
            form.get_by_label(label).select_option(value)
        elif field == "found":
            form.get_by_role("group", name=label).get_by_label(value).check()
        else:
            form.get_by_label(label).fill(value)


def shot(name: str) -> list[dict[str, Any]]:
    return [{"name": name, "mimeType": "image/jpeg", "buffer": picture((800, 600))}]


def test_from_a_dark_lamp_to_the_residents_word(
    new_page: Callable[..., Page], session: Session, here: dict[str, float], say: Say
) -> None:
    def worker(username: str, desk: str, size: str = "desk") -> Worker:
        page = new_page(size, geolocation=here, permissions=["geolocation"])
        sign_in(page, username, say)
        return Worker(page, f"/desk/{desk}", say)

    resident = new_page("phone", geolocation=here, permissions=["geolocation"])
    dispatcher = worker("dispatcher", "dispatch")
    manager = worker("grid1", "grid", "phone")
    member = worker("utilities", "department")
    head = worker("utilities-head", "department")
    assistant = worker("enforcement", "department", "phone")
    leader = worker("leader", "leader")

    number, link = report_the_lamp(resident, say)
    take_in(number, dispatcher, manager)
    call_for_help(number, dispatcher, member, assistant)
    extend(number, dispatcher, member, head)
    panel = assistant.find(number, "joint")
    assistant.press(panel, A.FINISH_TASK, note="围好了，交通疏导完毕", photos="fence.jpg")
    mend(number, "换了灯泡", "being handled", dispatcher, member)
    panel = manager.find(number, "to check")
    manager.press(panel, A.FAIL_CHECK, note="还是不亮", photos="still-dark.jpg")
    mend(number, "换了整流器", "came back", dispatcher, member)
    panel = manager.find(number, "to check")
    manager.press(panel, A.PASS_CHECK, note="亮了", photos="bright.jpg")
    rate(resident, link, say)
    row = read_in_the_ledger(leader.page, number, say)
    assert {column: row[column] for column in IN_THE_LEDGER} == IN_THE_LEDGER
    assert told_on_the_page(dispatcher.page, number, say) == [in_words(line, say) for line in LIFE]
    assert kept(session, number) == LIFE


def sign_in(page: Page, username: str, say: Say) -> None:
    page.goto("/sign-in")
    page.get_by_label(say("User name")).fill(username)
    page.get_by_label(say("Password"), exact=True).fill(PASSWORD)
    page.get_by_role("button", name=say("Sign in"), exact=True).click()
    page.wait_for_url(re.compile("/desk/"))


def report_the_lamp(phone: Page, say: Say) -> tuple[str, str]:
    """Send a report with a photo; its number and the link to follow it."""
    phone.goto("/report")
    expect(phone.get_by_text("建设社区").first).to_be_visible()
    phone.get_by_role("button", name=say("Next")).click()
    phone.get_by_role("searchbox", name=say("Search what is wrong")).fill("路灯")
    phone.get_by_role("button", name="单盏不亮").click()
    phone.get_by_label(say("In your words")).fill(WORDS)
    phone.get_by_label(say("Choose photos")).set_input_files(shot("lamp.jpg"))
    expect(phone.get_by_role("img", name="lamp.jpg")).to_be_visible()
    phone.get_by_role("button", name=say("Send"), exact=True).click()
    phone.wait_for_url(re.compile("/r/"))
    number = phone.get_by_text(re.compile(r"^\s*T\d+-?\d+\s*$")).first.inner_text()
    return number, phone.url.partition("?")[0]


def take_in(number: str, dispatcher: Worker, manager: Worker) -> None:
    """What comes from outside is looked at on the spot, opened and sent to its department."""
    dispatcher.press(dispatcher.find(number, "new"), A.ASK_VERIFICATION)
    panel = manager.find(number, "to verify")
    manager.press(panel, A.VERIFY, found="是", note="灯确实不亮", photos="dark.jpg")
    dispatcher.press(dispatcher.find(number, "new"), A.OPEN)
    panel = dispatcher.find(number, "to dispatch")
    dispatcher.press(panel, A.DISPATCH, department_id=UTILITIES, note="尽快")


def call_for_help(number: str, dispatcher: Worker, member: Worker, assistant: Worker) -> None:
    """The lead takes it and asks for another department; the street calls it, and it comes."""
    member.press(member.find(number, "to take on"), A.TAKE)
    panel = member.find(number, "being handled")
    member.press(panel, A.ASK_HELP, department_id=ENFORCEMENT, note="占道作业，要人疏导交通")
    panel = dispatcher.find(number, "help asked")
    dispatcher.press(panel, A.WHISTLE, note="到场疏导交通")
    panel = assistant.find(number, "joint")
    assistant.press(panel, A.REPORT_IN, note="到了")
    expect(panel.get_by_role("article")).to_contain_text(
        assistant.say("%(metres)s m from the case") % {"metres": 0}
    )


def extend(number: str, dispatcher: Worker, member: Worker, head: Worker) -> None:
    """One more limit: asked for by a member, endorsed by the head, granted by the street."""
    panel = member.find(number, "being handled")
    member.press(panel, A.ASK_EXTENSION, note="整流器要从银川调货")
    head.press(head.find(number, "extensions to endorse"), A.ENDORSE_EXTENSION)
    dispatcher.press(dispatcher.find(number, "extensions asked"), A.GRANT_EXTENSION)


def mend(number: str, done: str, tab: str, dispatcher: Worker, member: Worker) -> None:
    panel = member.find(number, tab)
    member.press(panel, A.ANSWER, note=done, photos="mended.jpg")
    dispatcher.press(dispatcher.find(number, "answered"), A.ASK_CHECK)


def rate(phone: Page, link: str, say: Say) -> None:
    """The resident reads on their link what was done, and says what they think of it."""
    phone.goto(link)
    expect(phone.get_by_role("main")).to_contain_text("换了整流器")
    phone.get_by_label(say("very much")).check()
    phone.get_by_label(say("A word to it")).fill("谢谢，亮了")
    phone.get_by_role("button", name=say("Send"), exact=True).click()
    expect(phone.get_by_text(say("Thank you: the office reads it."))).to_be_visible()


def read_in_the_ledger(page: Page, number: str, say: Say) -> dict[str, str]:
    """The case's row with all columns of the ledger, as a leader finds it."""
    page.get_by_role("link", name=say("Ledger"), exact=True).click()
    page.get_by_label(say("State"), exact=True).select_option(say(S.CLOSED.label))
    page.locator("summary").filter(has_text=say("Columns")).click()
    page.get_by_role("link", name=say("All columns")).click()
    table = page.get_by_role("table")
    row = table.get_by_role("row").filter(has_text=number)
    expect(row).to_have_count(1)
    heads = [head.strip(" ↑↓") for head in table.get_by_role("columnheader").all_inner_texts()]
    return dict(zip(heads, row.get_by_role("cell").all_inner_texts(), strict=True))


def told_on_the_page(page: Page, number: str, say: Say) -> list[tuple[str, str, str]]:
    """What the case's page says has happened, the oldest first: what, who, and the way."""
    page.goto(f"/cases/{number}")
    story = page.get_by_role("region", name=say("What has happened"))
    return [read_line(line) for line in story.get_by_role("listitem").all()[::-1]]


def read_line(item: Locator) -> tuple[str, str, str]:
    """Such as 已派遣, 今天 20:51 and 演示派遣员, and below them 已立案 → 已派遣."""
    what, _when, *who = item.locator(".timeline-head > *").all_inner_texts()
    way = item.get_by_text(" → ")
    return what, "".join(who), way.inner_text() if way.count() else ""


def in_words(line: tuple[Action, str, State | None, State], say: Say) -> tuple[str, str, str]:
    action, who, from_state, to_state = line
    way = (
        "" if from_state in (None, to_state) else f"{say(from_state.label)} → {say(to_state.label)}"
    )
    return say(action.label), who, way


def kept(session: Session, number: str) -> list[tuple[Action, str, State | None, State]]:
    """The same from the database."""
    session.rollback()  # what was read before the case came is over
    events = (
        select(CaseEvent)
        .join(CaseKey, CaseKey.case_id == CaseEvent.case_id)
        .where(CaseKey.number == number)
        .order_by(CaseEvent.at, CaseEvent.id)
    )
    return [
        (e.action, e.actor.name if e.actor else "", e.from_state, e.to_state)
        for e in session.scalars(events)
    ]
