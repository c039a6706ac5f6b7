"""Who changed what in the office's set-up: one row for each change, in the change's own commit.

What happens to cases is in their events; this is for everything an administrator does. Codes, not
sentences: `verb` is `subject.what`, such as `department.close`; `old` and `new` hold only what is
different. Never a password, nor what a person wrote of themselves.
"""

import getpass
import os
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.core.database import Base, BigId, Json, UtcDateTime
from webapp.core.ids import new_id


class Audit(Base):
    """One change of the set-up. Only ever added to: a trigger refuses anything else."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_office_id_at", "office_id", "at"),
        Index("ix_audit_person_id_at", "person_id", "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, default=new_id)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # None: a command
    command_user: Mapped[str | None]  # whose account of the machine gave the command
    verb: Mapped[str]
    subject: Mapped[str]  # its name at that time
    subject_id: Mapped[int | None] = mapped_column(BigId)
    old: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    new: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)


@dataclass(frozen=True)
class CommandLine:
    """Who gives a command: a name of the machine's, since nobody has signed in."""

    office_id: int
    id: None = None

    @property
    def user(self) -> str:
        try:
            return getpass.getuser()
        except (KeyError, OSError):  # an account without a name, as in some containers
            return str(os.getuid())


def note_change(
    session: Session,
    verb: str,
    subject: Any,
    by: Any,
    now: datetime,
    *,
    old: dict[str, Any] | None = None,
    new: dict[str, Any] | None = None,
) -> None:
    """Write down a change of `subject`, which has a name or a code, `by` a person or a command."""
    name = getattr(subject, "name", None) or getattr(subject, "code", None) or str(subject)
    session.add(
        Audit(
            office_id=by.office_id,
            at=now,
            person_id=by.id,
            command_user=by.user if isinstance(by, CommandLine) else None,
            verb=verb,
            subject=str(name),
            subject_id=getattr(subject, "id", None),
            old=old or {},
            new=new or {},
        )
    )


def differences(old: dict[str, Any], new: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Only what is different of two states of one thing."""
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return (
        {name: old[name] for name in names if name in old},
        {name: new[name] for name in names if name in new},
    )
