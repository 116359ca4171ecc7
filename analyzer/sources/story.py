"""What happens in the sample: a booking service deploys, its migrations say "completed", and two tables are missing.

Everything here is made up, in the wording real services use. Times are seconds after the deploy.
"""

from __future__ import annotations

import msgspec

__all__ = [
    "API",
    "API_BEFORE",
    "API_NEW",
    "API_SECOND",
    "AUTH",
    "DEPLOY",
    "LINES",
    "LOGIN_ERROR",
    "PROJECT",
    "SQL_ERROR",
    "WEB",
    "WORKER",
    "Line",
    "Origin",
]

PROJECT = "harbor-staging"
API, AUTH, WEB, WORKER = "booking-api", "booking-auth", "booking-web", "booking-worker"
DEPLOY = -765.0
"""When the deploy was asked for, in seconds before the end: the failures come about twelve minutes before it."""


class Origin(msgspec.Struct, frozen=True):
    """A container instance of a Cloud Run service.

    Attributes:
        service: The service.
        revision: Its revision.
        number: Tells the instances apart; the instance id is made from it.
    """

    service: str
    revision: str
    number: int


API_BEFORE = (Origin(API, "booking-api-00041-kex", 1), Origin(API, "booking-api-00041-kex", 2))
API_NEW = Origin(API, "booking-api-00042-dun", 3)
API_SECOND = Origin(API, "booking-api-00042-dun", 4)
_AUTH = Origin(AUTH, "booking-auth-00017-vip", 5)
_WORKER = Origin(WORKER, "booking-worker-00009-mol", 7)


class Line(msgspec.Struct, frozen=True):
    """One line that a program or the platform wrote.

    Attributes:
        at: Seconds after the deploy.
        origin: Who wrote it.
        text: The line.
        log: Short name of its log.
        severity: The severity it carries; most lines of standard error carry none.
    """

    at: float
    origin: Origin
    text: str
    log: str = "stderr"
    severity: str = ""


_STARTING = (
    "Starting new instance. Reason: {reason}",
    "Step 1: Waiting for the database",
    "Step 2: Database answered after 1 attempt",
    "INFO  [alembic.runtime.migration] Context impl PostgresqlImpl.",
    "INFO  [alembic.runtime.migration] Will assume transactional DDL.",
)
_ROLLOUT = (
    "DEPLOYMENT_ROLLOUT - Instance started due to traffic shifting between revisions due to deployment, traffic split "
    "adjustment, or deployment health check."
)
_SCALING = "AUTOSCALING - Instance started due to configured scaling factors (e.g. CPU utilization, concurrency)."

_VALIDATION = (
    "Validating the schema against the models of booking 4.12.0",
    "✗ Missing critical user tables: ['device_sessions', 'login_grants']",
    (
        "⚠️ Extra tables in database not defined in models: "
        "{'session_archive', 'alembic_version', 'grant_history', 'legacy_devices'}"
    ),
    "✗ Golden path validation failed: guests cannot sign in or keep a booking without their session tables",
    "✗ Service dependency validation FAILED - 0 services failed, critical business functionality at risk",
    "Migration Mode: factory_preferred",
    "Startup validation: BYPASSED (BYPASS_STARTUP_VALIDATION=true)",
    "Critical failures: 1",
    "Business impact: Sign-in and booking confirmation threatened",
    "INFO:     Application startup complete.",
    "INFO:     Uvicorn running on http://0.0.0.0:8080 (Press CTRL+C to quit)",
)
_PROBE = 'Default STARTUP TCP probe succeeded after 1 attempt for container "booking-api-1" on port 8080.'
_UPGRADE = "INFO  [alembic.runtime.migration] Running upgrade 7c1e4b90d2aa -> a93f05c6e118, sessions by device"


def _start(origin: Origin, begin: float, reason: str, upgrade: tuple[str, ...]) -> tuple[Line, ...]:
    opening = _STARTING[0].format(reason=reason)
    migration = (*_STARTING[1:], *upgrade, "Step 3: Migrations completed")
    done = begin + 4.1
    return (
        Line(begin, origin, opening, "varlog/system", "INFO"),
        *(Line(begin + 2.9 + 0.17 * n, origin, text) for n, text in enumerate(migration)),
        *(Line(done + 2.6 + 0.011 * n, origin, text) for n, text in enumerate(_VALIDATION)),
        Line(done + 3.4, origin, _PROBE, "varlog/system", "INFO"),
    )


SQL_ERROR = 'ERROR:  relation "device_sessions" does not exist at character 15'
LOGIN_ERROR = (
    "ERROR:booking.session:sign-in of {guest} failed\n"
    "Traceback (most recent call last):\n"
    '  File "/srv/booking/session/login.py", line 112, in sign_in\n'
    "    session = await sessions.open(guest, device)\n"
    '  File "/srv/booking/session/store.py", line 58, in open\n'
    "    await connection.execute(INSERT_SESSION, row)\n"
    'asyncpg.exceptions.UndefinedTableError: relation "device_sessions" does not exist'
)

_LEDGER = "ERROR:booking.ledger:batch {batch} is off by {cents} cents, posting held back"

LINES: tuple[Line, ...] = (
    *_start(API_NEW, 14.0, _ROLLOUT, (_UPGRADE,)),
    *_start(API_SECOND, 96.0, _SCALING, ()),
    # An error that no rule knows, before and after the deploy.
    Line(-1640.0, _WORKER, _LEDGER.format(batch=20417, cents=3)),
    Line(-1040.0, _WORKER, _LEDGER.format(batch=20431, cents=12)),
    Line(-440.0, _WORKER, _LEDGER.format(batch=20438, cents=3)),
    Line(160.0, _WORKER, _LEDGER.format(batch=20452, cents=7)),
    Line(560.0, _WORKER, _LEDGER.format(batch=20466, cents=1)),
    # What looks like trouble and is none.
    Line(-2120.0, _AUTH, "✓ No missing critical user tables"),
    Line(-2119.9, _AUTH, "Start-up checks: 14 passed, 0 failed"),
    Line(-1710.0, _AUTH, "INFO:booking.auth.keys:validation passed for 3 signing keys"),
    Line(-1333.0, _WORKER, "INFO:booking.geo:geocoder answered on attempt 2 of 3, retry succeeded"),
    Line(-902.0, _WORKER, "INFO:booking.mail:queued note to guest: 'Sorry that the payment error kept you waiting'"),
    Line(
        -610.0,
        _WORKER,
        "CRITICAL SECURITY MIGRATION: cookie signing moved to KMS, exposure mitigated",
        "stdout",
        "INFO",
    ),
    Line(-377.0, _AUTH, "INFO:booking.auth.migrate:dry run of migration a93f05c6e118: nothing to do"),
)
