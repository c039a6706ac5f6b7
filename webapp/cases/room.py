"""What this room adds to the application."""

from flask import Flask

from webapp.cases import report_views, words


def init_app(app: Flask) -> None:
    """Register the room's pages and commands."""
    app.register_blueprint(report_views.blueprint)
    app.jinja_env.globals["event_words"] = words.event_words
