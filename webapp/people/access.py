"""Who is at the door, which desks are open to them, and in which areas."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any, TypeVar

from flask import Flask, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import LoginManager, UserMixin, current_user
from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload

from webapp.core.database import current_session
from webapp.core.errors import NotAllowed, answer, wants_json
from webapp.core.i18n import listed
from webapp.people.models import Duty, Office, Person, Role

login_manager = LoginManager()
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Caller:
    """Who is signed in, as little of them as a busy door needs."""

    id: int
    sign_in_epoch: int
    must_change_password: bool
    roles: frozenset[Role]


class SignedIn(UserMixin):
    """A person as Flask-Login knows them. The epoch in the id ends all sessions when it rises."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller

    @cached_property
    def person(self) -> Person:
        """The whole of them, with office, duties and departments."""
        return current_session().scalars(_WHOLE_PERSON, {"id": self.caller.id}).unique().one()

    def get_id(self) -> str:
        return f"{self.caller.id}.{self.caller.sign_in_epoch}"


_WHOLE_PERSON = (
    select(Person)
    .where(Person.id == bindparam("id"))
    .options(joinedload(Person.office), joinedload(Person.duties).joinedload(Duty.department))
)
_CALLER = (
    select(
        *(Person.id, Person.sign_in_epoch, Person.must_change_password, Office.time_zone, Duty.role)
    )
    .join(Office, Office.id == Person.office_id)
    .outerjoin(Duty, Duty.person_id == Person.id)
    .where(Person.id == bindparam("id"), Person.active)
)


def signed_in(person: Person) -> SignedIn:
    """Of somebody who is known as a whole already."""
    roles = frozenset(duty.role for duty in person.duties)
    known = SignedIn(Caller(person.id, person.sign_in_epoch, person.must_change_password, roles))
    known.person = person
    return known


@login_manager.user_loader
def load_signed_in(session_id: str) -> SignedIn | None:
    person_id, _dot, epoch = session_id.partition(".")
    found = _little(int(person_id)) if _is_busy_door() else _whole(int(person_id))
    return found if found and str(found.caller.sign_in_epoch) == epoch else None


def busy_door(view: View) -> View:
    """Mark a view that needs no more of who is signed in than the `caller`."""
    view.busy_door = True  # type: ignore[attr-defined]
    return view


def _is_busy_door() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "busy_door", False)


def _whole(person_id: int) -> SignedIn | None:
    found = current_session().scalars(_WHOLE_PERSON, {"id": person_id})
    person = found.unique().one_or_none()
    if person is None or not person.active:
        return None
    g.time_zone = person.office.time_zone
    return signed_in(person)


def _little(person_id: int) -> SignedIn | None:
    rows = current_session().connection().execute(_CALLER, {"id": person_id}).all()
    if not rows:
        return None
    g.time_zone = rows[0].time_zone
    roles = frozenset(row.role for row in rows if row.role is not None)
    return SignedIn(Caller(*rows[0][:3], roles))


def current_caller() -> Caller | None:
    """Who is signed in, or None."""
    return current_user.caller if current_user.is_authenticated else None


def current_person() -> Person | None:
    """The whole person who is signed in, or None."""
    return current_user.person if current_user.is_authenticated else None


def present_person() -> Person:
    """The person who is signed in, in a view that `desk` guards."""
    person: Person = current_user.person
    return person


def has_role(person: Person, *roles: Role) -> bool:
    return any(duty.role in roles for duty in person.duties)


def area_scopes(person: Person) -> list[str]:
    """The paths of the areas that a person looks after, each once, in order."""
    return sorted({duty.area_path for duty in person.duties})


def may_see(person: Person, area_path: str) -> bool:
    """Whether the area lies in one that the person looks after."""
    return any(area_path.startswith(scope) for scope in area_scopes(person))


def ask_to_sign_in() -> ResponseReturnValue:
    """To the sign-in page, and back here afterwards; a script is told in JSON."""
    if wants_json():
        return answer(401, "sign_in", _("Sign in first."))
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("people.sign_in", next=back))


def desk(*roles: Role) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Open a view to people with one of `roles`, or to everybody signed in when none is named.

    Anonymous visitors are sent to sign in and come back; others are told that it is not theirs.
    """

    def guard(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
            person = current_person()
            if person is None:
                return ask_to_sign_in()
            if roles and not has_role(person, *roles):
                raise NotAllowed(
                    "role",
                    _("This desk is for: %(roles)s.", roles=listed(role.label for role in roles)),
                    roles=[role.value for role in roles],
                )
            return view(*args, **kwargs)  # type: ignore[no-any-return]

        guarded.desk_roles = roles  # type: ignore[attr-defined]
        return guarded

    return guard


def init_app(app: Flask) -> None:
    login_manager.init_app(app)
    login_manager.unauthorized_handler(ask_to_sign_in)
    app.jinja_env.globals.update(current_person=current_person, has_role=has_role, Role=Role)
