"""Mail by SMTP: one connection for all that waits."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from webapp.cases.notices.models import Delivery
from webapp.cases.notices.outcomes import Away, Refused
from webapp.core.settings import Settings

TIMEOUT_S = 15


@contextmanager
def mailer(settings: Settings) -> Iterator["Mailer"]:
    """A connection to the server named by SMTP_URL: smtp://, smtps:// or smtp+starttls://.

    Raises
    ------
    Away
        The server cannot be reached, or does not let us in.
    """
    try:
        client = _connect(settings.smtp_url)
    except (OSError, smtplib.SMTPException) as error:
        raise Away(f"{urlsplit(settings.smtp_url).hostname}: {error}") from error
    try:
        yield Mailer(client, settings.mail_from)
    finally:
        try:
            client.quit()
        except (OSError, smtplib.SMTPException):
            client.close()  # it has left already; what it took it has said yes to


def _connect(url: str) -> smtplib.SMTP:
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps", "smtp+starttls"):
        raise Away(f"SMTP_URL begins with {parts.scheme!r}: smtp, smtps or smtp+starttls")
    kind = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
    client = kind(parts.hostname or "localhost", parts.port or 0, timeout=TIMEOUT_S)
    if parts.scheme == "smtp+starttls":
        client.starttls()
    if parts.username:
        client.login(unquote(parts.username), unquote(parts.password or ""))
    return client


class Mailer:
    def __init__(self, client: smtplib.SMTP, sender: str) -> None:
        self.client, self.sender = client, sender

    def send(self, delivery: Delivery) -> None:
        """Hand one message to the server.

        Raises
        ------
        Away
            The connection broke: nothing is wrong with the message.
        Refused
            The server does not take it; for good where it says so.
        """
        try:
            message = self._message(delivery)
        except ValueError as error:  # an address or subject that no mail can carry
            raise Refused(str(error), for_good=True) from error
        try:
            self.client.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            code, words = next(iter(error.recipients.values()))
            raise Refused(f"{code} {_text(words)}", for_good=code >= 500) from error
        except smtplib.SMTPResponseException as error:
            said = f"{error.smtp_code} {_text(error.smtp_error)}"
            raise Refused(said, for_good=error.smtp_code >= 500) from error
        except (OSError, smtplib.SMTPException) as error:
            raise Away(str(error)) from error

    def _message(self, delivery: Delivery) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["Message-ID"] = delivery.message_id
        message["From"] = self.sender
        message["To"] = delivery.address
        message["Subject"] = delivery.subject
        message["Date"] = format_datetime(_local(delivery.created_at))
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(delivery.body)
        return message


def _local(moment: datetime) -> datetime:
    return moment.astimezone()


def _text(words: bytes | str) -> str:
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else words
