"""Secrets never survive, infrastructure always does."""

from __future__ import annotations

import base64
import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from analyzer.redact import Redactor
from analyzer.redact.addresses import find_addresses
from analyzer.redact.assignments import find_assignments
from analyzer.redact.spans import KINDS
from analyzer.redact.tokens import find_tokens
from analyzer.redact.urls import find_urls

KEY = b"a key for tests"
SURROGATE = re.compile(rf"\[(?:{'|'.join(KINDS)}):[0-9a-f]{{6}}\]")


def _filled(alphabet: str, length: int) -> str:
    """A value of the right form that no vendor ever issued; put together here so that no scanner takes it for one."""
    return "".join(alphabet[(7 * i + i * i) % len(alphabet)] for i in range(length))


LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
LOWER_HEX = "0123456789abcdef"
UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
JWT = ".".join(
    (
        base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("="),
        base64.urlsafe_b64encode(b'{"sub":"1234567890","name":"Bob"}').decode().rstrip("="),
        _filled(LETTERS, 43),
    )
)
SERVICE_ACCOUNT = base64.b64encode(b'{"type": "service_account", "private_key": "x"}').decode()
PRIVATE_KEY = (
    f"-----BEGIN PRIVATE KEY-----\n{_filled(LETTERS, 64)}\n{_filled(LETTERS, 40)}==\n-----END PRIVATE KEY-----\n"
)

