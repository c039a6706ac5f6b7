"""Who shall answer in a scope, as the administrator says it."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.standards.rules import COMMUNITY, Party
from webapp.standards.service import Parties

DESK = "desk"


class Boxes(SelectMultipleField):
    """Several of a list, as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class RuleForm(FlaskForm):
    """The parties of one rule. `seen` is the rule that held in the scope when the form was made."""

    lead = SelectField(
        _l("Lead"), [InputRequired()], description=_l("Handles the case and answers for it.")
    )
    informed = Boxes(_l("Informed"))
    leader = SelectField(_l("Responsible leader"))
    leaders = Boxes(_l("Other leaders"))
    take_back = BooleanField()
    area = HiddenField()
    of_class = HiddenField()
    seen = HiddenField()

    def __init__(
        self, departments: dict[int, str], leaders: dict[int, str], *args: Any, **given: Any
    ) -> None:
        super().__init__(*args, **given)
        bodies = _choices(departments)
        community = SelectChoice(str(COMMUNITY), _("the community of the place"))
        people = _choices(leaders)
        desk = SelectChoice(DESK, _("the dispatcher's desk"))
        self.lead.choices = [desk, community, *bodies]
        self.informed.choices = [community, *bodies]
        self.leader.choices = [SelectChoice("", "—"), *people]
        self.leaders.choices = people

    def show(self, parties: Parties) -> None:
        """Fill the fields with the parties of a rule."""
        self.lead.data = DESK if parties.lead is None else str(parties.lead)
        self.informed.data = [str(party) for party in parties.informed]
        first, *others = [str(leader) for leader in parties.leaders] or [""]
        self.leader.data, self.leaders.data = first, others

    def parties(self) -> Parties | None:
        """What the fields say; None: take the rule back."""
        if self.take_back.data:
            return None
        lead = None if self.lead.data == DESK else _party(self.lead.data)
        informed = (_party(party) for party in self.informed.data or ())
        leaders = [*filter(None, [self.leader.data]), *(self.leaders.data or ())]
        return Parties(
            lead,
            tuple(party for party in informed if party != lead),
            tuple(dict.fromkeys(int(leader) for leader in leaders)),
        )


def _choices(names: dict[int, str]) -> list[SelectChoice]:
    return [SelectChoice(str(number), name) for number, name in names.items()]


def _party(value: str) -> Party:
    return COMMUNITY if value == COMMUNITY else int(value)
