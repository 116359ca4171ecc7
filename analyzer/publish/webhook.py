"""Slack, or anything else that takes a POST of JSON.

A webhook can be asked nothing, so a delivery whose answer was lost is sent again: at least once, with the same
``Idempotency-Key`` each time, by which a receiver that cares drops the second.
"""

from __future__ import annotations

import http.client
import ssl
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from analyzer.errors import ConfigError, PublishError, TemplateError
from analyzer.publish import Action, Publication, Receipt
from analyzer.publish.payload import payload
from analyzer.publish.timing import Timing
from analyzer.safe import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analyzer.settings import WebhookSettings

__all__ = ["WebhookPublisher", "webhook_publisher"]

_PAUSES = (1.0, 2.0)
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_TOO_MANY, _SERVER, _REDIRECTS = 429, 500, range(300, 400)
_SAID = 200
_DEFAULT_WAIT = 5.0


def webhook_publisher(
    settings: WebhookSettings, environment: Mapping[str, str], *, templates: str = "", timing: Timing | None = None
) -> WebhookPublisher:
    """The publisher that the configuration and the environment describe; nothing is called yet.

    Args:
        settings: ``[publish.webhook]``.
        environment: For ``LOGANALYZE_WEBHOOK_URL``.
        templates: The user's folder of templates; empty for none.
        timing: How long it waits.

    Raises:
        ConfigError: There is no URL, or one that a message may not be sent to. The URL is not printed: it is a secret.
    """
    url = (settings.url or environment.get("LOGANALYZE_WEBHOOK_URL", "")).strip()
    if not url:
        hint = "set LOGANALYZE_WEBHOOK_URL, or write url under [publish.webhook]"
        raise ConfigError("no webhook to publish to", hint=hint)
    return WebhookPublisher(url, settings.template, templates, timing or Timing(patience=30.0))


class WebhookPublisher:
    """Publishes by POST to one URL; one object serves one pass.

    Args:
        url: ``https``, or ``http`` to this machine. Never printed.
        template: The user's template file; empty for the built-in one.
        templates: The user's folder of templates; empty for none.
        timing: How long it waits.

    Raises:
        ConfigError: The URL is not one to send to.
    """

    name = "webhook"

    def __init__(self, url: str, template: str, templates: str, timing: Timing) -> None:
        self._url = url
        self._host = _host(url)
        self._template = template
        self._templates = templates
        self._timing = timing
        # No redirection is followed: it would carry the message, or a secret in the path, to another place.
        self._opener = urllib.request.build_opener(_NoRedirection)

    def publish(self, publication: Publication) -> Receipt:
        """Send it.

        Raises:
            PublishError: The template cannot be rendered, or the other side cannot be reached, refuses, or asks to wait
                for longer than this pass may take.
        """
        try:
            body = payload(publication, self._template, self._templates)
        except TemplateError as error:
            raise PublishError(error.message, hint=error.hint) from error
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": publication.key,
            "User-Agent": "loganalyze",
        }
        deadline = self._timing.monotonic() + self._timing.patience
        for pause in (*_PAUSES, None):
            wait = self._sent(body, headers, pause)
            if wait is None:
                break
            if self._timing.monotonic() + wait > deadline:
                raise PublishError(f"{self._host} asks to wait for {wait:.0f} s", hint="it is kept for the next pass")
            self._timing.sleep(wait)
        return Receipt(self._host, Action.SENT)

    def describe(self, publication: Publication) -> str:
        """What :meth:`publish` would send, in one line."""
        try:
            body = payload(publication, self._template, self._templates).decode()
        except TemplateError as error:
            return f"webhook {self._host}: cannot be written: {error.message}"
        return f"webhook {self._host}: POST {visible(body)}"

    def _sent(self, body: bytes, headers: Mapping[str, str], pause: float | None) -> float | None:
        """Seconds until another attempt makes sense; None when it arrived.

        Args:
            body: What is sent.
            headers: Of the request.
            pause: Seconds to wait where the other side does not say; None in the last attempt.
        """
        # The scheme was checked when this object was made.
        request = urllib.request.Request(self._url, body, dict(headers), method="POST")  # noqa: S310
        try:
            with self._opener.open(request, timeout=self._timing.timeout) as response:
                response.read(_SAID)
        except urllib.error.HTTPError as error:
            with error:
                return self._refused(error, pause)
        # Errors of these kinds may quote the URL, so none is chained.
        except (OSError, http.client.HTTPException, ValueError) as error:
            if pause is None or _is_certificate(error):
                raise PublishError(f"{self._host} {_trouble(error)}", hint="it is kept for the next pass") from None
            return pause
        return None

    def _refused(self, error: urllib.error.HTTPError, pause: float | None) -> float:
        status = error.code
        after = error.headers.get("Retry-After", "")
        again = status == _TOO_MANY or status >= _SERVER
        if again and pause is not None:
            return float(after) if after.isdigit() else max(pause, _DEFAULT_WAIT if status == _TOO_MANY else 0.0)
        if status in _REDIRECTS:
            hint = "write the address that it redirects to"
            raise PublishError(f"{self._host} redirects, and a webhook is not followed elsewhere", hint=hint) from None
        said = " ".join(visible(error.read(_SAID).decode(errors="replace")).split())
        # A proxy's page may quote the address, and the path of a webhook is its secret.
        said = "" if any(part in said for part in urlsplit(self._url).path.split("/") if part) else said
        hint = "it is kept for the next pass" if again else "check the webhook's URL and template"
        raise PublishError(f"{self._host} answered {status}" + (f": {said}" if said else ""), hint=hint) from None


class _NoRedirection(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Follow nothing."""


def _host(url: str) -> str:
    """The only part of the URL that is ever printed."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    allowed = parts.scheme == "https" or (parts.scheme == "http" and host in _LOCAL)
    if not (allowed and host and url.isascii() and url.isprintable() and " " not in url) or parts.username is not None:
        raise ConfigError("the webhook's URL is not one to send to", hint="write https://HOST/PATH, without a user")
    return host


def _is_certificate(error: Exception) -> bool:
    return isinstance(getattr(error, "reason", error), ssl.SSLCertVerificationError)


def _trouble(error: Exception) -> str:
    if _is_certificate(error):
        return "shows a certificate that is not trusted"
    reason = getattr(error, "reason", error)
    return "did not answer in time" if isinstance(reason, TimeoutError) else "cannot be reached"