# name: (text, what of it must not be printed)
KNOWN: dict[str, tuple[str, tuple[str, ...]]] = {
    "url": ("postgresql://app:hunter2@10.1.2.3:5432/app", ("hunter2",)),
    "url with a dialect": (
        "could not connect to postgresql+asyncpg://app:s3cr%40t@/app?host=/cloudsql/p:r:i",
        ("s3cr%40t",),
    ),
    "url with signs in the password": ("mysql://root:p@ss/w0rd@db:3306/x", ("p@ss", "w0rd")),
    "url without a user": ("redis://:hunter2@cache:6379/0", ("hunter2",)),
    "url over http": ("GET https://bob:hunter2@example.com/a/@b/c", ("hunter2",)),
    "url with a token for a user": (
        f"cloning https://{_filled(LOWER_HEX, 40)}@git.example/x",
        (_filled(LOWER_HEX, 40),),
    ),
    "driver dsn": ("app:hunter2@tcp(10.0.0.1:3306)/app", ("hunter2",)),
    "libpq": ("host=db port=5432 user=app password=hunter2 dbname=app", ("hunter2",)),
    "libpq, quoted": ("user=app password='hunter two' dbname=app", ("hunter two", "two")),
    "environment": ("DB_PASSWORD=hunter2 PGPASSWORD=swordfish9 MYSQL_PWD=abc123", ("hunter2", "swordfish9", "abc123")),
    "environment, suffixed": ("DB_PASSWORD_STAGING=hunter2; JWT_SECRET_KEY=abc-def", ("hunter2", "abc-def")),
    "json": ('{"user": "app", "password": "hun\\"ter2", "port": 1}', ("hun\\", "ter2")),
    "json in json": ('{"payload": "{\\"password\\": \\"hunter2\\", \\"port\\": 1}"}', ("hunter2",)),
    "json without spaces": ('{"api_key":"hunter2","clientSecret":"swordfish"}', ("hunter2", "swordfish")),
    "python": ("{'user': 'app', 'password': 'hunter2'}", ("hunter2",)),
    "python call": ("connect(user='app', password='hunter2', host=host)", ("hunter2",)),
    "ruby": (':password=>"hunter2"', ("hunter2",)),
    "yaml": ("password: hunter2\nuser: app", ("hunter2",)),
    "yaml, plain word at the end": ("db_password: swordfish", ("swordfish",)),
    "xml": ("<dbPassword>hunter2</dbPassword>", ("hunter2",)),
    "sql": ("ALTER ROLE app WITH PASSWORD 'hunter2'", ("hunter2",)),
    "sql, mysql": ("CREATE USER app IDENTIFIED BY 'hunter2'", ("hunter2",)),
    "flag": ("psql --password hunter2 --host db", ("hunter2",)),
    "flag with =": ("run --api-key=hunter2", ("hunter2",)),
    "curl": ("curl -u admin:hunter2 https://example.com", ("hunter2",)),
    "query": ("GET /cb?token=abcdef123&next=/home", ("abcdef123",)),
    "bearer": ("Authorization: Bearer abc.def-ghi_123", ("abc.def-ghi_123",)),
    "bearer on its own": (f"sent Bearer {_filled(LETTERS, 24)}", (_filled(LETTERS, 24),)),
    "basic": ("'Authorization': 'Basic YXBwOmh1bnRlcjI='", ("YXBwOmh1bnRlcjI",)),
    "authorization without a scheme": ("authorization=a1b2c3d4", ("a1b2c3d4",)),
    "digest": ("Authorization: Digest username=x, response=abc123", ("abc123",)),
    "headers as pairs": (
        "[(b'authorization', b'Bearer a1b2c3d4'), (b'cookie', b'sid=q1w2e3')]",
        ("a1b2c3d4", "q1w2e3"),
    ),
    "cookie": ("Cookie: sid=abc123; csrftoken=def456", ("abc123", "def456")),
    "set-cookie": ("Set-Cookie: sid=abc123; Path=/; HttpOnly", ("abc123",)),
    "cookie in json": ('{"cookie": "sid=abc123; theme=dark"}', ("abc123",)),
    "api key header": ("x-api-key: a1b2c3d4e5", ("a1b2c3d4e5",)),
    "jwt": (f"token rejected {JWT} for user", (JWT.split(".")[1], JWT.split(".")[2])),
    "jwt, cut short": (f"got {JWT[:70]}", (JWT[40:70],)),
    "google api key": (f"key AIza{_filled(LETTERS, 35)}", (_filled(LETTERS, 35),)),
    "google oauth": (f"ya29.{_filled(LETTERS, 60)}", (_filled(LETTERS, 60),)),
    "google refresh token": (f"1//0{_filled(LETTERS, 40)}", (_filled(LETTERS, 40),)),
    "google client secret": (f"GOCSPX-{_filled(LETTERS, 28)}", (_filled(LETTERS, 28),)),
    "google signed url": (f"?X-Goog-Signature={_filled(LOWER_HEX, 64)}&x=1", (_filled(LOWER_HEX, 64),)),
    "github": (f"ghp_{_filled(LETTERS, 36)} and github_pat_{_filled(LETTERS, 60)}", (_filled(LETTERS, 36),)),
    "gitlab": (f"glpat-{_filled(LETTERS, 20)}", (_filled(LETTERS, 20),)),
    "slack": (f"xoxb-123456789012-{_filled(LETTERS, 24)}", (_filled(LETTERS, 24), "123456789012")),
    "slack webhook": (f"https://hooks.slack.com/services/T000/B000/{_filled(LETTERS, 24)}", (_filled(LETTERS, 24),)),
    "stripe": (
        f"sk_live_{_filled(LETTERS, 24)} whsec_{_filled(LETTERS, 32)}",
        (_filled(LETTERS, 24), _filled(LETTERS, 32)),
    ),
    "openai": (f"Incorrect API key provided: sk-{_filled(LETTERS, 48)}", (_filled(LETTERS, 48),)),
    "openai, project": (f"sk-proj-{_filled(LETTERS, 48)}", (_filled(LETTERS, 48),)),
    "anthropic": (f"sk-ant-api03-{_filled(LETTERS, 80)}", (_filled(LETTERS, 80),)),
    "aws": (
        f"AKIA{_filled(UPPER, 16)} aws_secret_access_key = {_filled(LETTERS, 40)}",
        (_filled(UPPER, 16), _filled(LETTERS, 40)),
    ),
    "sendgrid": (f"SG.{_filled(LETTERS, 22)}.{_filled(LETTERS, 43)}", (_filled(LETTERS, 43),)),
    "azure": (f"DefaultEndpointsProtocol=https;AccountKey={_filled(LETTERS, 60)}==;x=1", (_filled(LETTERS, 60),)),
    "private key": (PRIVATE_KEY, (_filled(LETTERS, 64), _filled(LETTERS, 40))),
    "private key in one line": (PRIVATE_KEY.replace("\n", "\\n"), (_filled(LETTERS, 64), _filled(LETTERS, 40))),
    "private key, cut short": (PRIVATE_KEY[:60], (PRIVATE_KEY[30:60],)),
    "service account key": (
        '{"type": "service_account", "project_id": "acme", "private_key_id": "'
        + _filled(LOWER_HEX, 40)
        + '", "private_key": "'
        + PRIVATE_KEY.replace("\n", "\\n")
        + '", "client_email": "ci@acme.iam.gserviceaccount.com"}',
        (_filled(LOWER_HEX, 40), _filled(LETTERS, 64), "ci@acme"),
    ),
    "bcrypt": (f"$2b$12${_filled(LETTERS, 53)}", (_filled(LETTERS, 53),)),
    "django hash": (f"pbkdf2_sha256$600000$salt$ {_filled(LETTERS, 43)}".replace("$ ", "$"), (_filled(LETTERS, 43),)),
    "service account": ("ci@acme-staging.iam.gserviceaccount.com lacks permission", ("ci@acme",)),
    "default service account": ("as 123456789-compute@developer.gserviceaccount.com", ("123456789-compute",)),
    "database user of a service account": ('role "ci@acme-staging.iam" does not exist', ("ci@acme",)),
    "e-mail": ("login of bob.o'neil+x@mail.example.co.uk failed", ("bob.o'neil", "mail.example")),
    "e-mail, encoded": ("GET /users?email=bob%40example.com", ("bob", "example.com")),
    "e-mail, not ascii": ("jürgen@müller.de schrieb", ("jürgen", "müller")),
    "external address": (
        "from 8.8.8.8:443 via 203.0.113.7, client=34.120.1.2",
        ("8.8.8.8", "203.0.113.7", "34.120.1.2"),
    ),
    "external address, java": ("connect to db.example/34.120.1.2:5432 failed", ("34.120.1.2",)),
    "external address, v6": ("[2001:4860:4860::8888]:443 and 2a00:1450:4001:81b::200e", ("4860::8888", "81b::200e")),
    "url with a named host": ("postgres://app:Tr0ub4dor&3@db.internal:5432/app", ("Tr0ub4dor",)),
    "url with an e-mail for a user": ("smtp://mailer%40acme.io:sm7pPw@smtp.gmail.com:587", ("mailer", "sm7pPw")),
    "url, oracle": ("jdbc:oracle:thin:scott/t1gerPaw@//db.internal:1521/ORCL", ("t1gerPaw",)),
    "environment, short": ("DB_PASS=Gr33nEggs!\nsmtp_pass: 'two words'", ("Gr33nEggs", "two words")),
    "environment of a container": (
        '{"env": [{"name": "DB_PASSWORD", "value": "Gr33nEggs"}, {"name":"API_TOKEN","value":"abc-1"}]}',
        ("Gr33nEggs", "abc-1"),
    ),
    "environment of a container, json in json": ('{\\"name\\":\\"DB_PASSWORD\\",\\"value\\":\\"Gr33n\\"}', ("Gr33n",)),
    "environment of a container, yaml": ("- name: JWT_SECRET\n  value: Gr33nEggs\n", ("Gr33nEggs",)),
    "pydantic": (
        "API_SECRET\n  String should be longer [type=string_too_short, input_value='Gr33n', input_type=str]",
        ("Gr33n",),
    ),
    "flag of mysql": ("mysql -uroot -pGr33nEggs app", ("Gr33nEggs",)),
    "flag of docker": ("docker login -u bot -p Gr33nEggs registry.example", ("Gr33nEggs",)),
    "sql, mysql with a plugin": ("ALTER USER app IDENTIFIED WITH caching_sha2_password BY 'hunter2'", ("hunter2",)),
    "service account key, base64": (
        f"read {SERVICE_ACCOUNT} from the secret",
        (SERVICE_ACCOUNT[-30:],),
    ),
    "teams webhook": (f"/webhookb2/a@b/IncomingWebhook/{_filled(LOWER_HEX, 32)}/x", (_filled(LOWER_HEX, 32),)),
    "telegram": (f"https://api.telegram.org/bot123456789:AA{_filled(LETTERS, 33)}/send", (_filled(LETTERS, 33),)),
    "shopify": (f"shpat_{_filled(LOWER_HEX, 32)}", (_filled(LOWER_HEX, 32),)),
    "mapped address": ("::ffff:8.8.4.4", ("8.8.4.4",)),
}

