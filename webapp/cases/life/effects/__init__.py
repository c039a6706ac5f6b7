"""What each step changes. Pure of writing: the one writer (`life.steps`) applies what is answered.

An effect raises BadInput for what a person gave; whether the step is possible at all was asked
before (`life.guards`).
"""

from webapp.cases.life.effects import ending, handling, intake, joint, requests
from webapp.cases.life.effects.common import nothing_more

__all__ = ["ending", "handling", "intake", "joint", "nothing_more", "requests"]
