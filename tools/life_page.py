"""Write docs/life.md from the table of steps: `python -m tools.life_page`.

A test holds the page against the table, so neither changes without the other.
"""

from collections.abc import Iterator
from pathlib import Path

from webapp.cases.life.clocks import STAGE_LIMITS, STAGES
from webapp.cases.life.scene import Who
from webapp.cases.life.table import BY_STATE, STEPS, Step, Way
from webapp.cases.models import FINAL_STATES
from webapp.cases.vocabulary import Action, State

PAGE = Path(__file__).resolve().parent.parent / "docs" / "life.md"
HEAD = """\
# The life of a case

<!-- Written from the table of steps by `python -m tools.life_page`: change that, not this page. -->

Only `cases.life.take_step` changes the state of a case. It asks one table
(`webapp/cases/life/table.py`) whether the step is possible from here, for this person, with what
they give; asks the guards; applies what the step's effect answers; and writes one event in the
same commit. Buttons, permissions, notices and this page are made from the same table.

- An event keeps all that its step has set, so the events alone give the present of a case
  (`flask cases check-events`), and how long it was in each stage (`stage_times`).
- A step that would change nothing is refused. Time never runs backwards in a case: when the clock
  of the machine was set back, an event is put right behind the last.
- Who was given a page with an older version of the case is told what others did meanwhile.
- The program is the worker that resumes what was suspended, or acts when a department is closed
  down (`cases.life.closing`).

The handling clock begins with the dispatch to a department. It stands while the case lies with
others: returned, called back, suspended, answered, being checked, reopened. It runs on with what
was left when the same department gets the case again, and begins anew at another department and
for a corrected class. What was late when it stopped stays late.
"""
WHO = {
    Who.DISPATCHER: "dispatcher",
    Who.GRID_MANAGER: "grid manager",
    Who.INSPECTOR: "inspector",
    Who.LEADER: "leader",
    Who.LEAD: "lead department",
    Who.LEAD_HEAD: "its head",
    Who.ASSISTANT: "called department",
    Who.RESIDENT: "resident",
    Who.PROGRAM: "the program",
}


def page() -> str:
    return "\n".join([HEAD, *_map(), "", *_limits(), "", *_table(), ""])


def _map() -> Iterator[str]:
    yield "## From state to state\n"
    yield "Steps that leave the state as it is are not shown; `←` leads back to the state before.\n"
    for state in State:
        moves = [
            f"{action.button} → {_to(step)}"
            for (start, action), step in BY_STATE.items()
            if start is state and step.to is not Way.STAYS
        ]
        final = " (final)" if state in FINAL_STATES else ""
        yield f"- **{state.label}**{final}: {'; '.join(moves) or 'no way out'}"


def _limits() -> Iterator[str]:
    yield "## Limits of the stages\n"
    yield "Besides the handling limit of its class; an office sets its own in its settings.\n"
    yield "| while it is | limit | of |"
    yield "|---|---|---|"
    for state, name in STAGES.items():
        amount, unit = STAGE_LIMITS[name]
        yield f"| {state.label} | `{name}` | {amount} {unit.replace('_', ' ')}s |"


def _table() -> Iterator[str]:
    yield "## All steps\n"
    yield "What stands with a * must be given.\n"
    yield "| step | from | to | who | gives | must hold |"
    yield "|---|---|---|---|---|---|"
    for action, step in STEPS.items():
        cells = (
            _name(action),
            "any open" if _any_open(step) else ", ".join(str(s.label) for s in step.from_states),
            _to(step),
            ", ".join(WHO[who] for who in step.who),
            ", ".join(f"`{ask.rstrip('*')}`{'*' * ask.endswith('*')}" for ask in step.asks),
            "; ".join(str(guard.__doc__) for guard in step.guards),
        )
        yield f"| {' | '.join(cells)} |"


def _name(action: Action) -> str:
    return f"{action.button} `{action.value}`"


def _any_open(step: Step) -> bool:
    return set(step.from_states) == set(State) - FINAL_STATES


def _to(step: Step) -> str:
    if isinstance(step.to, State):
        return str(step.to.label)
    return "←" if step.to is Way.BACK else "stays"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
