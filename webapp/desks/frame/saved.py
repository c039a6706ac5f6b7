"""Views of lists that a person has saved under a name of their own."""

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.database import begin_write, current_session
from webapp.core.errors import BadInput, NotFound
from webapp.core.security import local_address
from webapp.people.access import desk, present_person
from webapp.people.models import Person, SavedView

blueprint = Blueprint("saved_views", __name__)

LONGEST_NAME, LONGEST_QUERY, MOST = 40, 1_000, 30


def saved_views(session: Session, person: Person, page: str) -> list[SavedView]:
    """The person's views of the list at this address, by name."""
    own = select(SavedView).where(SavedView.person_id == person.id, SavedView.page == page)
    return list(session.scalars(own.order_by(SavedView.name)))


def save_view(session: Session, person: Person, page: str, name: str, query: str) -> SavedView:
    """Keep a view; one of the same name is replaced."""
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise BadInput(
            "name", _("Give the view a name of 1 to %(most)d characters.", most=LONGEST_NAME)
        )
    if len(query) > LONGEST_QUERY or not page.startswith("/"):
        raise BadInput("view", _("This address cannot be kept."))
    there = {view.name: view for view in saved_views(session, person, page)}
    if name in there:
        there[name].query = query
        return there[name]
    if len(there) >= MOST:
        raise BadInput("views", _("At most %(most)d views are kept. Remove one.", most=MOST))
    view = SavedView(person_id=person.id, page=page, name=name, query=query)
    session.add(view)
    return view


@blueprint.post("/views")
@desk()
def save() -> ResponseReturnValue:
    session, person = current_session(), present_person()
    begin_write(session)
    page, query = request.form.get("page", ""), request.form.get("query", "").lstrip("?")
    view = save_view(session, person, page, request.form.get("name", ""), query)
    session.commit()
    flash(_('The view "%(name)s" is saved.', name=view.name), "success")
    return redirect(local_address(f"{page}?{query}"))


@blueprint.post("/views/<int:view_id>/remove")
@desk()
def remove(view_id: int) -> ResponseReturnValue:
    session, person = current_session(), present_person()
    begin_write(session)
    view = session.get(SavedView, view_id)
    if view is None or view.person_id != person.id:
        raise NotFound("view", _("There is no such view."))
    session.delete(view)
    session.commit()
    flash(_('The view "%(name)s" is removed.', name=view.name), "success")
    return redirect(local_address(view.page))
