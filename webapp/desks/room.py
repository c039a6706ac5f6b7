"""What this room adds to the application."""

from flask import Flask

from webapp.desks import areas, home, navigation
from webapp.desks.dispatch import views as dispatch_views
from webapp.desks.frame import saved
from webapp.desks.map import views as map_views


def init_app(app: Flask) -> None:
    """Register the room's pages and commands."""
    app.extensions["office_areas"] = areas.AreasFromPlaces()
    navigation.init_app(app)
    app.register_blueprint(home.blueprint)
    app.register_blueprint(map_views.blueprint)
    app.register_blueprint(saved.blueprint)
    app.register_blueprint(dispatch_views.blueprint)
