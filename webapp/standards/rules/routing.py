"""Who answers for a case: of all rules that match its place and its class, one wins.

The order, each line deciding only what the one above leaves open:

1. the longest class path. What a case is about says who has the power and the tools to handle it;
   the place says who of them comes. A rule for one class in the whole sub-district is therefore
   not undone by a rule that gives a whole group of classes in one community to somebody;
2. the longest area path;
3. the newest rule;
4. the smallest id.

The winner speaks for all parts: a rule without a lead sends its cases to the dispatcher's desk, and
so does the absence of any rule. Nothing is ever lost.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

COMMUNITY: Literal["community"] = "community"  # 各社区: the community in which the place lies
Party = int | Literal["community"]  # a department's id, or that


class LostBy(StrEnum):
    """At which line of the order a rule lost against the winner."""

    CLASS = "class"
    AREA = "area"
    AGE = "age"
    ID = "id"


class Note(StrEnum):
    """What a reader of the decision should know besides the rules."""

    NO_RULE = "no_rule"
    NO_LEAD = "no_lead"
    CLOSED_LEAD = "closed_lead"  # the rule names a department that was closed down
    NO_COMMUNITY = "no_community"  # a rule means the community of the place, and there is none


@dataclass(frozen=True)
class Rule:
    """Cases of this class path in this area path go to these parties."""

    id: int
    area_path: str
    class_path: str
    made_at: datetime
    lead: Party | None = None
    informed: tuple[Party, ...] = ()
    leaders: tuple[int, ...] = ()  # persons' ids, the responsible one first


@dataclass(frozen=True)
class Match:
    """A rule that matched; the winner has lost by nothing."""

    rule: Rule
    lost_by: LostBy | None


@dataclass(frozen=True)
class Decision:
    """What the rules say for all places in `area_path` and all cases in `class_path`.

    Without a lead the case goes to the dispatcher's desk. `matches` has the winner first, then the
    losers in the order in which they would have won.
    """

    area_path: str
    class_path: str
    lead: int | None
    informed: tuple[int, ...]
    leaders: tuple[int, ...]
    community: int | None  # the department that 各社区 meant here
    matches: tuple[Match, ...]
    notes: tuple[Note, ...]

    @property
    def winner(self) -> Rule | None:
        return self.matches[0].rule if self.matches else None

    @property
    def leader(self) -> int | None:
        return self.leaders[0] if self.leaders else None


class Router:
    """The rules of an office, ready to be asked.

    Parameters
    ----------
    rules
        Those in force.
    communities
        The area path of each community that has a department of its own, and that department.
    closed
        Departments that were closed down: no case goes there, whatever a rule says.
    """

    def __init__(
        self, rules: Iterable[Rule], communities: Mapping[str, int], closed: Iterable[int] = ()
    ) -> None:
        self._rules: dict[tuple[str, str], list[Rule]] = {}
        for rule in rules:
            self._rules.setdefault((rule.area_path, rule.class_path), []).append(rule)
        self._communities = dict(communities)
        self._closed = frozenset(closed)
        self._areas = {area for area, _ in self._rules} | set(communities)
        self._classes = {class_path for _, class_path in self._rules}
        self._decided: dict[tuple[str, str], Decision] = {}
        self._scopes: dict[str, str] = {}  # of area paths asked for before

    @property
    def rules(self) -> list[Rule]:
        """All rules, in no particular order."""
        return [rule for rules in self._rules.values() for rule in rules]

    def own_rule(self, area_path: str, class_path: str) -> Rule | None:
        """The rule made for exactly this scope, if there is one; of several the first to win."""
        return min(self._rules.get((area_path, class_path), ()), key=_newest_first, default=None)

    def changed(self, area_path: str, class_path: str, rule: Rule | None) -> "Router":
        """The router there would be if `rule`, or none, were the rule for exactly this scope."""
        kept = [r for r in self.rules if (r.area_path, r.class_path) != (area_path, class_path)]
        return Router([*kept, rule] if rule else kept, self._communities, self._closed)

    def route(self, area_path: str, class_path: str) -> Decision:
        """Who answers for a case of this class path at a place in this area path."""
        scope = self.area_scope(area_path), self.class_scope(class_path)
        decision = self._decided.get(scope)
        if decision is None:
            decision = self._decided[scope] = self._decide(*scope)
        return decision

    def area_scope(self, area_path: str) -> str:
        """The part of an area path on which decisions depend: all places in it are one to us."""
        scope = self._scopes.get(area_path)
        if scope is None:
            scope = next((p for p in prefixes(area_path) if p in self._areas), "/")
            self._scopes[area_path] = scope
        return scope

    def class_scope(self, class_path: str) -> str:
        """The part of a class path on which decisions depend."""
        return next((p for p in prefixes(class_path) if p in self._classes), "/")

    def _decide(self, area_path: str, class_path: str) -> Decision:
        matches = self._matches(area_path, class_path)
        community = next(
            (self._communities[p] for p in prefixes(area_path) if p in self._communities), None
        )
        if not matches:
            notes = (Note.NO_RULE,)
            return Decision(area_path, class_path, None, (), (), None, (), notes)
        rule = matches[0].rule
        parties = [
            community if party == COMMUNITY else party for party in (rule.lead, *rule.informed)
        ]
        meant = COMMUNITY in (rule.lead, *rule.informed)
        named = parties[0]
        lead = None if named in self._closed else named
        others = (p for p in parties[1:] if p is not None and p not in self._closed)
        informed = dict.fromkeys(p for p in others if p != lead)
        found = {
            Note.NO_LEAD: named is None,
            Note.CLOSED_LEAD: named in self._closed,
            Note.NO_COMMUNITY: meant and community is None,
        }
        return Decision(
            area_path,
            class_path,
            lead,
            tuple(informed),
            rule.leaders,
            community if meant else None,
            matches,
            tuple(note for note, holds in found.items() if holds),
        )

    def _matches(self, area_path: str, class_path: str) -> tuple[Match, ...]:
        """All rules that hold here, in order: class paths from the longest, then area paths."""
        areas = list(prefixes(area_path))
        ordered = [
            rule
            for class_prefix in prefixes(class_path)
            for area in areas
            for rule in sorted(self._rules.get((area, class_prefix), ()), key=_newest_first)
        ]
        return tuple(Match(rule, _lost_by(ordered[0], rule)) for rule in ordered)


def prefixes(path: str) -> Iterator[str]:
    """A separated path and all it lies in, from the longest to the root ``/``.

    Raises ValueError for a path that does not begin and end with ``/``: cut anywhere else, council
    1 would match 10 to 19.
    """
    if not (path.startswith("/") and path.endswith("/")):
        raise ValueError(f"the path {path!r} must begin and end with '/'")
    while path != "/":
        yield path
        path = path[: path.rindex("/", 0, -1) + 1]
    yield path


def _newest_first(rule: Rule) -> tuple[float, int]:
    return -rule.made_at.timestamp(), rule.id


def _lost_by(winner: Rule, rule: Rule) -> LostBy | None:
    if rule is winner:
        return None
    if rule.class_path != winner.class_path:
        return LostBy.CLASS
    if rule.area_path != winner.area_path:
        return LostBy.AREA
    return LostBy.AGE if rule.made_at != winner.made_at else LostBy.ID
