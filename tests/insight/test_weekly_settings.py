"""When the weekly message of hot spots comes, and over how many weeks, is for an office to say."""

from datetime import date

import pytest

from gis.emerging import FEWEST_PERIODS
from tests.factories.people import make_person, sign_in, token
from webapp.cases.life.clocks import STAGE_LIMITS
from webapp.cases.notices.weekly import FEWEST_WEEKS, MOST_WEEKS, WEEKS
from webapp.insight.follows.rules import span_of, week_of
from webapp.insight.hotspots import rules
from webapp.people.models import Role

TUESDAY = date(2026, 11, 24)
ENGLISH = {"Accept-Language": "en"}
USUAL = {f"{name}_unit": unit for name, (_amount, unit) in STAGE_LIMITS.items()} | {
    "verify_sources": ["public", "media", "transferred"]
}


@pytest.fixture
def admin(session):
    person = make_person(session, None, Role.ADMINISTRATOR)
    session.commit()
    return person


@pytest.fixture
def save(client, session, admin):
    """Send the form of the settings; answers the status and what the office has then."""
    sign_in(client, admin)

    def go(**facts):
        form = USUAL | facts | {"csrf_token": token(client, "/me")}
        answer = client.post("/admin/settings", data=form, headers=ENGLISH)
        session.rollback()
        session.refresh(admin.office)
        return answer, admin.office.settings

    return go


def test_day_and_weeks_are_kept_shown_and_hold(client, save):
    answer, settings = save(hotspot_weekday="2", hotspot_weeks="20")
    assert answer.status_code == 302
    assert settings == {"hotspot_weekday": 2, "hotspot_weeks": 20}
    wednesday = date(2026, 11, 18)
    assert week_of(TUESDAY, settings) == wednesday
    assert span_of(wednesday, settings) == (date(2026, 7, 1), date(2026, 11, 17))
    page = client.get("/admin/settings", headers=ENGLISH).text
    assert '<option selected value="2">Wednesday</option>' in page
    assert 'value="20"' in page
    assert "usually Monday" in page


def test_what_is_usual_is_not_kept(save):
    save(hotspot_weekday="2", hotspot_weeks="20")
    for weekday in ("0", ""):
        assert save(hotspot_weekday=weekday, hotspot_weeks="12")[1] == {}


@pytest.mark.parametrize(
    ("facts", "words"),
    [({"hotspot_weeks": "9"}, "A whole number from 10 to 52."),
     ({"hotspot_weeks": "53"}, "A whole number from 10 to 52."),
     ({"hotspot_weeks": "12.5"}, "Not a valid integer value."),
     ({"hotspot_weekday": "7"}, "Not a valid choice."),
     ({"hotspot_weekday": "-1"}, "Not a valid choice."),
     ({"hotspot_weekday": "Monday"}, "Not a valid choice.")],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_words(save, facts, words):
    answer, settings = save(**facts)
    assert answer.status_code == 422
    assert words in answer.text
    assert "is-invalid" in answer.text
    assert settings == {}


def test_what_may_be_set_can_be_looked_at_by_week():
    """Of more weeks the analysis would go by months, and of fewer there is none."""
    assert FEWEST_PERIODS <= FEWEST_WEEKS <= WEEKS <= MOST_WEEKS <= rules.MOST_WEEKS
