"""Passwords: how they are kept, and which are too easy to guess."""

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_babel import gettext as _

from webapp.core.errors import BadInput

MIN_LENGTH = 10
MAX_LENGTH = 200
_EASIEST_ALLOWED = 3  # of zxcvbn's scores 0 to 4: more than 10^8 guesses
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike on paper

_hasher = PasswordHasher()


def hashed(password: str) -> str:
    return _hasher.hash(password)


@cache
def _hash_of_nobody() -> str:
    return _hasher.hash(secrets.token_hex())


def is_right(password_hash: str | None, password: str) -> bool:
    """Compare; where there is no hash, work as long, so that the time taken says nothing."""
    try:
        _hasher.verify(password_hash or _hash_of_nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with weaker parameters than those in use now."""
    return _hasher.check_needs_rehash(password_hash)


def check_strength(password: str, *words: str) -> None:
    """Refuse what is short, common, or made of `words` that others know of the person."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise BadInput(
            "password_length",
            _(
                "The password has %(given)d characters; %(least)d to %(most)d are allowed.",
                given=len(password),
                least=MIN_LENGTH,
                most=MAX_LENGTH,
            ),
        )
    from zxcvbn import zxcvbn  # its lists of common passwords take 14 MB

    verdict = zxcvbn(password[:72], user_inputs=[word for word in words if word])
    if verdict["score"] < _EASIEST_ALLOWED:
        raise BadInput(
            "password_common",
            _("This password is too easy to guess. Put several unrelated words together."),
        )


def make_password() -> str:
    """A new one to hand over: four groups of four, about 79 bits."""
    groups = ("".join(secrets.choice(_LETTERS) for _n in range(4)) for _group in range(4))
    return "-".join(groups)
