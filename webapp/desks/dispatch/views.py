"""`/desk/dispatch`."""

from flask import Blueprint

from webapp.desks.dispatch.tabs import DESK
from webapp.desks.frame import open_desk
from webapp.people.models import Role

blueprint = Blueprint("dispatch_desk", __name__)

open_desk(blueprint, DESK, Role.DISPATCHER, Role.ADMINISTRATOR)
