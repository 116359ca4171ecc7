"""The emulator for tests that read Cloud Logging."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest

from tests.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Start = Callable[..., Emulator]


@pytest.fixture
def emulate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Starts an emulator with the given arguments and points LOGGING_EMULATOR_HOST at it."""
    with contextlib.ExitStack() as stack:

        def start(*args: Any, **options: Any) -> Emulator:
            emulator = stack.enter_context(Emulator(*args, **options))
            monkeypatch.setenv("LOGGING_EMULATOR_HOST", emulator.host)
            return emulator

        yield start
