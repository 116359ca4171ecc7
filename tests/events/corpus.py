"""Tracebacks in the forms of many languages and libraries, each with the line that names its root exception."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["TRACES", "Trace"]


class Trace(NamedTuple):
    name: str
    text: str
    root: str


TRACES = (
    Trace(
        "python",
        """\
Traceback (most recent call last):
  File "/srv/shop/main.py", line 12, in <module>
    start()
  File "/srv/shop/boot.py", line 44, in start
    raise RuntimeError("no basket store")
RuntimeError: no basket store""",
        "RuntimeError: no basket store",
    ),
    Trace(
        "python without text",
        """\
Traceback (most recent call last):
  File "/srv/shop/main.py", line 12, in <module>
    start()
    ~~~~~^^
AssertionError""",
        "AssertionError",
    ),
    Trace(
        "logging.exception",
        """\
2025-03-04 10:11:12,345 - shop.boot - ERROR - start-up failed
Traceback (most recent call last):
  File "/srv/shop/boot.py", line 44, in start
    connect()
ConnectionError: basket store refused""",
        "ConnectionError: basket store refused",
    ),
    Trace(
        "python chained with SQLAlchemy's tail",
        """\
Traceback (most recent call last):
  File "/venv/sqlalchemy/engine/base.py", line 1967, in _exec_single_context
    self.dialect.do_execute(
  File "/venv/sqlalchemy/engine/default.py", line 951, in do_execute
    cursor.execute(statement, parameters)
psycopg2.errors.UndefinedTable: relation "baskets" does not exist
LINE 1: SELECT baskets.id FROM baskets
                               ^


The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/srv/shop/boot.py", line 9, in <module>
    check()
sqlalchemy.exc.ProgrammingError: (psycopg2.errors.UndefinedTable) relation "baskets" does not exist
LINE 1: SELECT baskets.id FROM baskets
                               ^

[SQL: SELECT baskets.id
FROM baskets
WHERE baskets.owner = %(owner)s]
[parameters: {'owner': 7}]
(Background on this error at: https://sqlalche.me/e/20/f405)""",
        'psycopg2.errors.UndefinedTable: relation "baskets" does not exist',
    ),
    Trace(
        "python during handling",
        """\
Traceback (most recent call last):
  File "/srv/shop/cache.py", line 3, in get
    return self._items[key]
           ~~~~~~~~~~~^^^^^
KeyError: 'till'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/srv/shop/cache.py", line 5, in get
    raise CacheMiss(key)
shop.cache.CacheMiss: till""",
        "KeyError: 'till'",
    ),
    Trace(
        "pydantic",
        """\
Traceback (most recent call last):
  File "/srv/shop/settings.py", line 30, in <module>
    settings = Settings()
pydantic_core._pydantic_core.ValidationError: 2 validation errors for Settings
basket_url
  Field required [type=missing, input_value={}, input_type=dict]
    For further information visit https://errors.pydantic.dev/2.11/v/missing
till.count
  Input should be a valid integer [type=int_type, input_value=None, input_type=NoneType]
    For further information visit https://errors.pydantic.dev/2.11/v/int_type""",
        "pydantic_core._pydantic_core.ValidationError: 2 validation errors for Settings",
    ),
    Trace(
        "python syntax error",
        """\
Traceback (most recent call last):
  File "/srv/shop/main.py", line 1, in <module>
    import shop.boot
  File "/srv/shop/boot.py", line 7
    def start(
             ^
SyntaxError: '(' was never closed""",
        "SyntaxError: '(' was never closed",
    ),
    Trace(
        "python exception group",
        """\
  + Exception Group Traceback (most recent call last):
  |   File "/srv/shop/main.py", line 4, in <module>
  |     run()
  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/srv/shop/main.py", line 2, in task
    |     raise ValueError("empty till")
    | ValueError: empty till
    +------------------------------------""",
        "ValueError: empty till",
    ),
    Trace(
        "java",
        """\
Exception in thread "main" org.springframework.beans.factory.BeanCreationException: Error creating bean 'till'
\tat org.springframework.beans.Factory.create(Factory.java:12)
\tat com.shop.Main.main(Main.java:7)
Caused by: com.shop.TillException: till is shut
\tat com.shop.Till.open(Till.java:33)
\t... 12 more
Caused by: org.postgresql.util.PSQLException: ERROR: relation "tills" does not exist
  Position: 15
\tat org.postgresql.core.v3.QueryExecutorImpl.receive(QueryExecutorImpl.java:2712)
\t... 24 common frames omitted""",
        'org.postgresql.util.PSQLException: ERROR: relation "tills" does not exist',
    ),
    Trace(
        "java after a logged line",
        """\
2025-03-04T10:11:12.345Z ERROR 1 --- [shop] [main] o.s.boot.SpringApplication : Application run failed

com.shop.schema.MigrationException: Migration V7 failed
--------------------
SQL State  : 42P07
Message    : relation is there already
\tat com.shop.schema.Migrate.run(Migrate.java:88)
\tat com.shop.Main.main(Main.java:7)""",
        "com.shop.schema.MigrationException: Migration V7 failed",
    ),
    Trace(
        "node",
        """\
/srv/shop/node_modules/till/index.js:242
    throw error;
    ^

Error [TillError]: till "north" is shut
    at Object.open (/srv/shop/node_modules/till/index.js:242:11)
    at async main (/srv/shop/main.js:9:3) {
  code: 'TILL_SHUT',
  [cause]: TypeError: Cannot read properties of undefined (reading 'key')
      at key (/srv/shop/key.js:1:9)
}

Node.js v20.11.0""",
        "TypeError: Cannot read properties of undefined (reading 'key')",
    ),
    Trace(
        "node error with an object",
        """\
Error: connect ECONNREFUSED 10.0.0.9:5432
    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16) {
  errno: -111,
  code: 'ECONNREFUSED'
}""",
        "Error: connect ECONNREFUSED 10.0.0.9:5432",
    ),
    Trace(
        "go",
        """\
panic: till: nil basket [recovered]
\tpanic: till: nil basket
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x4a1b2c]

goroutine 1 [running]:
main.(*Till).Open(0xc000012345, {0x1, 0x2})
\t/srv/shop/till.go:33 +0x1d
main.main()
\t/srv/shop/main.go:7 +0x2a
created by main.start in goroutine 1
\t/srv/shop/start.go:3 +0x11
exit status 2""",
        "panic: till: nil basket [recovered]",
    ),
    Trace(
        "ruby",
        """\
/srv/shop/till.rb:12:in 'Till#open': till is shut (TillError)
\tfrom /srv/shop/till.rb:20:in 'block in Till#start'
\tfrom /srv/shop/main.rb:3:in '<main>'""",
        "/srv/shop/till.rb:12:in 'Till#open': till is shut (TillError)",
    ),
    Trace(
        "rake",
        """\
rake aborted!
ActiveRecord::StatementInvalid: PG::UndefinedTable: relation is missing
/srv/shop/db/migrate/7_tills.rb:4:in 'change'

Caused by:
PG::UndefinedTable: ERROR:  relation "tills" does not exist
/srv/shop/db/migrate/7_tills.rb:4:in 'change'
Tasks: TOP => db:migrate
(See full trace by running task with --trace)""",
        'PG::UndefinedTable: ERROR:  relation "tills" does not exist',
    ),
    Trace(
        "rust",
        """\
thread 'main' panicked at src/till.rs:12:5:
till is shut: Closed
stack backtrace:
   0: rust_begin_unwind
             at /rustc/abc/library/std/src/panicking.rs:645:5
   1: shop::till::open
             at ./src/till.rs:12:5
note: run with `RUST_BACKTRACE=full` for a verbose backtrace""",
        "till is shut: Closed",
    ),
    Trace(
        "dotnet",
        """\
Unhandled exception. Shop.TillException: till is shut
 ---> System.InvalidOperationException: no key
   at Shop.Key.Turn() in /srv/shop/Key.cs:line 9
   --- End of inner exception stack trace ---
   at Shop.Till.Open() in /srv/shop/Till.cs:line 12
   at Program.<Main>$(String[] args) in /srv/shop/Program.cs:line 3""",
        "System.InvalidOperationException: no key",
    ),
    Trace(
        "php",
        """\
PHP Fatal error:  Uncaught PDOException: SQLSTATE[42S02]: no table tills in /srv/shop/till.php:12
Stack trace:
#0 /srv/shop/till.php(12): PDO->query('SELECT 1')
#1 {main}
  thrown in /srv/shop/till.php on line 12""",
        "Uncaught PDOException: SQLSTATE[42S02]: no table tills in /srv/shop/till.php:12",
    ),
)
