"""What lies on the desk of a grid manager or an inspector."""

from flask_babel import lazy_gettext as _l

from webapp.cases.vocabulary import State
from webapp.desks.frame import Tab
from webapp.people.models import Role

ON_THE_SPOT = (Role.GRID_MANAGER, Role.INSPECTOR)
STILL_OPEN = (
    State.REPORTED, State.VERIFYING, State.OPENED, State.DISPATCHED, State.HANDLING,
    State.RETURNED, State.SUSPENDED, State.ANSWERED, State.CHECKING, State.REOPENED,
)  # fmt: skip

TABS = (
    Tab("verify", _l("to verify"), (State.VERIFYING,),
        hint=_l("Reports that the dispatcher wants you to look at come here.")),
    Tab("check", _l("to check"), (State.CHECKING,),
        hint=_l("What a department has mended comes here, to see that it is so.")),
    Tab("open", _l("all open here"), STILL_OPEN,
        hint=_l("Nothing is open in your area. A quiet day.")),
)  # fmt: skip
