"""Google's real client on an emulator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import grpc
import pytest
from google.cloud.logging_v2.services.logging_service_v2 import LoggingServiceV2Client
from google.cloud.logging_v2.services.logging_service_v2.transports import LoggingServiceV2GrpcTransport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.emulator import Emulator

    Connect = Callable[[Emulator], LoggingServiceV2Client]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Connects clients, and closes their channels when the test is over."""
    channels: list[grpc.Channel] = []

    def connected(emulator: Emulator) -> LoggingServiceV2Client:
        channel = grpc.insecure_channel(emulator.host, options=[("grpc.max_receive_message_length", -1)])
        channels.append(channel)
        return LoggingServiceV2Client(transport=LoggingServiceV2GrpcTransport(channel=channel))

    yield connected
    for channel in channels:
        channel.close()
