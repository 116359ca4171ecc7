"""pydantic and pydantic-settings: payloads and environments that break their models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.lab.scenario import Tool

if TYPE_CHECKING:
    from tests.lab.bench import Bench

__all__ = ["PYDANTIC", "SETTINGS"]

PYDANTIC = Tool("pydantic", "pydantic")
SETTINGS = Tool("pydantic-settings", "pydantic-settings", "pydantic")

CONSUMER = """
    import json
    import logging
    import sys
    from datetime import datetime
    from typing import Literal

    from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

    logging.basicConfig(level=logging.INFO, format="%(levelname)s:%(name)s:%(message)s")
    log = logging.getLogger("shop.consumer")


    class Item(BaseModel):
        sku: str = Field(min_length=3)
        quantity: int = Field(gt=0)


    class Order(BaseModel):
        model_config = ConfigDict(extra="forbid")
        number: str
        state: Literal["open", "paid"]
        placed_at: datetime
        items: list[Item]

        @model_validator(mode="after")
        def has_items(self):
            if not self.items:
                raise ValueError("an order needs at least one item")
            return self


"""
RAISING = (
    CONSUMER
    + """
    order = Order.model_validate_json(sys.argv[1])
    log.info("order %s is valid, %d items", order.number, len(order.items))
    """
)
LOGGING = (
    CONSUMER
    + """
    try:
        Order.model_validate_json(sys.argv[1])
    except ValidationError as error:
        log.error("message %s rejected: %s", 17, error)
    """
)
GOOD = (
    '{"number": "A-1", "state": "open", "placed_at": "2026-03-02T09:30:00Z", "items": [{"sku": "mug", "quantity": 2}]}'
)

CONFIG = """
    from pydantic import Field, PostgresDsn, SecretStr
    from pydantic_settings import BaseSettings, SettingsConfigDict


    class Settings(BaseSettings):
        model_config = SettingsConfigDict(env_prefix="SHOP_")
        database_url: PostgresDsn
        jwt_secret: SecretStr
        workers: int = Field(default=2, ge=1, le=16)
        debug: bool = False


    settings = Settings()
    print("configuration loaded:", settings.workers, "workers")
"""
GOOD_ENV = {"SHOP_DATABASE_URL": "postgresql://shop_app:test-only@db/shop", "SHOP_JWT_SECRET": "test-only"}


def consume(bench: Bench, message: str, program: str = RAISING) -> None:
    """Validate a message."""
    bench.write("consumer.py", program)
    bench.run("python", "consumer.py", message)


def configure(bench: Bench, **env: str) -> None:
    """Load the settings from an environment."""
    bench.write("settings.py", CONFIG)
    bench.env |= env
    bench.run("python", "settings.py")


@PYDANTIC.quiet
def valid(bench: Bench) -> None:
    """A message is as it should be."""
    consume(bench, GOOD)


@PYDANTIC.fails("validation")
def field_missing(bench: Bench) -> None:
    """A field is missing."""
    consume(bench, GOOD.replace('"number": "A-1", ', ""))


@PYDANTIC.fails("validation")
def several_errors(bench: Bench) -> None:
    """Nested fields are missing and of wrong types."""
    consume(
        bench,
        '{"number": "A-1", "state": "lost", "placed_at": "tomorrow", "items": [{"sku": "x", "quantity": -1}, {}]}',
    )


@PYDANTIC.fails("validation")
def extra_field(bench: Bench) -> None:
    """A field is not allowed."""
    consume(bench, GOOD.replace("{", '{"coupon": 5, ', 1))


@PYDANTIC.fails("validation")
def validator_raises(bench: Bench) -> None:
    """A rule over several fields is broken."""
    consume(bench, '{"number": "A-1", "state": "open", "placed_at": "2026-03-02T09:30:00Z", "items": []}')


@PYDANTIC.fails("validation")
def invalid_json(bench: Bench) -> None:
    """The message is cut off."""
    consume(bench, GOOD[:40])


@PYDANTIC.fails("validation")
def logged(bench: Bench) -> None:
    """The error is logged, not raised."""
    consume(bench, GOOD.replace("2}", '"two"}'), LOGGING)


@PYDANTIC.fails("validation", "startup", "crash", "other")
def model_of_old_pydantic(bench: Bench) -> None:
    """The code was written for pydantic 1."""
    bench.write("old.py", "from pydantic import BaseModel, BaseSettings\n\nclass Order(BaseModel):\n    number: str\n")
    bench.run("python", "old.py")


@SETTINGS.quiet
def loaded(bench: Bench) -> None:
    """All variables are there."""
    configure(bench, **GOOD_ENV)


@SETTINGS.fails("configuration", "startup", "validation")
def variables_missing(bench: Bench) -> None:
    """The environment lacks what the settings need."""
    configure(bench)


@SETTINGS.fails("configuration", "startup", "validation")
def number_invalid(bench: Bench) -> None:
    """A number is none."""
    configure(bench, **GOOD_ENV, SHOP_WORKERS="many")


@SETTINGS.fails("configuration", "startup", "validation")
def number_out_of_range(bench: Bench) -> None:
    """A number is too large."""
    configure(bench, **GOOD_ENV, SHOP_WORKERS="64")


@SETTINGS.fails("configuration", "startup", "validation")
def url_invalid(bench: Bench) -> None:
    """A URL has a scheme that does not fit."""
    configure(bench, **{**GOOD_ENV, "SHOP_DATABASE_URL": "mysql://db/shop"})


@SETTINGS.fails("configuration", "startup", "validation")
def bool_invalid(bench: Bench) -> None:
    """A flag is neither true nor false."""
    configure(bench, **GOOD_ENV, SHOP_DEBUG="staging")


@SETTINGS.fails("configuration", "startup", "validation")
def json_invalid(bench: Bench) -> None:
    """A variable should hold JSON and does not."""
    bench.write(
        "settings.py",
        """
        from pydantic_settings import BaseSettings


        class Settings(BaseSettings):
            origins: list[str]


        Settings()
        """,
    )
    bench.run("python", "settings.py", ORIGINS="https://shop.example")
