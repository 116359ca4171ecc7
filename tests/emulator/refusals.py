"""How the API says no: status, text, and for the quota the details beside them."""

from __future__ import annotations

import grpc
from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2  # type: ignore[import-untyped]

__all__ = ["QUOTA_TEXT", "VIEWS_TEXT", "Refusal"]

QUOTA_TEXT = (
    "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute' of service "
    "'logging.googleapis.com' for consumer 'project_number:123456789012'."
)
"""As the real API words it: https://github.com/googleapis/java-logging/issues/1129 and many others."""

VIEWS_TEXT = "Permission denied for all log views"
"""As the real API words a caller without ``logging.logEntries.list`` on a project that exists."""

_TEXTS = {
    grpc.StatusCode.RESOURCE_EXHAUSTED: QUOTA_TEXT,
    grpc.StatusCode.PERMISSION_DENIED: VIEWS_TEXT,
    grpc.StatusCode.UNAVAILABLE: "The service is currently unavailable.",
    grpc.StatusCode.INTERNAL: "Internal error encountered.",
    grpc.StatusCode.DEADLINE_EXCEEDED: "Deadline exceeded.",
    grpc.StatusCode.UNAUTHENTICATED: (
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
        "authentication credential."
    ),
}


_RATE_LIMIT = {
    "reason": "RATE_LIMIT_EXCEEDED",
    "domain": "googleapis.com",
    "metadata": {
        "consumer": "projects/123456789012",
        "quota_limit": "ReadRequestsPerMinutePerProject",
        "quota_limit_value": "60",
        "quota_metric": "logging.googleapis.com/read_requests",
        "service": "logging.googleapis.com",
    },
}


class Refusal(Exception):  # noqa: N818 - it is an answer of the API, not an error of the emulator
    """A call that is answered with a status.

    Args:
        code: The status.
        text: Its text; empty for the API's usual words.
    """

    def __init__(self, code: grpc.StatusCode, text: str = "") -> None:
        super().__init__(text)
        self.code = code
        self.text = text or _TEXTS.get(code, str(code.value[1]))

    def status(self) -> status_pb2.Status:
        """Code, text and details as one message."""
        status = status_pb2.Status(code=self.code.value[0], message=self.text)
        if self.code is grpc.StatusCode.RESOURCE_EXHAUSTED:
            packed = any_pb2.Any()
            packed.Pack(error_details_pb2.ErrorInfo(**_RATE_LIMIT))
            status.details.append(packed)
        return status
