"""Who is at the door, which desks are open to them, and in which areas."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import LoginManager, UserMixin, current_user
from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload

from webapp.core.database import current_session
from webapp.core.errors import NotAllowed, answer, wants_json
from webapp.core.i18n import listed
from webapp.people.models import Duty, Person, Role

login_manager = LoginManager()


class SignedIn(UserMixin):
    """A person as Flask-Login knows them. The epoch in the id ends all sessions when it rises."""

    def __init__(self, person: Person) -> None:
        self.person = person

    def get_id(self) -> str:
        return f"{self.person.id}.{self.person.sign_in_epoch}"


_WHOLE_PERSON = (
    select(Person)
    .where(Person.id == bindparam("id"))
    .options(joinedload(Person.office), joinedload(Person.duties).joinedload(Duty.department))
)


@login_manager.user_loader
def load_signed_in(session_id: str) -> SignedIn | None:
    person_id, _dot, epoch = session_id.partition(".")
    found = current_session().scalars(_WHOLE_PERSON, {"id": int(person_id)})
    person = found.unique().one_or_none()
    if person is None or not person.active or str(person.sign_in_epoch) != epoch:
        return None
    g.time_zone = person.office.time_zone
    return SignedIn(person)


def current_person() -> Person | None:
    """The person who is signed in, or None."""
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
