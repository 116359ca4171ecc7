"""Fields of many entries at once: times, durations and keys out of texts, as arrays of 64-bit integers.

A few dozen operations on an array cost as much as one entry costs in a loop. Texts that are written in another way than
nearly all are read one by one by the same functions that read a single entry, so both ways say the same.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from analyzer.times import FURTHEST, SECOND, parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["NONE", "Flags", "Integers", "Keys", "keys", "latencies", "latency_of", "nanoseconds", "zeros"]

Integers = np.ndarray[Any, np.dtype[np.int64]]
Keys = np.ndarray[Any, np.dtype[np.uint64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]
_Rows = np.ndarray[Any, np.dtype[np.intp]]
_Bytes = np.ndarray[Any, np.dtype[np.uint8]]

NONE: Final = -(2**63)
"""Stands for what could not be read."""

_MINUTE = len("2025-09-10T00:33:")
_POINT = len("2025-09-10T00:33:54")
_SHORTEST, _LONGEST = len("2025-09-10T00:33:54Z"), len("2025-09-10T00:33:54.123456789Z")
_MOST_MINUTES = 64
_ZERO, _NINE = ord("0"), 9
_NANO_DIGITS: Final = 9
_LONGEST_SECONDS: Final = 5
"""Digits of fewer seconds than a week has, from which on a latency is not believed."""

_WORD = 8
_MASK = 2**64 - 1
_MIX = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
"""Of SplitMix64, https://prng.di.unimi.it/splitmix64.c: every bit of a word changes about half the bits of a key."""

_ZEROS = bytes.maketrans(b"123456789", b"000000000")


def nanoseconds(texts: Sequence[Any]) -> Integers:
    """The nanoseconds since the epoch of RFC 3339 timestamps; :data:`NONE` for anything else."""
    found = np.full(len(texts), NONE, np.int64)
    for rows, signs in _matrices(texts):
        if _SHORTEST <= signs.shape[1] <= _LONGEST and signs.shape[1] != _SHORTEST + 1:
            found[rows] = _moments(signs)
    for row in np.flatnonzero(found == NONE).tolist():
        found[row] = _moment(texts[row])
    return found


def _moment(text: Any) -> int:
    if type(text) is not str:
        return NONE
    try:
        found = parse_timestamp(text)
    except ValueError:
        return NONE
    return found if abs(found) < FURTHEST else NONE


def _moments(signs: _Bytes) -> Integers:
    """The times of texts of one length; NONE where one is not written as nearly all are."""
    width = signs.shape[1]
    digits = signs[:, _MINUTE : width - 1] - _ZERO
    weights, largest = _places(digits.shape[1])
    good = (signs[:, -1] == ord("Z")) & (digits <= largest).all(1)
    if width > _SHORTEST:
        good &= signs[:, _POINT] == ord(".")
    # Floats hold fewer than 2**53 nanoseconds exactly, and multiply faster.
    times = (digits.astype(np.float64) @ weights).astype(np.int64)
    left = good.copy()
    for _ in range(_MOST_MINUTES):
        if not left.any():
            break
        minute = signs[int(left.argmax()), :_MINUTE]
        same = left & (signs[:, :_MINUTE] == minute).all(1)
        start = _moment(f"{minute.tobytes().decode('ascii')}00Z")
        if start == NONE:
            good &= ~same
        else:
            times[same] += start
        left &= ~same
    return np.where(good & ~left, times, NONE)


@functools.cache
def _places(width: int) -> tuple[np.ndarray[Any, np.dtype[np.float64]], _Bytes]:
    """Of the digits behind a minute, what each is worth in nanoseconds, and the largest; the point is worth nothing."""
    fraction = np.arange(_NANO_DIGITS - 1, _NANO_DIGITS + 2 - width, -1)
    weights = np.concatenate(([10.0 * SECOND, SECOND], [0.0] * (width > 2), 10.0**fraction))  # noqa: PLR2004
    largest = np.where(weights, _NINE, 255).astype(np.uint8)
    largest[0] = 5
    return weights, largest


def latencies(texts: Sequence[Any]) -> Integers:
    """The nanoseconds of latencies such as ``0.012s``; 0 where there is none, :data:`NONE` for any other spelling."""
    found = np.full(len(texts), NONE, np.int64)
    for rows, signs in _matrices(texts):
        width = signs.shape[1]
        point = 1 if width > 3 and (signs[:, 1] == ord(".")).all() else 0  # noqa: PLR2004
        if not point or width - 3 > _NANO_DIGITS:
            continue
        whole, fraction = signs[:, 0] - _ZERO, signs[:, 2:-1] - _ZERO
        good = (signs[:, -1] == ord("s")) & (whole <= _NINE) & (fraction <= _NINE).all(1)
        times = whole.astype(np.int64) * SECOND + _number(fraction) * 10 ** (_NANO_DIGITS - fraction.shape[1])
        found[rows] = np.where(good, times, NONE)
    for row in np.flatnonzero(found == NONE).tolist():
        latency = latency_of(texts[row])
        if latency is not None:
            found[row] = latency
    return found


