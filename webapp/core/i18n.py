"""Two languages, and times in the zone of the office. Chinese is the default."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask import (
    Blueprint,
    Flask,
    g,
    has_app_context,
    has_request_context,
    redirect,
    request,
    session,
)
from flask.typing import ResponseReturnValue
from flask_babel import Babel, get_locale, gettext

from webapp.core.clock import now
from webapp.core.security import local_address

LANGUAGES = {"zh": "中文", "en": "English"}
DEFAULT_ZONE = "Asia/Shanghai"

blueprint = Blueprint("i18n", __name__)


def choose_language() -> str:
    """What was chosen here, else what the browser asks for; commands speak English."""
    if not has_request_context():
        return "en"
    chosen = session.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    return request.accept_languages.best_match(list(LANGUAGES)) or "zh"


def zone() -> ZoneInfo:
    """The zone in which this page shows its times (the office's, set by the page)."""
    return ZoneInfo(g.get("time_zone", DEFAULT_ZONE) if has_app_context() else DEFAULT_ZONE)


def show_moment(moment: datetime | None) -> str:
    """`今天 14:30`, `11月24日 14:30`, or with the year when it is another."""
    if moment is None:
        return ""
    local, today = moment.astimezone(zone()), now().astimezone(zone())
    clock = f"{local:%H:%M}"
    if local.date() == today.date():
        return gettext("today %(time)s", time=clock)
    words = _day_words(local.date(), local.year != today.year, str(get_locale()))
    return f"{words} {clock}"


def show_day(day: date) -> str:
    """`11月24日`, `24 Nov`."""
    return _day_words(day, False, str(get_locale()))


@lru_cache(2_000)
def _day_words(day: date, with_year: bool, language: str) -> str:
    """A table shows the same few days again and again."""
    pattern = "M月d日" if language == "zh" else "d MMM"
    if with_year:
        pattern = "yyyy年M月d日" if language == "zh" else "d MMM yyyy"
    return format_date(day, pattern, language)


def show_whole_moment(moment: datetime | None) -> str:
    """The date, time and zone in full, for hovering over the short form."""
    return "" if moment is None else f"{moment.astimezone(zone()):%Y-%m-%d %H:%M:%S %Z}"


def listed(words: Iterable[object]) -> str:
    """One after the other as the reader's language writes it: `a, b, c` or `甲、乙、丙`."""
    # Translators: stands between the words of a list
    return gettext(", ").join(map(str, words))


@blueprint.post("/language/<code>")
def set_language(code: str) -> ResponseReturnValue:
    if code in LANGUAGES:
        session["language"] = code
    return redirect(local_address(request.form.get("next")))


def init_app(app: Flask) -> None:
    Babel(app, default_locale="zh", locale_selector=choose_language)
    app.register_blueprint(blueprint)
    app.jinja_env.filters["listed"] = listed
    app.jinja_env.filters["moment"] = show_moment
    app.jinja_env.filters["plain_day"] = show_day
    app.jinja_env.filters["whole_moment"] = show_whole_moment
    app.jinja_env.globals.update(LANGUAGES=LANGUAGES, get_locale=get_locale, now=now)
