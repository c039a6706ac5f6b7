"""What an address of the hot spots says: which cases, which places, and whose."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from flask_babel import gettext as _

from webapp.cases.listing import one_of, read_day
from webapp.core.errors import BadInput
from webapp.insight.hotspots.rules import GRIDS, QUEEN, By, Near, Rate, read_by, read_near
from webapp.insight.selection import Selection, checked, read_selection

NOW, EMERGING, CHANGE, BESIDE = "now", "emerging", "change", "beside"
VIEWS = (NOW, EMERGING, CHANGE, BESIDE)
"""The first three are of Gi*, the last is local Moran: each place beside its neighbours."""


@dataclass(frozen=True)
class Asked:
    """The whole address, read; `whose` is read by `reach.reach_of`."""

    selection: Selection
    against: Selection | None = None  # the same cases of another period
    by: By = GRIDS
    near: Near = QUEEN
    rate: Rate = Rate.COUNT
    whose: str = ""
    view: str = NOW
    raw: bool = False

    def within(self, **facts: object) -> "Asked":
        """The same of another part of the cases, in both periods."""
        against = self.against and replace(self.against, **facts)  # type: ignore[arg-type]
        return replace(self, selection=replace(self.selection, **facts), against=against)  # type: ignore[arg-type]

    def args(self) -> dict[str, str]:
        """The arguments of an address that say it."""
        given = {
            **self.selection.args(),
            "against_since": self.against and self.against.since,
            "against_until": self.against and self.against.until,
            "by": self.by.text if self.by != GRIDS else None,
            "weights": self.near.text if self.near != QUEEN else None,
            "rate": self.rate if self.rate is not Rate.COUNT else None,
            "whose": self.whose,
            "view": self.view if self.view != NOW else None,
            "raw": "1" if self.raw else None,
        }
        return {name: str(value) for name, value in given.items() if value}


def read_address(args: Mapping[str, str], today: date) -> Asked:
    """Raises BadInput in words for what none of it can be."""
    selection = read_selection(args, today)
    return Asked(
        selection=selection,
        against=_against(args, selection),
        by=read_by(args.get("by", "")),
        near=read_near(args.get("weights", "")),
        rate=Rate(one_of("rate", args.get("rate") or Rate.COUNT, tuple(Rate))),
        whose=args.get("whose", ""),
        view=one_of("view", args.get("view") or NOW, VIEWS),
        raw=args.get("raw") == "1",
    )


def _against(args: Mapping[str, str], selection: Selection) -> Selection | None:
    """The second period; one of its days without the other is no period."""
    given = {name: args.get(f"against_{name}", "") for name in ("since", "until")}
    first, last = (read_day(f"against_{name}", text) for name, text in given.items())
    if first is None and last is None:
        return None
    if first is None or last is None:
        raise BadInput("dates", _("To compare two periods, say the first and the last day."))
    return checked(replace(selection, since=first, until=last))
