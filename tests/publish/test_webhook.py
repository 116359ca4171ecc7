from __future__ import annotations

import json
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.errors import ConfigError, PublishError, TemplateError
from analyzer.publish import Action, Kind
from analyzer.publish.payload import chat_text, payload
from analyzer.publish.webhook import WebhookPublisher, webhook_publisher
from analyzer.redact import Redacted
from analyzer.settings import WebhookSettings
from tests.publish.publications import Clock, publication

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NEW = publication()
SECRET = "T0AB/B0CD/s3cr3tpath"


class Receiver:
    """Takes POSTs and answers what it is told: a status, headers and a body each; 200 when the list is empty."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str], str]] = []
        self.received: list[tuple[dict[str, str], Any]] = []
        self.silence = 0.0
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                receiver.received.append((dict(self.headers), body))
                time.sleep(receiver.silence)
                status, headers, text = receiver.answers.pop(0) if receiver.answers else (200, {}, "ok")
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class's name)
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            def handle_error(self, request: Any, client_address: Any) -> None:
                """A client that gave up is what a test is about."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/services/{SECRET}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    made.thread.start()
    yield made
    made.server.shutdown()
    made.thread.join()
    made.server.server_close()


def hook(receiver: Receiver, clock: Clock | None = None, template: str = "") -> WebhookPublisher:
    settings = WebhookSettings(url=receiver.url, template=template)
    return webhook_publisher(settings, {}, timing=(clock or Clock()).timing(patience=30.0))


def test_a_message_arrives_as_json_with_its_key(receiver: Receiver) -> None:
    receipt = hook(receiver).publish(NEW)
    assert (receipt.action, receipt.reference) == (Action.SENT, "127.0.0.1")
    [(headers, body)] = receiver.received
    assert headers["Idempotency-Key"] == NEW.key
    assert headers["Content-Type"].startswith("application/json")
    assert body == {
        "text": "*New* P0: Missing critical user tables: user_sessions\n3 in all\n"
        "3 events, 2025-09-10T00:33:54Z to 2025-09-10T00:41:10Z\n"
        "Incident feedface, critical, schema; debug log missing_critical_user_tables_20250910.md"
    }


@pytest.mark.parametrize(
    ("answers", "slept"),
    [
        ([(500, {}, "")], [1.0]),
        ([(503, {"Retry-After": "7"}, ""), (502, {}, "")], [7.0, 2.0]),
        ([(429, {}, "")], [5.0]),
        ([(429, {"Retry-After": "11"}, "")], [11.0]),
    ],
)
def test_a_busy_receiver_is_tried_again_with_the_same_key(
    receiver: Receiver, answers: list[tuple[int, dict[str, str], str]], slept: list[float]
) -> None:
    receiver.answers = list(answers)
    clock = Clock()
    assert hook(receiver, clock).publish(NEW).action is Action.SENT
    assert clock.slept == slept
    assert {headers["Idempotency-Key"] for headers, _ in receiver.received} == {NEW.key}


@pytest.mark.parametrize(
    ("answers", "message", "hint"),
    [
        ([(500, {}, "down")] * 3, "127.0.0.1 answered 500: down", "kept for the next pass"),
        ([(429, {"Retry-After": "3600"}, "")], "asks to wait for 3600 s", "kept for the next pass"),
        ([(404, {}, "no_service\x1b")], r"127.0.0.1 answered 404: no_service\x1b", "check the webhook's URL"),
        ([(400, {}, f"no route /services/{SECRET}")], "127.0.0.1 answered 400", "check the webhook's URL"),
        ([(302, {"Location": "https://elsewhere.example/"}, "")], "127.0.0.1 redirects", "that it redirects to"),
    ],
)
def test_a_refusal_is_one_line_without_the_secret(
    receiver: Receiver, answers: list[tuple[int, dict[str, str], str]], message: str, hint: str
) -> None:
    receiver.answers = list(answers)
    with pytest.raises(PublishError) as caught:
        hook(receiver).publish(NEW)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert "s3cr3tpath" not in repr(caught.value) + caught.value.hint
    assert caught.value.__cause__ is None
    assert len(receiver.received) == len(answers)


def test_silence_ends_and_is_tried_again(receiver: Receiver) -> None:
    receiver.silence = 1.2
    clock = Clock()
    publisher = hook(receiver, clock)
    with pytest.raises(PublishError, match=r"127\.0\.0\.1 did not answer in time"):
        publisher.publish(NEW)
    assert clock.slept == [1.0, 2.0]


