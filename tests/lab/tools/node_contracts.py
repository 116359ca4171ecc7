"""ajv and zod: payloads and environments that break their contract on Node; and Node's own starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.lab.scenario import Tool

if TYPE_CHECKING:
    from tests.lab.bench import Bench

__all__ = ["AJV", "NODE", "ZOD"]

AJV = Tool("ajv", "npm:ajv", "npm:ajv-formats")
ZOD = Tool("zod", "npm:zod")
NODE = Tool("node", "npm:pg")

VALIDATE = """
    const Ajv = require("ajv");
    const ajv = new Ajv({ allErrors: true });
    require("ajv-formats")(ajv);
    const schema = {
      type: "object",
      required: ["email", "age"],
      additionalProperties: false,
      properties: { email: { type: "string", format: "email" }, age: { type: "integer", minimum: 18 } },
    };
    const validate = ajv.compile(schema);
    if (validate(JSON.parse(process.argv[2]))) console.log("signup is valid, 0 errors");
    else {
      console.error("signup is invalid: " + ajv.errorsText(validate.errors, { dataVar: "signup" }));
      if (process.argv[3]) throw new Ajv.ValidationError(validate.errors);
    }
"""
PARSE = """
    const { z } = require("zod");

    const Signup = z.object({ email: z.email(), age: z.int().min(18), plan: z.enum(["free", "pro"]) });
    const result = Signup.METHOD(JSON.parse(process.argv[2]));
"""
ENVIRONMENT = """
    const { z } = require("zod");

    const Env = z.object({ DATABASE_URL: z.url(), PORT: z.coerce.number().int(), JWT_SECRET: z.string().min(8) });
    const parsed = Env.safeParse(process.env);
    if (!parsed.success) {
      console.error("Invalid environment variables:", z.flattenError(parsed.error).fieldErrors);
      process.exit(1);
    }
    console.log("environment ok");
"""
GOOD = '{"email": "ada@shop.example", "age": 36, "plan": "pro"}'
SERVER = """
    const http = require("http");
    http.createServer((request, response) => response.end("ok")).listen(Number(process.env.PORT), "127.0.0.1", () => {
      console.log("listening on", process.env.PORT);
    });
"""


def ajv(bench: Bench, signup: str, *more: str) -> None:
    """Validate a payload with ajv."""
    bench.write("validate.js", VALIDATE)
    bench.run("node", "validate.js", signup, *more)


def zod(bench: Bench, signup: str, method: str = "parse", then: str = 'console.log("parsed", result.plan);') -> None:
    """Parse a payload with zod."""
    bench.write("parse.js", PARSE.replace("METHOD", method) + f"    {then}\n")
    bench.run("node", "parse.js", signup)


@AJV.quiet
def valid(bench: Bench) -> None:
    """A payload is as it should be."""
    ajv(bench, '{"email": "ada@shop.example", "age": 36}')


@AJV.fails("validation")
def property_missing(bench: Bench) -> None:
    """A property is missing."""
    ajv(bench, '{"email": "ada@shop.example"}')


@AJV.fails("validation")
def several_errors(bench: Bench) -> None:
    """Several properties are wrong."""
    ajv(bench, '{"email": "ada", "age": 7, "coupon": 1}')


@AJV.fails("validation")
def raised(bench: Bench) -> None:
    """The error is thrown and nobody catches it."""
    ajv(bench, '{"email": "ada@shop.example", "age": "old"}', "throw")


@AJV.fails("validation", "startup", "crash", "configuration")
def schema_invalid(bench: Bench) -> None:
    """The schema itself is wrong."""
    bench.write(
        "compile.js", 'const Ajv = require("ajv");\nnew Ajv().compile({ type: "objekt", reqired: ["email"] });\n'
    )
    bench.run("node", "compile.js")


@ZOD.quiet
def parsed(bench: Bench) -> None:
    """A payload is as it should be."""
    zod(bench, GOOD)


@ZOD.fails("validation")
def thrown(bench: Bench) -> None:
    """The error is thrown and nobody catches it."""
    zod(bench, '{"email": "ada", "age": 7.5}')


@ZOD.fails("validation")
def logged(bench: Bench) -> None:
    """The error is logged as a text."""
    then = 'if (!result.success) console.error("signup rejected:\\n" + z.prettifyError(result.error));'
    zod(bench, '{"email": "ada", "age": "7"}', "safeParse", then)


@ZOD.fails("validation")
def logged_as_json(bench: Bench) -> None:
    """The issues are logged as JSON."""
    then = 'if (!result.success) console.error("signup validation failed", JSON.stringify(result.error.issues));'
    zod(bench, GOOD.replace("pro", "gold"), "safeParse", then)


@ZOD.fails("configuration", "startup", "validation", variables=("JWT_SECRET", "DATABASE_URL"))
def environment_invalid(bench: Bench) -> None:
    """The environment lacks two variables and has a wrong one."""
    bench.write("environment.js", ENVIRONMENT)
    bench.run("node", "environment.js", PORT="http")


@ZOD.quiet
def environment_valid(bench: Bench) -> None:
    """The environment is as it should be."""
    bench.write("environment.js", ENVIRONMENT)
    bench.run("node", "environment.js", PORT="8080", JWT_SECRET="test-only", DATABASE_URL="postgres://db/shop")


@NODE.quiet
def listens(bench: Bench) -> None:
    """A server starts."""
    bench.write("server.js", SERVER)
    bench.run("node", "server.js", PORT=str(bench.port), until="listening")


@NODE.fails("startup", "connectivity", "configuration")
def port_in_use(bench: Bench) -> None:
    """The port is taken."""
    bench.write("server.js", SERVER)
    with bench.listening():
        bench.run("node", "server.js", PORT=str(bench.port))


@NODE.fails("dependency", "startup", "crash", modules="fastify")
def module_missing(bench: Bench) -> None:
    """A package is not installed."""
    bench.write("server.js", 'const fastify = require("fastify");\n')
    bench.run("node", "server.js")


@NODE.fails("startup", "dependency", "crash", "configuration")
def file_missing(bench: Bench) -> None:
    """The build's output is not in the image."""
    bench.run("node", "dist/server.js")


@NODE.fails("connectivity")
def database_refused(bench: Bench) -> None:
    """Nobody listens at the database's port."""
    bench.write("app.js", 'const { Client } = require("pg");\nnew Client(process.env.DATABASE_URL).connect();\n')
    bench.run("node", "app.js", DATABASE_URL="postgres://shop_app:test-only@127.0.0.1:59999/shop")


@NODE.fails("schema", tables="baskets")
def undefined_table(bench: Bench) -> None:
    """A query reads a table that is not there."""
    database = bench.database()
    bench.write("app.js", 'const { Pool } = require("pg");\nnew Pool().query("SELECT * FROM baskets");\n')
    bench.env |= {"PGHOST": "127.0.0.1", "PGPORT": str(database.cluster.port), "PGDATABASE": "shop"}
    bench.run("node", "app.js", PGUSER="shop_app", PGPASSWORD="test-only")


@NODE.fails("crash", "other", "startup")
def type_error(bench: Bench) -> None:
    """The start-up reads a property of nothing."""
    bench.write("app.js", "const config = {};\nconsole.log(config.queue.name);\n")
    bench.run("node", "app.js")
