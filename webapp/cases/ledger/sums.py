"""Sums of a ledger by department, community and class, counted while its rows go by.

The rate shows its parts: `in time` of those that were `due`. Due are cases that were handled or
whose limit has passed; those exempted by an appeal are not counted there, though they stay among
the overdue.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from webapp.cases.ledger.columns import BY_KEY
from webapp.cases.ledger.reading import Reading
from webapp.cases.vocabulary import State

Key = tuple[str, ...]


@dataclass
class Counts:
    """What is counted of the cases with one key."""

    cases: int = 0
    closed: int = 0
    overdue: int = 0
    in_time: int = 0
    due: int = 0

    @property
    def rate(self) -> float | None:
        return self.in_time / self.due if self.due else None

    def add(self, row: Any, overdue: bool | None, handled: bool) -> None:
        self.cases += 1
        self.closed += row.state is State.CLOSED
        self.overdue += overdue is True
        if overdue is not None and not row.exempt and (overdue or handled):
            self.due += 1
            self.in_time += not overdue


class Sum:
    """One sheet of sums: by what, and the counts found so far."""

    def __init__(self, title: str, heads: Key, key: Callable[[Any], Key]) -> None:
        self.title, self.heads, self.key = title, heads, key
        self.found: dict[Key, Counts] = {}
        self.total = Counts()

    def add(self, row: Any, overdue: bool | None, handled: bool) -> None:
        for counts in (self.found.setdefault(self.key(row), Counts()), self.total):
            counts.add(row, overdue, handled)

    def rows(self) -> Iterator[tuple[Key, Counts]]:
        """The largest first, then the total."""
        yield from sorted(self.found.items(), key=lambda item: (-item[1].cases, item[0]))
        yield (_("Total"), *[""] * (len(self.heads) - 1)), self.total


class Sums:
    """The three sheets of one ledger."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        nobody, nowhere = _("no department"), _("in no grid")
        self.sheets = (
            Sum(_("By department"), (BY_KEY["lead"].name,), lambda r: (r.lead or nobody,)),
            Sum(
                _("By community"),
                (BY_KEY["community"].name,),
                lambda r: (r.community or nowhere,),
            ),
            Sum(
                _("By class"),
                (BY_KEY["group"].name, BY_KEY["class"].name),
                lambda r: (
                    reading.group(r.group_code, r.group_name),
                    reading.class_name(r.class_zh, r.class_en),
                ),
            ),
        )

    def add(self, row: Any) -> None:
        overdue, handled = self.reading.overdue(row), self.reading.handled(row)
        for sheet in self.sheets:
            sheet.add(row, overdue, handled)
