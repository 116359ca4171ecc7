"""A Cloud Logging API of our own: ListLogEntries and WriteLogEntries over plaintext gRPC, with faults on demand.

Google's real client talks to it; nothing in the package under test is patched::

    with Emulator(entries, faults=[Fault(call=3, code=grpc.StatusCode.UNAVAILABLE)]) as emulator:
        channel = grpc.insecure_channel(emulator.host)
        client = LoggingServiceV2Client(transport=LoggingServiceV2GrpcTransport(channel=channel))

By hand: ``python -m tests.emulator CAPTURE --port 8085``.
"""

from __future__ import annotations

from tests.emulator.calls import Call
from tests.emulator.faults import Fault
from tests.emulator.server import Emulator

__all__ = ["Call", "Emulator", "Fault"]