SURVIVES = (
    "/cloudsql/acme-staging:us-central1:staging-db and acme-staging:us-central1:staging-db",
    "{'auth_users', 'password_reset_tokens', 'alembic_version', 'auth_audit_logs', 'auth_sessions'}",
    "✗ Missing critical user tables: ['user_sessions', 'api_keys', 'secrets']",
    "✗ Golden path validation failed: Users cannot log in without proper auth=REDACTED",
    "Users cannot log in without proper authentication",
    "Startup validation: BYPASSED (BYPASS_STARTUP_VALIDATION=true)",
    'FATAL:  password authentication failed for user "app"',
    "(1045, \"Access denied for user 'app'@'10.0.0.1' (using password: YES)\")",
    "backend-staging-00012-abc is ready; instance 00f46b928f1e3c5d",
    "sqlalchemy.exc.ProgrammingError: (psycopg2.errors.UndefinedTable) SQLSTATE 42P01, 28P01",
    "commit 0123456789abcdef0123456789abcdef01234567 of main",
    "request 123e4567-e89b-12d3-a456-426614174000 took 3.2s",
    "PostgreSQL 14.5 on x86_64-pc-linux-gnu, version 1.2.3.4, v4.3.2.1, nginx/1.2.3.4, pkg==1.2.3.4, lib-1.2.3.4",
    "Mozilla/5.0 (X11) AppleWebKit/537.36 (KHTML) Chrome/120.0.6099.109 Safari/537.36",
    "2025-09-10T00:33:54.123456789Z [13] 10.8.0.3:5432 127.0.0.1 169.254.169.254 192.168.1.1 172.16.0.4 0.0.0.0:8080",
    "::1 fe80::1 fd00::2 [::]:8080 00:33:54 aa:bb:cc:dd:ee:ff std::vector dead::beef",
    'File "/app/auth/password_reset.py", line 12, in app.auth.tokens.verify',
    "client = Client(api_key=settings.API_KEY, token=get_token(), password=config.db.password)",
    "password=%s, password=$1, password=:password, password=?, password=${DB_PASSWORD}, token={{ token }}",
    "password=***, password=********, api_key=<redacted>, secret=[FILTERED], token=REDACTED",
    "postgres://app:***@db/app postgres://app@db.acme.internal/app http://localhost:8080/path/foo@bar",
    "token: expired; secret: missing; API key: invalid; password: required, token: None",
    "Token: Signature has expired; Invalid token: unexpected end of input",
    "Missing required secret: JWT_SECRET_STAGING; secret: SECRET_KEY is not set",
    "GOOGLE_APPLICATION_CREDENTIALS=/secrets/key.json PWD=/workspace credentials: /etc/key.json",
    "secret=projects/123456/secrets/jwt-secret/versions/latest",
    "prompt_tokens=1500 max_tokens: 4096 total_tokens=12 token_count=5 token=3",
    '{"password": ["This field is required."], "token": "Token has expired."}',
    "sa.Column('password', sa.String(length=255), nullable=False) password_hash: VARCHAR(255)",
    "git@github.com:acme/app.git user@1000.service foo@bar python3.11@sha256:abc",
    "the function signature: foo(bar, baz) and cookie: missing and the cookie banner",
    "primary_key=True, foreign key: users.id, cache_key=users:12, key=value, idempotency_key=abc",
    "disk-pd-standard-europe-west1-b0 task-force-one-two-three-4 risk-assessment-2025-09-10-final",
    "gcr.io/acme/app@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "Bearer authentication failed: bearer token missing; Authorization: denied for role reader",
    "Can't locate revision identified by '1a2b3c4d5e6f'",
    "the user upgraded: can't locate the revision that is identified by '1a2b3c4d5e6f'",
    "postgresql://app:***@db.internal:5432/app and postgresql://app:REDACTED@db.internal:5432/app",
    "fetch(url, {credentials: same-origin}) --set-secrets=DB_PASSWORD=db-password:latest",
    "- name: DB_PASSWORD\n  valueFrom: {secretKeyRef: {name: db, key: password}}",
    "API_SECRET\n  Field required [type=missing, input_value={}, input_type=dict]",
    "tests_pass: 17, pass=10, first_pass=done, mysql --port=3306 -h db.internal",
    "Client.__init__(self, project=project, credentials=_credentials, token=access_token)",
    "scope=https://www.googleapis.com/auth/cloud-platform",
    'pg_hba.conf rejects connection for host "10.1.2.3", user "app", database "app", no encryption',
)


