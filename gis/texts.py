"""Texts that were decoded wrongly, as they look afterwards."""

import re

_HAN = re.compile("[\u3400-\u9fff]")
_BROKEN = re.compile("\ufffd|锟斤拷|[\ue000-\uf8ff]|[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_HIGH_PAIRS = re.compile("(?:[\x20-\x7e]|[\xa1-\xf7][\xa1-\xfe])+")


def wrongly_decoded(text: str) -> str | None:
    """What a text may have been before it was decoded wrongly.

    Returns
    -------
    str or None
        None if the text looks right, its likely original if that can be told, else "".

    Examples
    --------
    >>> wrongly_decoded("网格"), wrongly_decoded("España"), wrongly_decoded("缃戞牸")
    (None, None, '网格')
    >>> wrongly_decoded("Íø¸ñ"), wrongly_decoded("网\\ufffd")
    ('网格', '')
    """
    if text.isascii():
        return None
    # UTF-8 read as GBK: Chinese that makes no sense; a half character at the end is let go.
    original = _recoded(text, "gb18030", "utf-8")
    if original and len(_HAN.findall(original)) >= 2 and len(original) < len(text):
        return original
    # GBK or UTF-8 read as Latin-1 (or its Windows sister): accented letters in a row.
    for single in ("latin-1", "cp1252"):
        original = _recoded(text, single, "utf-8")
        if original and _HAN.search(original):
            return original
    if _HIGH_PAIRS.fullmatch(text):
        return _recoded(text, "latin-1", "gb2312") or None
    return "" if _BROKEN.search(text) else None


def _recoded(text: str, wrong: str, right: str) -> str | None:
    try:
        return text.encode(wrong).decode(right)
    except UnicodeError:
        return None
