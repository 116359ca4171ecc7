from __future__ import annotations

import ctypes
from typing import Any

import pytest

from analyzer.memory import give_back


def test_memory_is_given_back_where_the_c_library_has_to_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    class Library:
        def malloc_trim(self, room: int) -> int:
            asked.append(room)
            return 1

    monkeypatch.setattr(ctypes, "CDLL", lambda name: Library())
    give_back()
    assert asked == [0]


@pytest.mark.parametrize("error", [OSError, TypeError])
def test_where_there_is_no_such_library_nothing_happens(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def refused(name: Any) -> None:
        raise error

    monkeypatch.setattr(ctypes, "CDLL", refused)
    give_back()


def test_where_the_library_cannot_be_asked_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    give_back()
