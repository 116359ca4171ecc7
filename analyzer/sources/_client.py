"""The connection to Cloud Logging: credentials, project, transport, and what its errors mean to the user.

``LOGGING_EMULATOR_HOST=host:port`` speaks plaintext gRPC without credentials, as the variables of Google's other
clients do (``PUBSUB_EMULATOR_HOST``). Roles: https://cloud.google.com/logging/docs/access-control.
"""

from __future__ import annotations

import os
import re
import warnings
import weakref
from typing import TYPE_CHECKING, Any

from analyzer.errors import CredentialsError, LoganalyzeError, PermissionDeniedError, SourceError, UsageError
from analyzer.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    import grpc
    from google.api_core.exceptions import GoogleAPICallError
    from google.auth.credentials import Credentials

    from analyzer.sources._query import Query

__all__ = [
    "EMULATOR",
    "SIGN_IN",
    "Call",
    "Connection",
    "connect",
    "credentials_for",
    "emulator",
    "one_line",
    "project_named",
    "status",
]

SIGN_IN = "run: gcloud auth application-default login (or set GOOGLE_APPLICATION_CREDENTIALS to a key file)"

EMULATOR = "LOGGING_EMULATOR_HOST"
"""The environment variable with the host and port of an emulator."""

_METHOD = "/google.logging.v2.LoggingServiceV2/ListLogEntries"
_READ_ONLY = "https://www.googleapis.com/auth/logging.read"
_NO_PROJECT = "no Google Cloud project is known"
_NAME_IT = "give --project PROJECT_ID, or set GOOGLE_CLOUD_PROJECT"
_PLUGIN = "Getting metadata from plugin failed"
_NOT_A_NAME = re.compile(r"(?i)valid resource name|invalid resource|project (?:id|number|name)|parent")
_LONGEST_REASON = 300

_FAILURES = {
    "RESOURCE_EXHAUSTED": ("the quota of project {project} is used up", "wait a minute, or ask for more quota"),
    "DEADLINE_EXCEEDED": ("Cloud Logging does not answer in time", "try again, or read a shorter window"),
    "UNAVAILABLE": ("Cloud Logging cannot be reached", "check the network and try again in a minute"),
}
_FAILURE = ("Cloud Logging failed with {code}", "try again in a minute")


def emulator() -> str:
    """Host and port of the emulator to talk to; empty for Google."""
    return os.environ.get(EMULATOR, "")


def connect(project: str) -> Connection:
    """A connection to the project's logs; no call is made but for fresh credentials.

    Args:
        project: Project id; empty for the credentials' own.

    Raises:
        CredentialsError: There are no credentials, or they cannot be refreshed.
        UsageError: Neither the argument nor the credentials name a project.
        SourceError: The credentials cannot be checked, for want of a network.
    """
    # gRPC's C core writes lines about forks and threads to stderr; what fails comes as an exception anyway.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    host = emulator()
    if host:
        return Connection(_emulated(host), project_named(project, os.environ.get("GOOGLE_CLOUD_PROJECT", "")))
    credentials, project = credentials_for(_READ_ONLY, project)
    from google.cloud.logging_v2.services.logging_service_v2 import LoggingServiceV2Client  # noqa: PLC0415 - heavy

    # Google's own client knows endpoint, certificates and quota project; only the channel it makes of them is needed.
    transport: Any = LoggingServiceV2Client(credentials=credentials).transport
    return Connection(transport.grpc_channel, project)


def _emulated(host: str) -> grpc.Channel:
    import grpc  # noqa: PLC0415 - heavy

    return grpc.insecure_channel(host, options=[("grpc.max_receive_message_length", -1)])


def project_named(given: str, own: str) -> str:
    """The id of the project to read: the one that was given, else the one at hand.

    Raises:
        UsageError: There is neither.
    """
    project = given.strip().removeprefix("projects/") or own
    if not project:
        raise UsageError(_NO_PROJECT, hint=_NAME_IT)
    return project


def credentials_for(scope: str, project: str) -> tuple[Credentials, str]:
    """Application Default Credentials, fresh, and the project: the one that was given, else their own.

    Args:
        scope: What they are to be good for: https://developers.google.com/identity/protocols/oauth2/scopes.
        project: Project id; empty for the credentials' own.

    Raises:
        CredentialsError: There are no credentials, or they cannot be refreshed.
        UsageError: Neither the argument nor the credentials name a project.
        SourceError: The credentials cannot be checked, for want of a network.
    """
    import google.auth  # noqa: PLC0415 - heavy
    from google.auth import exceptions  # noqa: PLC0415
    from google.auth.transport.requests import Request  # noqa: PLC0415

    try:
        with warnings.catch_warnings():
            # About end-user credentials without a quota project: true of every developer's machine.
            warnings.simplefilter("ignore", UserWarning)
            credentials, own = google.auth.default(scopes=[scope])
        # Within a call a refusal would be told from a lost connection only by its text.
        credentials.refresh(Request())  # type: ignore[no-untyped-call]
    except exceptions.DefaultCredentialsError as error:
        raise CredentialsError(f"no Google Cloud credentials: {one_line(error)}", hint=SIGN_IN) from error
    except exceptions.TransportError as error:
        raise SourceError(
            f"the credentials cannot be refreshed: {one_line(error)}", hint="check the network and the proxy"
        ) from error
    except exceptions.GoogleAuthError as error:
        raise CredentialsError(f"the credentials do not work any more: {one_line(error)}", hint=SIGN_IN) from error
    return credentials, project_named(project, own or "")


