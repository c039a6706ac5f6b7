"""In which encoding the texts of a shapefile are: what it states, and what its bytes say."""

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

_LOOKED_AT_BYTES = 4_000_000

# Language byte of the .dbf -> code page; the values that only say "as this computer does" are out.
_LANGUAGE_BYTES = {0x4D: "GBK", 0x7A: "GBK", 0x4F: "Big5", 0x78: "Big5", 0x7B: "cp932"}
_CANDIDATES = (("UTF-8", "utf-8"), ("GBK", "gb18030"), ("Big5", "big5hkscs"))
_HAN = re.compile("[\u3400-\u9fff\u3000-\u303f\uff00-\uffef]")


@dataclass(frozen=True)
class EncodingProposal:
    """An encoding that the texts of a file could be in.

    Attributes
    ----------
    encoding
        What to pass as ``encoding``.
    samples
        Some texts of the file, decoded by it: a person sees at once whether they make sense.
    """

    encoding: str
    samples: tuple[str, ...]

    def describe(self) -> str:
        """Say in English what is proposed."""
        return f"{self.encoding}: {' | '.join(self.samples)}"


@dataclass(frozen=True)
class TextEncoding:
    """What is known about the encoding of a shapefile.

    Attributes
    ----------
    stated
        The encoding that the .cpg, or else the .dbf itself, names; None if neither does.
    contradicted
        The bytes are not, or hardly can be, in the stated encoding.
    proposals
        Encodings that fit the bytes, likeliest first; empty if all texts are plain ASCII.
    """

    stated: str | None
    contradicted: bool
    proposals: tuple[EncodingProposal, ...]

    @property
    def settled(self) -> str | None:
        """The encoding to read with, None where a person must decide."""
        if self.contradicted:
            return None
        return self.stated or (None if self.proposals else "UTF-8")


def python_codec(encoding: str) -> str | None:
    """Python's name of an encoding; GBK and GB2312 become their superset GB18030.

    Examples
    --------
    >>> python_codec("936"), python_codec("utf8"), python_codec("65001"), python_codec("elvish")
    ('gb18030', 'utf-8', 'utf-8', None)
    """
    name = encoding.strip().lower().removeprefix("ansi").removeprefix("oem").strip()
    name = {"65001": "utf-8"}.get(name, f"cp{name}" if name.isdigit() else name)
    try:
        codec = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    try:
        "".encode(codec.name)
    except LookupError:  # a codec between bytes, such as hex
        return None
    return "gb18030" if codec.name in ("gbk", "gb2312", "cp936") else codec.name


def shapefile_encoding(path: Path) -> TextEncoding:
    """Find out the encoding of a shapefile's table.

    Parameters
    ----------
    path
        The .shp file; .dbf and .cpg lie beside it.

    Returns
    -------
    TextEncoding
        What is stated, whether the bytes contradict it, and what fits them.
    """
    table = path.with_suffix(".dbf").read_bytes()[:_LOOKED_AT_BYTES]
    texts = [text for text in _texts(table) if not text.isascii()]
    stated = _stated(path.with_suffix(".cpg"), table)
    if not texts:
        return TextEncoding(stated, contradicted=False, proposals=())
    proposals = tuple(
        EncodingProposal(name, tuple(dict.fromkeys(decoded))[:5])
        for name, codec in _CANDIDATES
        if (decoded := _decode(texts, codec)) is not None
    )
    return TextEncoding(stated, _contradicted(stated, texts), proposals)


def _contradicted(stated: str | None, texts: list[bytes]) -> bool:
    if stated is None:
        return False
    codec = python_codec(stated)
    if codec is None or _decode(texts, codec) is None:
        return True
    # Chinese in UTF-8 often passes as GBK (mojibake), never the other way about.
    as_utf8 = _decode(texts, "utf-8")
    return codec != "utf-8" and as_utf8 is not None and any(map(_HAN.search, as_utf8))


def _decode(texts: list[bytes], codec: str) -> list[str] | None:
    """Texts decoded, or None if one cannot be; a character cut off at the end is let go."""
    try:
        return [codecs.getincrementaldecoder(codec)().decode(text) for text in texts]
    except UnicodeDecodeError:
        return None


def _stated(cpg: Path, table: bytes) -> str | None:
    if cpg.is_file():
        stated = cpg.read_bytes()[:100].decode("ascii", errors="replace").strip()
        if stated:
            return stated
    return _LANGUAGE_BYTES.get(table[29]) if len(table) > 29 else None


def _texts(table: bytes) -> list[bytes]:
    """Field names and text values of a dBASE table, without the blanks that fill them up."""
    header_length = int.from_bytes(table[8:10], "little")
    record_length = int.from_bytes(table[10:12], "little")
    texts, spans, start = [], [], 1
    for at in range(32, min(header_length, len(table)) - 31, 32):
        if table[at : at + 1] in (b"\r", b""):
            break
        texts.append(table[at : at + 11].split(b"\0")[0])
        width = table[at + 16]
        if table[at + 11 : at + 12] == b"C":
            spans.append((start, start + width))
        start += width
    if record_length:
        for at in range(header_length, len(table) - record_length + 1, record_length):
            texts.extend(table[at + first : at + last].rstrip(b" \0") for first, last in spans)
    return texts