@pytest.mark.parametrize("name", KNOWN)
def test_a_secret_of_a_known_format_does_not_survive(name: str) -> None:
    text, hidden = KNOWN[name]
    redacted = Redactor(KEY).redact(text)
    assert [part for part in hidden if part in redacted] == []
    assert SURROGATE.search(redacted)


@pytest.mark.parametrize("text", SURVIVES)
def test_what_people_need_survives_byte_for_byte(text: str) -> None:
    assert Redactor(KEY).redact(text) == text


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("postgresql://app:hunter2@10.1.2.3:5432/app", "postgresql://app:@10.1.2.3:5432/app"),
        ("mysql://root:p@ss/w0rd@db:3306/x", "mysql://root:@db:3306/x"),
        ("mysql://root:p@ss/w0rd@db.internal:3306/x", "mysql://root:@db.internal:3306/x"),
        ("postgresql://app:hunter2@db.internal:5432/app", "postgresql://app:@db.internal:5432/app"),
        ("smtp://mailer%40acme.io:sm7pPw@smtp.gmail.com:587", "smtp://:@smtp.gmail.com:587"),
        (
            "postgresql+asyncpg://app:pw@/app?host=/cloudsql/p:r:i",
            "postgresql+asyncpg://app:@/app?host=/cloudsql/p:r:i",
        ),
        ("password=hunter2, table=users", "password=, table=users"),
        ("?token=abc123&next=/home", "?token=&next=/home"),
        ('{"password": "hunter2", "port": 1}', '{"password": "", "port": 1}'),
        ("Authorization: Bearer abc.def-123 for role x", "Authorization: Bearer  for role x"),
        ("Failed (password=hunter2)", "Failed (password=)"),
    ],
)
def test_only_the_secret_is_replaced(text: str, rest: str) -> None:
    assert SURROGATE.sub("", Redactor(KEY).redact(text)) == rest


