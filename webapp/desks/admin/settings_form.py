"""The settings of an office: what each is for, what may be typed, and what holds without one."""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField, SelectMultipleField, widgets
from wtforms.fields.choices import SelectChoice
from wtforms.validators import NumberRange, Optional

from webapp.cases.life.clocks import STAGE_LIMITS
from webapp.cases.life.effects.joint import REPORT_IN_WITHIN
from webapp.cases.life.guards import VERIFIED_FIRST
from webapp.cases.notices.thresholds import LEADER_TOLD_AT_PERCENT
from webapp.cases.notices.weekly import FEWEST_WEEKS, MOST_WEEKS, WEEKDAY, WEEKS
from webapp.cases.service import FARTHEST_M
from webapp.cases.similar import SIMILAR_HOURS, SIMILAR_M
from webapp.cases.vocabulary import Source
from webapp.places.locating import NEAR_EDGE_M
from webapp.standards.models import LimitUnit
from webapp.standards.rules.clock import WARN_PERCENT

UNIT_LABELS = {
    LimitUnit.WORK_HOUR: _l("work hours"),
    LimitUnit.WORK_DAY: _l("work days"),
    LimitUnit.URGENT_HOUR: _l("urgent hours"),
    LimitUnit.URGENT_DAY: _l("urgent days"),
}
STAGE_LABELS = {
    "accept": _l("to accept or refuse a report"),
    "verify": _l("to verify it on the spot"),
    "dispatch": _l("to dispatch an opened case"),
    "take": _l("for the department to take it on"),
    "ask_check": _l("to send an answered case to be checked"),
    "check": _l("to check it on the spot"),
}
WEEKDAYS = (
    _l("Monday"), _l("Tuesday"), _l("Wednesday"), _l("Thursday"), _l("Friday"), _l("Saturday"),
    _l("Sunday"),
)  # fmt: skip
MOST_AMOUNT = 999
SOURCES = [source for source in Source if source is not Source.IMPORT]


@dataclass(frozen=True)
class Number:
    """A setting that is a whole number; `name` is its key in the office's settings."""

    name: str
    label: Any
    unit: Any
    default: int
    least: int
    most: int


NUMBERS = (
    Number("report_in_minutes", _l("A department that is called reports in within"),
           _l("minutes"), int(REPORT_IN_WITHIN.total_seconds() // 60), 5, 24 * 60),
    Number("warn_percent", _l("A limit, also of a stage, shows yellow from"),
           _l("% of its time"), WARN_PERCENT, 1, 99),
    Number("leader_told_at_percent", _l("The leader hears of a late case at"),
           _l("% of its limit"), LEADER_TOLD_AT_PERCENT, 101, 1000),
    Number("similar_m", _l("Cases of one class are shown as alike within"),
           _l("metres"), int(SIMILAR_M), 1, 5000),
    Number("similar_hours", _l("and within"), _l("hours"), int(SIMILAR_HOURS), 1, 24 * 90),
    Number("near_edge_m", _l("A place is near an edge within"),
           _l("metres"), int(NEAR_EDGE_M), 0, 200),
    Number("farthest_report_m", _l("Reports are taken from outside all grids up to"),
           _l("metres"), int(FARTHEST_M), 0, 100_000),
)  # fmt: skip
HOTSPOT_WEEKS = Number("hotspot_weeks", _l("How places develop is looked at over the last"),
                       _l("weeks"), WEEKS, FEWEST_WEEKS, MOST_WEEKS)  # fmt: skip
ALL_NUMBERS = (*NUMBERS, HOTSPOT_WEEKS)


class BaseSettingsForm(FlaskForm):
    """Empty means: as it is without a setting."""

    verify_sources = SelectMultipleField(
        _l("Verified on the spot before they are opened: reports from"),
        choices=[SelectChoice(source.value, source.label) for source in SOURCES],
        option_widget=widgets.CheckboxInput(),
        widget=widgets.ListWidget(prefix_label=False),
    )
    hotspot_weekday = SelectField(
        _l("The week begins, and its message comes, on"),
        choices=[
            SelectChoice("", _l("as usual")),
            *(SelectChoice(str(day), name) for day, name in enumerate(WEEKDAYS)),
        ],
        default="",
    )

    def settings(self, before: dict[str, Any]) -> dict[str, Any]:
        """The office's settings with what was typed; what is as without a setting is left out."""
        names = {"stage_limits", "verify_sources", "hotspot_weekday"}
        names |= {number.name for number in ALL_NUMBERS}
        after = {name: value for name, value in before.items() if name not in names}
        for number in ALL_NUMBERS:
            value = self[number.name].data
            if value is not None and value != number.default:
                after[number.name] = value
        if self.hotspot_weekday.data not in ("", str(WEEKDAY)):
            after["hotspot_weekday"] = int(self.hotspot_weekday.data)
        limits = {name: limit for name in STAGE_LIMITS if (limit := self._limit(name))}
        if limits:
            after["stage_limits"] = limits
        sources = [source.value for source in SOURCES if source in self.verify_sources.data]
        if set(sources) != set(VERIFIED_FIRST):
            after["verify_sources"] = sources
        return after

    def _limit(self, name: str) -> list[Any] | None:
        amount, unit = self[f"{name}_amount"].data, self[f"{name}_unit"].data
        if amount is None or (amount, unit) == STAGE_LIMITS[name]:
            return None
        return [amount, unit]


def _settings_form() -> type[BaseSettingsForm]:
    """The form with a field for each number and two for each limit of a stage."""
    fields: dict[str, Any] = {}
    for number in ALL_NUMBERS:
        fields[number.name] = IntegerField(
            number.label, [Optional(), _between(number.least, number.most)]
        )
    units = [SelectChoice(unit.value, label) for unit, label in UNIT_LABELS.items()]
    for name, label in STAGE_LABELS.items():
        fields[f"{name}_amount"] = IntegerField(label, [Optional(), _between(1, MOST_AMOUNT)])
        fields[f"{name}_unit"] = SelectField(_l("Unit"), choices=units)
    return type("SettingsForm", (BaseSettingsForm,), fields)


def _between(least: int, most: int) -> NumberRange:
    words = _l("A whole number from %(least)d to %(most)d.", least=least, most=most)
    return NumberRange(least, most, words)


SettingsForm = _settings_form()


def typed(settings: dict[str, Any]) -> dict[str, Any]:
    """What the form shows of settings as they are kept."""
    shown: dict[str, Any] = {number.name: settings.get(number.name) for number in ALL_NUMBERS}
    shown["hotspot_weekday"] = str(settings.get("hotspot_weekday", ""))
    for name, default in STAGE_LIMITS.items():
        own = settings.get("stage_limits", {}).get(name)
        shown[f"{name}_amount"] = own[0] if own else None
        shown[f"{name}_unit"] = (own or default)[1]
    shown["verify_sources"] = list(settings.get("verify_sources", VERIFIED_FIRST))
    return shown


def default_words(number: Number) -> str:
    return _("usually %(number)d", number=number.default)
