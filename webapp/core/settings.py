"""Settings: read once from the environment, named in one place."""

import os
import secrets
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
INSTANCE = Path(os.environ.get("INSTANCE_PATH", ROOT / "instance"))


def _flag(name: str, default: bool) -> bool:
    value = os.environ.get(name, "1" if default else "0").strip().lower()
    if value not in {"0", "1", "false", "true", "no", "yes"}:
        raise ValueError(f"{name}={value!r}: allowed are 0 and 1")
    return value in {"1", "true", "yes"}


def _secret_key() -> str:
    """The environment's SECRET_KEY, else one made at the first start and kept beside the data."""
    if key := os.environ.get("SECRET_KEY"):
        return key
    path = INSTANCE / "secret_key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
                file.write(secrets.token_hex(32))
        except FileExistsError:
            pass  # another worker made it in the same moment
    return path.read_text()


@dataclass(frozen=True)
class Settings:
    """Everything an operator can set; each field's environment variable is its name in capitals."""

    database_url: str = field(
        default_factory=lambda: os.environ.get(
            "DATABASE_URL", f"sqlite:///{INSTANCE / 'wangge.sqlite'}"
        )
    )
    secret_key: str = field(default_factory=_secret_key, repr=False)
    photo_dir: Path = field(
        default_factory=lambda: Path(os.environ.get("PHOTO_DIR", INSTANCE / "photos"))
    )
    upload_dir: Path = field(
        default_factory=lambda: Path(os.environ.get("UPLOAD_DIR", INSTANCE / "uploads"))
    )
    public_map: bool = field(default_factory=lambda: _flag("PUBLIC_MAP", True))
    secure_cookies: bool = field(default_factory=lambda: _flag("SECURE_COOKIES", False))
    behind_proxy: bool = field(default_factory=lambda: _flag("BEHIND_PROXY", False))
    tile_url: str = field(default_factory=lambda: os.environ.get("TILE_URL", ""))
    tile_attribution: str = field(default_factory=lambda: os.environ.get("TILE_ATTRIBUTION", ""))
    tile_datum: str = field(default_factory=lambda: os.environ.get("TILE_DATUM", "wgs84"))
    rate_limit_storage: str = field(
        default_factory=lambda: os.environ.get("RATE_LIMIT_STORAGE", "process://")
    )
    wake_file: Path = field(  # where the worker is called, unless Redis does it
        default_factory=lambda: Path(os.environ.get("WAKE_FILE", INSTANCE / "wake.sqlite"))
    )
    redis_url: str = field(default_factory=lambda: os.environ.get("REDIS_URL", ""))
    public_url: str = field(  # where residents and staff reach us, for links in messages
        default_factory=lambda: os.environ.get("PUBLIC_URL", "").rstrip("/")
    )
    smtp_url: str = field(default_factory=lambda: os.environ.get("SMTP_URL", ""), repr=False)
    mail_from: str = field(default_factory=lambda: os.environ.get("MAIL_FROM", ""))
    rate_limits: bool = True
    max_upload_bytes: int = 64 * 1024 * 1024
    testing: bool = False
    engine: Any = None  # a test hands in its own database


def settings_from(**given: Any) -> Settings:
    """Make settings from the environment, `given` winning; an unknown name is an error."""
    allowed = {f.name for f in fields(Settings)}
    if unknown := set(given) - allowed:
        raise TypeError(f"unknown settings {sorted(unknown)}; allowed are {sorted(allowed)}")
    return Settings(**given)