def test_two_mentions_of_one_secret_are_recognised_as_one() -> None:
    redacted = Redactor(KEY).redact('password=hunter2 and {"password": "hunter2"}')
    found = SURROGATE.findall(redacted)
    assert len(found) == 2
    assert found[0] == found[1]


def test_different_secrets_have_different_surrogates() -> None:
    found = SURROGATE.findall(Redactor(KEY).redact("password=hunter2 password=hunter3"))
    assert len(set(found)) == 2


def test_surrogates_are_stable_with_a_key_and_not_comparable_without() -> None:
    assert Redactor(KEY).redact("password=hunter2") == Redactor(KEY).redact("password=hunter2")
    assert Redactor(KEY).redact("password=hunter2") != Redactor(b"another").redact("password=hunter2")
    assert Redactor().redact("password=hunter2") != Redactor().redact("password=hunter2")


def test_a_surrogate_that_a_log_forged_does_not_shield_a_secret() -> None:
    assert "hunter2" not in Redactor(KEY).redact("password=[ip:aaaaaa]hunter2")
    assert "hunter2" not in Redactor(KEY).redact("password=[password:hunter2]")


def test_many_texts_do_not_fill_the_memory() -> None:
    redactor = Redactor(KEY)
    for number in range(9000):
        redactor.redact(f"password=secret{number}")
    assert len(redactor._known) <= 4096
    assert len(redactor._digests) <= 4096


