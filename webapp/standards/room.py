"""What this room adds to the application."""

from datetime import date

from flask import Flask
from werkzeug.routing import BaseConverter, ValidationError

from webapp.standards import api, views, wording
from webapp.standards.cli import commands


class IsoDate(BaseConverter):
    """A day in an address: 2026-10-01."""

    regex = r"\d{4}-\d\d-\d\d"

    def to_python(self, value: str) -> date:
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValidationError from None

    def to_url(self, value: date) -> str:
        return value.isoformat()


def init_app(app: Flask) -> None:
    """Register the room's pages and commands."""
    app.url_map.converters["isodate"] = IsoDate
    app.register_blueprint(api.blueprint)
    app.register_blueprint(views.blueprint)
    app.cli.add_command(commands)
    app.jinja_env.filters.update(
        class_name=wording.class_name,
        month_name=wording.month_name,
        weekday_name=wording.weekday_name,
    )
    app.jinja_env.globals["limit_words"] = wording.limit_words
