"""Wordings: gaps are filled once, lines with nothing to say are left out."""

import pytest
from flask import Flask

from webapp.cases.notices.spreading import ADDRESS
from webapp.cases.notices.texts import (
    GAP,
    PLACEHOLDERS,
    Wording,
    channels_of,
    check_wording,
    default_wording,
    fill,
)
from webapp.cases.notices.vocabulary import NoticeKind

FACTS = {"number": "T1", "what": "dispatched", "note": "", "who": "Ma", "link": ""}


def test_every_gap_of_our_own_wordings_is_known_in_both_languages(app: Flask) -> None:
    with app.app_context():
        for kind in NoticeKind:
            for language in ("zh", "en"):
                wording = default_wording(kind, language)
                check_wording(wording.subject, wording.body)
                gaps = GAP.findall(wording.subject + wording.body)
                assert set(gaps) <= set(PLACEHOLDERS)
                assert "link" in gaps


def test_the_chinese_wordings_are_chinese(app: Flask) -> None:
    with app.app_context():
        for kind in NoticeKind:
            zh, en = (default_wording(kind, language) for language in ("zh", "en"))
            assert zh.body != en.body


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{number}\n{link}\nbye", "T1\nbye"),
        ("{who}: {note}", ""),
        ("{who}", "Ma"),
        ("more: {link} {number}", "more:  T1"),
        ("", ""),
    ],
)
def test_a_line_whose_gaps_have_nothing_to_say_is_left_out(body: str, said: str) -> None:
    assert fill(Wording("x", body), FACTS)[1] == said


def test_what_is_put_in_is_not_read_again() -> None:
    facts = FACTS | {"note": "{number} {link}"}
    assert fill(Wording("{number}", "{note}"), facts) == ("T1", "{number} {link}")


def test_a_subject_is_one_line_whatever_was_written() -> None:
    facts = FACTS | {"note": "a\r\nBcc: everybody@example.cn"}
    assert fill(Wording("{note}", "x"), facts)[0] == "a Bcc: everybody@example.cn"


def test_residents_get_mail_alone() -> None:
    assert [channel.value for channel in channels_of(NoticeKind.DONE)] == ["mail"]
    assert [channel.value for channel in channels_of(NoticeKind.WORK)] == ["mail", "robot"]


@pytest.mark.parametrize(
    ("contact", "address"),
    [
        ("li@example.cn", "li@example.cn"),
        ("电话13900000000，邮箱li.w-1@mail.example.com.cn。", "li.w-1@mail.example.com.cn"),
        ("13900000000", None),
        ("@wechat", None),
        ("a@b", None),
    ],
)
def test_an_address_is_found_in_what_people_write(contact: str, address: str | None) -> None:
    found = ADDRESS.search(contact)
    assert (found.group() if found else None) == address
