"""What this room adds to the application."""

from flask import Flask

from webapp.desks import areas, home, navigation, waiting
from webapp.desks.admin import crews, departments, log, settings
from webapp.desks.department import views as department_views
from webapp.desks.dispatch import views as dispatch_views
from webapp.desks.frame import saved
from webapp.desks.grid import mended
from webapp.desks.grid import views as grid_views
from webapp.desks.leader import views as leader_views
from webapp.desks.ledger import cli as _ledger_cli  # noqa: F401 - adds to `flask cases`
from webapp.desks.ledger import import_views as ledger_import_views
from webapp.desks.ledger import views as ledger_views
from webapp.desks.map import views as map_views


def init_app(app: Flask) -> None:
    """Register the room's pages and commands."""
    app.extensions["office_areas"] = areas.AreasFromPlaces()
    navigation.init_app(app)
    app.register_blueprint(home.blueprint)
    app.register_blueprint(map_views.blueprint)
    app.register_blueprint(saved.blueprint)
    app.register_blueprint(waiting.blueprint)
    app.register_blueprint(dispatch_views.blueprint)
    app.register_blueprint(department_views.blueprint)
    app.register_blueprint(grid_views.blueprint)
    app.register_blueprint(mended.blueprint)
    app.register_blueprint(leader_views.blueprint)
    app.register_blueprint(ledger_views.blueprint)
    app.register_blueprint(ledger_import_views.blueprint)
    app.register_blueprint(crews.blueprint)
    app.register_blueprint(departments.blueprint)
    app.register_blueprint(settings.blueprint)
    app.register_blueprint(log.blueprint)
