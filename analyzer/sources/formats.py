"""Which kind of text a stream of bytes is, told from its content, and its raw records."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from analyzer.sources.arrays import ARRAY_HEAD, ARRAY_SEAM, ArraySplitter
from analyzer.sources.lines import LINE_SEAM, LineSplitter
from analyzer.sources.streams import CHUNK, GZIP_MAGIC, Unreadable
from analyzer.sources.values import ValueSplitter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from analyzer.sources.blocks import Block, Damage, Seam

__all__ = ["Layout", "kind_of_text", "layout_of", "split"]

_ENOUGH = 64 * 1024
_FIRST_LINE_ENOUGH = 4 * 1024 * 1024
_BOM = b"\xef\xbb\xbf"
_ARCHIVES = {
    b"PK\x03\x04": "a zip archive",
    b"\x28\xb5\x2f\xfd": "compressed with zstd",
    b"BZh": "compressed with bzip2",
    b"\xfd7zXZ\x00": "compressed with xz",
    b"PAR1": "a Parquet file",
    b"Obj\x01": "an Avro file",
    b"SQLite format 3\x00": "an SQLite database",
}
_OPENING = re.compile(rb"^[ \t]*+[\[{]", re.MULTILINE)
_YAML = re.compile(rb"\s*(?:---|insertId:|textPayload:|logName:|jsonPayload:)")
_RESPONSE = re.compile(rb'\{\s*"(?:entries|nextPageToken)"\s*:')
_AS_JSON = "export it with: gcloud logging read --format=json"
_Splitter = LineSplitter | ArraySplitter | ValueSplitter


class Layout(Enum):
    """How records stand in a text, as far as its beginning shows."""

    LINES = "one a line"
    ARRAY = "an array with an indent of two"
    VALUES = "any JSON values"

    @property
    def seam(self) -> Seam | None:
        """Where such a text can be cut; None where that takes reading it from its beginning."""
        return {Layout.LINES: LINE_SEAM, Layout.ARRAY: ARRAY_SEAM, Layout.VALUES: None}[self]

    def splitter(self) -> _Splitter:
        """What cuts such a text into records, from its beginning or from a seam."""
        match self:
            case Layout.LINES:
                return LineSplitter()
            case Layout.ARRAY:
                return ArraySplitter()
            case Layout.VALUES:
                return ValueSplitter()


def split(
    chunks: Iterator[bytes], layout: Layout | None = None, *, begun: bool = False, goes_on: bool = False
) -> Iterator[Block | Damage]:
    """The raw records of a gcloud array, NDJSON, REST responses or objects one after another, with their places.

    Args:
        chunks: The unpacked bytes; how they are cut makes no difference to the records.
        layout: What is known of them already.
        begun: They go on from a seam of ``layout``, instead of beginning a file.
        goes_on: They end at such a seam, instead of at the file's end.

    Raises:
        Unreadable: It is empty, in UTF-16, an archive, or YAML; or ``chunks`` raised it, as it may raise ``OSError``,
            after the records that came before.
    """
    calm = _Calm(chunks)
    head = b""
    if not begun:
        head = _head(calm).removeprefix(_BOM)
        if head.strip() or calm.failure is None:
            _refuse(head)
    layout = layout or _layout(head)
    splitter = layout.splitter()
    yield from splitter.feed(head, final=False)
    for chunk in calm:
        yield from splitter.feed(chunk, final=False)
    if calm.failure is not None:
        raise calm.failure
    if goes_on and layout.seam is not None:
        yield from splitter.feed(layout.seam.after, final=False)
    else:
        yield from splitter.feed(b"", final=True)


def layout_of(file: BinaryIO) -> Layout:
    """How records stand in a file; what is packed, or cannot be read, has no layout of its own."""
    head = _head(iter(lambda: file.read(CHUNK), b"")).removeprefix(_BOM)
    try:
        _refuse(head)
    except Unreadable:
        return Layout.VALUES
    return Layout.VALUES if head.startswith(GZIP_MAGIC) else _layout(head)


class _Calm:
    """Chunks whose failure waits until what came before it was dealt with."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self.failure: Unreadable | OSError | None = None
        self._guarded = self._guard(chunks)

    def __iter__(self) -> Iterator[bytes]:
        return self._guarded

    def _guard(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        try:
            yield from chunks
        except (Unreadable, OSError) as error:
            self.failure = error


def _head(chunks: Iterable[bytes]) -> bytes:
    """Enough bytes to judge by: some, with at least one whole line among them unless that is very long."""
    head = b""
    for chunk in chunks:
        head += chunk
        size = len(head.lstrip())
        if size >= _FIRST_LINE_ENOUGH or (size >= _ENOUGH and b"\n" in head.lstrip()):
            break
    return head


def _refuse(head: bytes) -> None:
    if not head.strip():
        raise Unreadable("it is empty", hint="gcloud writes [] when nothing matches, so the export itself has failed")
    # Without a mark at its start, UTF-16 shows by the null byte beside its first sign.
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or (len(head) > 1 and head[:2].strip(b"\0") in (b"[", b"{")):
        raise Unreadable("it is UTF-16, not UTF-8", hint="convert it with: iconv -f UTF-16 -t UTF-8")
    for magic, what in _ARCHIVES.items():
        if head.startswith(magic):
            raise Unreadable(f"it is {what}", hint="give the unpacked JSON, or gzip")
    if _YAML.match(head):
        raise Unreadable("it is YAML, gcloud's default", hint=_AS_JSON)


def _layout(head: bytes) -> Layout:
    """What a text begins as; the lines of something else may stand before the first record."""
    opening = _OPENING.search(head)
    if opening is None:
        return Layout.LINES
    text = head[opening.start() :].lstrip()
    if text.startswith(ARRAY_HEAD):
        return Layout.ARRAY
    first, _, more = text.partition(b"\n")
    if first.startswith(b"[") or _RESPONSE.match(text):
        return Layout.VALUES
    try:
        msgspec.json.decode(first)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # Damaged, or only the beginning of an object. An object's own second line begins with its first key.
        broken = more.lstrip().startswith(b"{") and first.rstrip() != b"{"
        return Layout.LINES if broken else Layout.VALUES
    return Layout.LINES


def kind_of_text(head: bytes) -> str:
    """What bytes without any LogEntry in them look like, to say it in an error."""
    if (
        b"\0" in head
        or sum(byte < ord(" ") and byte not in b"\t\r\n\x1b" for byte in head[:1024]) > len(head[:1024]) // 8
    ):
        return "binary data"
    lines = [line for line in head.splitlines()[:20] if line.strip()]
    if not lines:
        return "blank text"
    if lines[0].lstrip().startswith(b"<"):
        return "XML or HTML"
    if lines[0].lstrip()[:1] in (b"{", b"["):
        return "JSON of another kind"
    commas = {line.count(b",") for line in lines[:-1] or lines}
    return "CSV" if len(commas) == 1 and commas != {0} else "plain text"
