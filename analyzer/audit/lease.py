"""One audit at a time: a lease in the state, renewed by its holder, that ends by itself where the holder was killed.

No clock is trusted with it. A lease that has not expired is respected at once; one that looks expired, or that ends
later than any lease can, was left behind or is seen by a clock that was moved: then whoever wants it watches whether it
still beats, by a clock that only measures. A holder that lost its lease all the same finds out in its next transaction
and records nothing.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
import time
from typing import TYPE_CHECKING, Self

import sqlalchemy as sa

from analyzer.audit import tables
from analyzer.errors import HeldError, StateError
from analyzer.times import SECOND, format_duration

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from sqlalchemy import Connection, Row

    from analyzer.audit.store import Store

__all__ = ["Lease"]

_BEATS = 12
"""How often a lease is renewed within its length."""

_LOOKS = 40


class Lease:
    """The right to read, record and publish; a context manager that takes it and gives it back.

    Args:
        store: The state.
        length: How long a killed holder blocks the next at most, nanoseconds. Two thirds of it pass until the lease
            has expired, one third is spent watching that it does not beat.
        clock: The time, nanoseconds since the epoch.
    """

    def __init__(self, store: Store, length: int, *, clock: Callable[[], int] = time.time_ns) -> None:
        self._store = store
        self._length = length
        self._valid = length * 2 // 3
        self._clock = clock
        self._holder = secrets.token_hex(8)
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        """Take the lease and keep it.

        Raises:
            HeldError: Another audit holds it.
        """
        self._take()
        self._ended.clear()
        self._thread = threading.Thread(target=self._keep, name="lease", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the lease back, so that the next audit need not wait."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join(timeout=self._length / SECOND)
        # A lease that cannot be given back ends by itself; what ended the pass must not be hidden by it.
        with contextlib.suppress(StateError), self._store.begin() as connection:
            mine = tables.lease.c.holder == self._holder
            connection.execute(sa.update(tables.lease).where(mine).values(holder="", expires=0))

    def confirm(self, connection: Connection) -> None:
        """Make sure, within a transaction, that the lease is still held: what it changes is changed by its holder only.

        Raises:
            HeldError: Another audit took it, because this one stood still for too long.
        """
        row = connection.execute(sa.select(tables.lease).with_for_update()).first()
        if row is None or row.holder != self._holder:
            still = format_duration(self._length)
            raise HeldError(
                f"another audit took the state over: this one stood still for more than {still}",
                hint="nothing more is recorded here; the other one does it",
            )

    def _take(self) -> None:
        with self._store.begin() as connection:
            row = connection.execute(sa.select(tables.lease)).first()
            if row is None:
                connection.execute(sa.insert(tables.lease).values(id=1, **self._mine(0)))
                return
            if not row.holder:
                connection.execute(sa.update(tables.lease).values(self._mine(row.beat)))
                return
        if self._clock() < row.expires <= self._clock() + self._valid:
            raise self._held()
        self._watch(row)
        with self._store.begin() as connection:
            unmoved = (tables.lease.c.holder == row.holder) & (tables.lease.c.beat == row.beat)
            if connection.execute(sa.update(tables.lease).where(unmoved).values(self._mine(row.beat))).rowcount == 0:
                raise self._held()

    def _watch(self, row: Row[tuple[object, ...]]) -> None:
        """Wait until it is certain that a lease does not beat any more."""
        for _ in range(_LOOKS):
            time.sleep(self._length / 3 / SECOND / _LOOKS)
            with self._store.begin() as connection:
                now = connection.execute(sa.select(tables.lease)).first()
            if now is None or (now.holder, now.beat) != (row.holder, row.beat):
                raise self._held()

    def _mine(self, beat: int) -> dict[str, object]:
        return {"holder": self._holder, "beat": beat + 1, "expires": self._clock() + self._valid}

    def _keep(self) -> None:
        """Renew the lease until it is given back; a renewal that fails is tried again at the next beat."""
        while not self._ended.wait(self._length / _BEATS / SECOND):
            with contextlib.suppress(StateError), self._store.begin() as connection:
                mine = tables.lease.c.holder == self._holder
                renewed = {"beat": tables.lease.c.beat + 1, "expires": self._clock() + self._valid}
                connection.execute(sa.update(tables.lease).where(mine).values(renewed))

    def _held(self) -> HeldError:
        return HeldError(
            f"another audit holds the state {self._store.name}",
            hint=f"let it end; where it was killed, the state is free again within {format_duration(self._length)}",
        )