class Call:
    """A page that was asked for.

    Args:
        future: gRPC's own.
    """

    def __init__(self, future: Any) -> None:
        self._future = future

    def page(self) -> tuple[Sequence[Any], str]:
        """Wait for the page: its LogEntry messages (:data:`analyzer.sources._wire.ENTRY`), and the next page's token.

        Raises:
            GoogleAPICallError: As the API answered.
        """
        import grpc  # noqa: PLC0415 - heavy
        from google.api_core.exceptions import from_grpc_error  # noqa: PLC0415

        try:
            page = self._future.result()
        except grpc.RpcError as error:
            raise from_grpc_error(error) from error  # type: ignore[no-untyped-call]
        return page.entries, page.next_page_token

    def cancel(self) -> None:
        """Nobody waits for the page any more."""
        self._future.cancel()


class Connection:
    """A channel and the project that is read over it.

    Args:
        channel: To Cloud Logging.
        project: Project id.
    """

    def __init__(self, channel: grpc.Channel, project: str) -> None:
        from google.api_core.gapic_v1.client_info import ClientInfo  # noqa: PLC0415 - heavy
        from google.cloud.logging_v2.types import ListLogEntriesRequest  # noqa: PLC0415

        from analyzer.sources._wire import PAGE  # noqa: PLC0415

        self.project = project
        # A read that is dropped unfinished is closed before the interpreter ends: after that, gRPC would wait for its
        # threads, which are gone, for ever.
        self._close = weakref.finalize(self, channel.close)
        self._request = ListLogEntriesRequest.pb()
        # The client's own method would wrap every page and hold up whoever calls it until the page is there.
        self._list = channel.unary_unary(
            _METHOD, request_serializer=self._request.SerializeToString, response_deserializer=PAGE.FromString
        )
        info: Any = ClientInfo
        self._metadata = (info(user_agent=f"loganalyze/{__version__}").to_grpc_metadata(),)

    def call(self, query: Query, size: int, token: str, timeout: float) -> Call:
        """Ask for one page, oldest entries first, and do not wait for it.

        Args:
            query: What to ask for.
            size: Entries wanted at most.
            token: Of this page; empty for the first.
            timeout: Seconds.
        """
        request = self._request(
            resource_names=[f"projects/{self.project}"],
            filter=query.text,
            order_by="timestamp desc" if query.newest_first else "timestamp asc",
            page_size=size,
            page_token=token,
        )
        return Call(self._list.future(request, timeout=timeout, metadata=self._metadata))

    def close(self) -> None:
        """Close the channel; calls that are under way end."""
        self._close()

    def translate(self, error: GoogleAPICallError, query: Query) -> LoganalyzeError:
        """What the user is told about a call that failed for good."""
        code, reason = status(error), one_line(error.message)
        if code == "UNAUTHENTICATED" or _PLUGIN in reason:
            return CredentialsError(f"Google refuses the credentials: {reason}", hint=SIGN_IN)
        if code == "PERMISSION_DENIED":
            return _denied(reason, self.project)
        if code == "NOT_FOUND" or (code == "INVALID_ARGUMENT" and _NOT_A_NAME.search(reason)):
            return SourceError(
                f"there is no project {self.project!r} with logs to read: {reason}",
                hint="check the project's id against: gcloud projects list",
            )
        if code == "INVALID_ARGUMENT" and "page_token" not in reason:
            return query.refused(reason)
        text, hint = _FAILURES.get(code, _FAILURE)
        return SourceError(f"{text.format(code=code, project=self.project)}: {reason}", hint=hint)


def _denied(reason: str, project: str) -> SourceError:
    if "has not been used" in reason or "SERVICE_DISABLED" in reason:
        return SourceError(
            f"the Cloud Logging API is not enabled in project {project}",
            hint=f"run: gcloud services enable logging.googleapis.com --project {project}",
        )
    return PermissionDeniedError(
        f"the credentials lack logging.logEntries.list on project {project}: {reason}",
        hint=(
            f"grant roles/logging.viewer on {project} (data access logs: roles/logging.privateLogViewer), "
            "or check the project's name"
        ),
    )


def status(error: GoogleAPICallError) -> str:
    """The name of the gRPC status, ``UNKNOWN`` where it has none."""
    code = error.grpc_status_code
    return str(code.name) if code is not None else "UNKNOWN"


def one_line(reason: object) -> str:
    """The reason in one line of bounded length."""
    text = " ".join(str(reason).split())
    return text if len(text) <= _LONGEST_REASON else f"{text[:_LONGEST_REASON]}…"