def test_a_receiver_that_is_not_there_is_said_without_its_path() -> None:
    made = Receiver()
    made.server.server_close()
    with pytest.raises(PublishError) as caught:
        hook(made).publish(NEW)
    assert caught.value.message == "127.0.0.1 cannot be reached"


def test_a_certificate_that_is_not_trusted_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise ssl.SSLCertVerificationError("self-signed certificate")

    publisher = WebhookPublisher("https://hooks.example/x", "", "", Clock().timing())
    monkeypatch.setattr(publisher._opener, "open", refuse)
    with pytest.raises(PublishError, match="certificate that is not trusted"):
        publisher.publish(NEW)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/services/s3cr3t",
        "ftp://hooks.example/s3cr3t",
        "hooks.example/s3cr3t",
        "https://user:s3cr3t@hooks.example/",
        "https:///s3cr3t",
        "https://hooks.example:port/s3cr3t",
        "https://hooks.example/s3 cr3t",
        "https://[::1/s3cr3t",
    ],
)
def test_a_url_that_is_not_one_to_send_to_is_refused_without_being_printed(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        webhook_publisher(WebhookSettings(url=url), {})
    assert "cr3t" not in caught.value.message + caught.value.hint


def test_the_url_may_come_from_the_environment_and_must_come_from_somewhere() -> None:
    environment = {"LOGANALYZE_WEBHOOK_URL": "https://hooks.example/services/x\n"}
    publisher = webhook_publisher(WebhookSettings(), environment)
    assert publisher.describe(NEW).startswith('webhook hooks.example: POST {"text": "*New* P0: ')
    with pytest.raises(ConfigError, match="no webhook") as caught:
        webhook_publisher(WebhookSettings(), {})
    assert "LOGANALYZE_WEBHOOK_URL" in caught.value.hint


@given(st.text(max_size=200))
def test_no_text_breaks_out_of_the_json(text: str) -> None:
    told = publication(title=Redacted(text), summary=Redacted(text))
    body = json.loads(payload(told, "", ""))
    assert list(body) == ["text"]


@given(st.text(max_size=200))
def test_no_text_breaks_out_of_a_string_that_forgot_tojson(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("t")
    (folder / "own.json.j2").write_text('{"a": "{{ publication.title }}", "b": {{ publication.title | tojson }}}')
    assert json.loads(payload(publication(title=Redacted(text)), str(folder / "own.json.j2"), "")) == {
        "a": text,
        "b": text,
    }


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<!channel> & <@U123>", "&lt;!channel&gt; &amp; &lt;＠U123&gt;"),
        ("@all *bold* `code` ~no~", "＠all ∗bold∗ 'code' ∼no∼"),
        ("see https://evil.example/x", "see https[:]//evil.example/x"),
        ("two\nlines\x1b[31m \u202e", r"two lines\x1b[31m \u202e"),
    ],
)
def test_text_in_a_chat_calls_nobody(text: str, shown: str) -> None:
    assert chat_text(text) == shown


@pytest.mark.parametrize("kind", list(Kind))
def test_a_template_of_the_users_folder_stands_in_for_the_built_in_one(tmp_path: Path, kind: Kind) -> None:
    (tmp_path / "webhook.json.j2").write_text(
        '{"kind": {{ publication.kind | tojson }}, "labels": {{ publication.labels | tojson }}}'
    )
    body = json.loads(payload(publication(kind=kind, labels=("a",)), "", str(tmp_path)))
    assert body == {"kind": kind.value, "labels": ["a"]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ publication.nothing }}", "own.json.j2: "),
        ("{% if %}", "own.json.j2:1: "),
        ('{"a": ', "own.json.j2: what it writes is not JSON"),
        ("{{ publication.title.__class__.__mro__ }}", "own.json.j2: "),
    ],
)
def test_a_template_that_cannot_be_used_keeps_the_publication(
    receiver: Receiver, tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "own.json.j2"
    path.write_text(text)
    with pytest.raises(PublishError, match=message):
        hook(receiver, template=str(path)).publish(NEW)
    assert "cannot be written: own.json.j2" in hook(receiver, template=str(path)).describe(NEW)
    assert not receiver.received


def test_a_template_that_is_not_there_is_said() -> None:
    with pytest.raises(TemplateError, match=r"none\.json\.j2: there is no such template"):
        payload(NEW, "/nowhere/none.json.j2", "")
