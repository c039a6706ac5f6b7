"""What every answer carries and every change must bring: headers, CSP with nonces, CSRF, limits."""

from typing import Any

from flask import Flask, request
from flask_babel import gettext as _
from flask_talisman import Talisman
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter

from webapp.core import rates
from webapp.core.errors import BadInput
from webapp.core.settings import Settings

csrf = CSRFProtect()


class RowId(IntegerConverter):
    """`<int:...>` in an address: no more than a column of ids can hold."""

    regex = r"\d{1,19}"

    def __init__(self, url_map: Any, *, max: int = 2**63 - 1, **options: Any) -> None:  # noqa: A002
        super().__init__(url_map, max=max, **options)


def local_address(target: str | None) -> str:
    """`target` if it is an address of ours, else the start page."""
    local = target and target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if local and target and target.isprintable() else "/"


def refuse_nul() -> None:
    """No text of ours has the character NUL, and PostgreSQL cannot keep it."""
    texts = [request.path]
    for name, values in request.form.lists():
        texts += [name, *values]
    if b"%00" in request.query_string or any("\0" in text for text in texts):
        raise BadInput("nul", _("There is a character in it that no text has. Type it anew."))


def content_policy(settings: Settings) -> dict[str, str]:
    """Our own origin alone; pictures also from the tile server that the operator has named."""
    tiles = ""
    if "//" in settings.tile_url:
        scheme, _, rest = settings.tile_url.partition("//")
        host = rest.split("/")[0].replace("{s}", "*")
        tiles = f" {scheme}//{host}"
    return {
        "default-src": "'self'",
        "img-src": f"'self' data: blob:{tiles}",
        "script-src": "'self'",
        "style-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'self'",
    }


def init_app(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        WTF_CSRF_TIME_LIMIT=8 * 3600,
        MAX_CONTENT_LENGTH=settings.max_upload_bytes,
    )
    if settings.behind_proxy:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    app.url_map.converters["int"] = RowId
    app.before_request(refuse_nul)
    csrf.init_app(app)
    rates.init_app(app, settings)
    Talisman(
        app,
        force_https=False,  # closed networks often have no certificates; a proxy may force it
        strict_transport_security=settings.secure_cookies,
        session_cookie_secure=settings.secure_cookies,
        content_security_policy=content_policy(settings),
        content_security_policy_nonce_in=["script-src", "style-src"],
        permissions_policy={"geolocation": "(self)", "camera": "(self)", "microphone": "()"},
        referrer_policy="same-origin",
    )
