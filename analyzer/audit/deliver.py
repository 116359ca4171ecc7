"""The outbox to its publishers: each attempt is noted before the call and its outcome after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from analyzer.audit import outbox
from analyzer.errors import PublishError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from analyzer.audit.lease import Lease
    from analyzer.audit.store import Store
    from analyzer.publish import Publication, Publisher

__all__ = ["Delivered", "deliver", "describe"]


class Delivered(msgspec.Struct, frozen=True):
    """What came of the outbox.

    Attributes:
        done: How many publications were delivered.
        errors: Why others were not, one line each failure.
    """

    done: int = 0
    errors: tuple[str, ...] = ()


def deliver(
    store: Store, lease: Lease, publishers: Sequence[Publisher], clock: Callable[[], int], step: Callable[[str], None]
) -> Delivered:
    """Deliver what waits. Of one incident, what comes later waits for what comes first.

    Args:
        store: The state.
        lease: Is held.
        publishers: Those that are told in this pass; what waits for others waits on.
        clock: The time, nanoseconds.
        step: Told the name of every step.

    Raises:
        HeldError: Another audit took the state over.
        StateError: The state cannot be read or written.
    """
    done = 0
    errors: list[str] = []
    for publisher in publishers:
        with store.begin() as connection:
            waiting = outbox.pending(connection, publisher.name)
        held: set[str] = set()
        for publication in waiting:
            if publication.fingerprint in held:
                continue
            error = _one(store, lease, publisher, publication, clock, step)
            if error:
                held.add(publication.fingerprint)
                errors.append(f"{publisher.name}: {error}")
            else:
                done += 1
    return Delivered(done, tuple(errors))


def describe(store: Store, publishers: Sequence[Publisher]) -> list[str]:
    """What :func:`deliver` would do, one line a publication."""
    lines = []
    for publisher in publishers:
        with store.begin() as connection:
            waiting = outbox.pending(connection, publisher.name)
        lines += [publisher.describe(publication) for publication in waiting]
    return lines


def _one(  # noqa: PLR0913, PLR0917 - what a delivery needs
    store: Store,
    lease: Lease,
    publisher: Publisher,
    publication: Publication,
    clock: Callable[[], int],
    step: Callable[[str], None],
) -> str:
    """Deliver one publication; why it could not be, or nothing."""
    with store.begin() as connection:
        lease.confirm(connection)
        outbox.start(connection, publication.outbox_id)
    step("before the call")
    try:
        receipt = publisher.publish(publication)
    except PublishError as error:
        with store.begin() as connection:
            outbox.failed(connection, publication.outbox_id, str(error))
        return str(error)
    step("after the call")
    with store.begin() as connection:
        lease.confirm(connection)
        outbox.record(connection, publication.outbox_id, receipt, clock())
    step("after its record")
    return ""