def latency_of(value: Any) -> int | None:
    """The nanoseconds of a latency such as ``0.012s``; 0 where there is none, None where it is written otherwise."""
    if value is None:
        return 0
    if type(value) is not str or value[-1:] != "s":
        return None
    whole, point, fraction = value[:-1].partition(".")
    if not (whole.isdecimal() and whole.isascii() and len(whole) <= _LONGEST_SECONDS):
        return None
    if not point:
        return int(whole) * SECOND
    if not (fraction.isdecimal() and fraction.isascii() and len(fraction) <= _NANO_DIGITS):
        return None
    return int(whole + fraction.ljust(_NANO_DIGITS, "0"))


def keys(salts: Keys, times: Integers, texts: Sequence[str]) -> Keys:
    """A hash of 64 bits for each entry.

    Two entries with one hash are taken for copies: among five million it happens once in a million runs.

    Args:
        salts: Of each entry, what stands for its log.
        times: Its timestamp.
        texts: Its insertId.
    """
    start = (salts ^ times.view(np.uint64)) * np.uint64(_MIX[0])
    found = np.zeros(len(texts), np.uint64)
    left = np.ones(len(texts), bool)
    for rows, signs in _matrices(texts):
        number, width = signs.shape
        padded = np.zeros((number, -(-width // _WORD) * _WORD), np.uint8)
        padded[:, :width] = signs
        state = start[rows] ^ np.uint64(width)
        for word in padded.view("<u8").T:
            state = _mixed(state ^ word)
        found[rows], left[rows] = _mixed(state), False
    for row in np.flatnonzero(left).tolist():
        found[row] = _key(int(start[row]), texts[row].encode("utf-8", "surrogatepass"))
    return found


def _mixed(state: Keys) -> Keys:
    state = (state ^ (state >> np.uint64(30))) * np.uint64(_MIX[1])
    state = (state ^ (state >> np.uint64(27))) * np.uint64(_MIX[2])
    return state ^ (state >> np.uint64(31))


def _key(state: int, text: bytes) -> int:
    """The same for one text."""
    state ^= len(text)
    for place in range(0, len(text), _WORD):
        state = _mixed_one(state ^ int.from_bytes(text[place : place + _WORD], "little"))
    return _mixed_one(state)


def _mixed_one(state: int) -> int:
    state = (state ^ state >> 30) * _MIX[1] & _MASK
    state = (state ^ state >> 27) * _MIX[2] & _MASK
    return state ^ state >> 31


def zeros(texts: list[str]) -> list[str]:
    """The texts with a zero for every digit of ASCII."""
    try:
        found = "\0".join(texts).encode().translate(_ZEROS).decode().split("\0")
    except UnicodeEncodeError:
        found = []
    if len(found) == len(texts):
        return found
    return [text.encode("utf-8", "surrogatepass").translate(_ZEROS).decode("utf-8", "surrogatepass") for text in texts]


def _number(digits: _Bytes) -> Integers:
    """Rows of at most nine digits as numbers; floats hold them exactly and multiply faster."""
    scale = 10.0 ** np.arange(digits.shape[1] - 1, -1, -1)
    found: Integers = (digits.astype(np.float64) @ scale).astype(np.int64)
    return found


def _matrices(texts: Sequence[Any]) -> Iterator[tuple[_Rows | slice, _Bytes]]:
    """Texts of ASCII as rows of bytes, those of one length together; None and other things are left out."""
    try:
        joined = "".join(texts)
    except TypeError:
        some = [row for row, text in enumerate(texts) if type(text) is str]
        for rows, signs in _matrices([texts[row] for row in some]):
            yield np.array(some, np.intp)[rows], signs
        return
    if not joined:
        return
    lengths = np.fromiter(map(len, texts), np.intp, len(texts))
    if not joined.isascii():
        some = [row for row, text in enumerate(texts) if text.isascii()]
        for rows, signs in _matrices([texts[row] for row in some]):
            yield np.array(some, np.intp)[rows], signs
        return
    everything = np.frombuffer(joined.encode("ascii"), np.uint8)
    if (lengths == lengths[0]).all():
        yield slice(None), everything.reshape(len(texts), -1)
        return
    ends = lengths.cumsum()
    for length in set(lengths.tolist()) - {0}:
        rows = np.flatnonzero(lengths == length)
        yield rows, everything[(ends[rows] - length)[:, None] + np.arange(length)]