SEPARATORS = st.sampled_from([" ", "\n", '"', "'", ", ", "(", "[", "{", " | ", "\t"])
CLOSERS = st.sampled_from([" ", "\n", "'", ", ", ")", "]", "}", " | ", "\t"])


@given(st.text(max_size=60), SEPARATORS, st.sampled_from(sorted(KNOWN)), CLOSERS, st.text(max_size=60))
@example("a" * 60, " ", "e-mail", "'", "@")
def test_a_known_secret_does_not_survive_in_any_text(before: str, left: str, name: str, right: str, after: str) -> None:
    text, hidden = KNOWN[name]
    if any(part in before or part in after for part in hidden):
        return
    redacted = Redactor(KEY).redact(f"{before}{left}{text}{right}{after}")
    assert [part for part in hidden if part in redacted] == []


@given(st.lists(st.one_of(st.text(max_size=20), st.sampled_from([text for text, _ in KNOWN.values()])), max_size=6))
def test_redacting_twice_changes_nothing_more(pieces: list[str]) -> None:
    once = Redactor(KEY).redact("".join(pieces))
    assert Redactor(KEY).redact(once) == once


PIECES = st.one_of(
    st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789", max_size=32),
    st.sampled_from(
        ["dapi", "gh", "shpat", "xoxb", "hf", "password", "token", "secret", "key", "bearer", "p", "u", "curl"]
    ),
)


@given(st.lists(PIECES, max_size=6).map(lambda pieces: "".join(pieces)[:32]))
@example("dapi" + _filled(LOWER_HEX, 28))
def test_no_detector_finds_anything_in_a_short_word_without_signs_and_capitals(word: str) -> None:
    assert [
        span for detect in (find_tokens, find_urls, find_assignments, find_addresses) for span in detect(word)
    ] == []
    assert Redactor(KEY).redact(word) == word


HOSTILE = (
    *(
        "a",
        "A",
        "eyJ",
        "sk-",
        "://a:",
        "password=",
        "password='",
        'password:\\"',
        "cookie: a=",
        "secret key=[",
        "1.",
        "::",
    ),
    *(
        "user ",
        "mysql ",
        "docker login ",
        "name: a",
        "name: password ",
        "key\n  ",
        "identified by '",
        "://",
        "://a@b.de",
    ),
    *("@", "a@b.de ", "-----BEGIN PRIVATE KEY-----", "authorization: bearer ", "curl -u ", "--a-a-", "<token>", "\\"),
)


@pytest.mark.parametrize("unit", HOSTILE)
def test_time_is_linear_in_the_length_of_hostile_text(unit: str) -> None:
    def seconds(size: int) -> float:
        text = (unit * (size // len(unit) + 1))[:size]
        best = float("inf")
        for _ in range(3):
            start = time.perf_counter()
            Redactor(KEY).redact(text)
            best = min(best, time.perf_counter() - start)
        return best

    small, large = seconds(16_384), seconds(131_072)
    assert large < 0.1 or large < small * 24
