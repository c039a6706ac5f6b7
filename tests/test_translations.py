"""The Chinese catalogue is complete, and says the same with the same placeholders."""

import ast
import re

from babel.messages.catalog import Message

from tools.translations import KEYWORDS, ROOT, chinese_catalogue, source_messages

CATALOGUE = chinese_catalogue()
SOURCE = [message for message in source_messages() if message.id]
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")


def first(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def test_every_sentence_of_the_program_has_its_chinese() -> None:
    missing = []
    for message in SOURCE:
        chinese = CATALOGUE.get(message.id, message.context)
        strings = [] if chinese is None else chinese.string
        strings = [strings] if isinstance(strings, str) else strings
        if not strings or not all(strings) or chinese.fuzzy:
            missing.append(first(message))
    assert missing == []


def test_no_sentence_is_hidden_in_an_f_string_where_the_extraction_passes_it_by() -> None:
    hidden = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in sorted((ROOT / "webapp").rglob("*.py"))
        for text in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in KEYWORDS
    ]
    assert hidden == []


def test_no_sentence_is_kept_that_the_program_no_longer_says() -> None:
    said = {message.id for message in SOURCE}
    assert [m.id for m in CATALOGUE if m.id and m.id not in said] == []


def test_a_translation_keeps_its_placeholders() -> None:
    broken = []
    for message in CATALOGUE:
        ids = [message.id] if isinstance(message.id, str) else message.id
        strings = [message.string] if isinstance(message.string, str) else message.string
        wanted = {m.group() for text in ids for m in PLACEHOLDER.finditer(text)}
        if {m.group() for text in strings for m in PLACEHOLDER.finditer(text)} != wanted:
            broken.append(first(message))
    assert broken == []
