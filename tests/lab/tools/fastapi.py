"""FastAPI: responses and requests that break their contract, and starts that fail in the lifespan."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.lab.scenario import Tool

if TYPE_CHECKING:
    from tests.lab.bench import Bench

__all__ = ["FASTAPI"]

FASTAPI = Tool("fastapi", "fastapi", "uvicorn", "pydantic")

APP = """
    import logging
    import os
    import threading
    import time
    import urllib.error
    import urllib.request
    from contextlib import asynccontextmanager

    from fastapi import FastAPI, Request
    from fastapi.exceptions import RequestValidationError
    from fastapi.responses import JSONResponse
    from pydantic import BaseModel

    log = logging.getLogger("uvicorn.error")


    class Product(BaseModel):
        sku: str
        price_cents: int


    def ask():
        request = urllib.request.Request(
            f"http://127.0.0.1:{os.environ['PORT']}{os.environ['ASK']}",
            data=os.environ.get("BODY", "").encode() or None,
            headers={"Content-Type": "application/json"},
        )
        try:
            urllib.request.urlopen(request).read()
        except urllib.error.HTTPError as error:
            error.read()
        time.sleep(0.3)  # the server logs a failure after it has answered
        log.info("asked")


    @asynccontextmanager
    async def lifespan(app):
        threading.Timer(0.5, ask).start()
        yield


    app = FastAPI(lifespan=lifespan)


    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError):
        log.warning("request validation failed on %s %s: %s", request.method, request.url.path, error.errors())
        return JSONResponse({"detail": "invalid"}, status_code=422)


    @app.get("/product", response_model=Product)
    def product():
        return {"sku": "mug", "price_cents": 990}


    @app.get("/broken", response_model=Product)
    def broken():
        return {"sku": "mug", "price": "9.90"}


    @app.get("/several", response_model=list[Product])
    def several():
        return [{"sku": "mug", "price_cents": None}, {"sku": None, "price_cents": 5}]


    @app.get("/crash")
    def crash():
        return {"rate": {"eur": 1.0}["usd"]}


    @app.post("/products", status_code=201)
    def create(product: Product):
        return {"sku": product.sku}


    @app.get("/validate/errors")
    def errors():
        return {"errors": [], "failed": 0}
"""


def ask(bench: Bench, path: str, body: object = None) -> None:
    """Start the application, ask it once, and stop it."""
    bench.write("app.py", APP)
    said = json.dumps(body) if body is not None else ""
    serve = ("uvicorn", "app:app", "--host", "127.0.0.1", "--port", str(bench.port))
    bench.run(*serve, until="asked", PORT=str(bench.port), ASK=path, BODY=said)


@FASTAPI.quiet
def answers(bench: Bench) -> None:
    """A request is answered."""
    ask(bench, "/product")


@FASTAPI.quiet
def created(bench: Bench) -> None:
    """A product is created."""
    ask(bench, "/products", {"sku": "mug", "price_cents": 990})


@FASTAPI.quiet
def scary_path(bench: Bench) -> None:
    """The path of a good request speaks of errors."""
    ask(bench, "/validate/errors")


@FASTAPI.quiet
def not_found(bench: Bench) -> None:
    """A robot asks for what is not there."""
    ask(bench, "/.env")


@FASTAPI.fails("validation", "http")
def response_breaks_contract(bench: Bench) -> None:
    """A response lacks a field of its model."""
    ask(bench, "/broken")


@FASTAPI.fails("validation", "http")
def response_list_breaks_contract(bench: Bench) -> None:
    """A list of responses holds nulls."""
    ask(bench, "/several")


@FASTAPI.fails("validation", "http")
def request_breaks_contract(bench: Bench) -> None:
    """A client sends a payload that the model refuses, and the application says so."""
    ask(bench, "/products", {"sku": 7, "price_cents": "nine"})


@FASTAPI.fails("crash", "http", "other")
def handler_crashes(bench: Bench) -> None:
    """A handler raises."""
    ask(bench, "/crash")


@FASTAPI.fails("startup", "crash", "validation", "other")
def route_invalid(bench: Bench) -> None:
    """A route's type is none that a response can have."""
    bench.write(
        "app.py",
        """
        from fastapi import FastAPI


        class Basket:
            pass


        app = FastAPI()


        @app.get("/basket", response_model=Basket)
        def basket():
            return Basket()
        """,
    )
    bench.run("uvicorn", "app:app", "--port", str(bench.port))
