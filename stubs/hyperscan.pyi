"""The part of hyperscan that loganalyze uses."""
from collections.abc import Callable, Sequence
from typing import Any

__version__: str
HS_FLAG_CASELESS: int
HS_MODE_BLOCK: int

class error(Exception): ...
class ScratchInUseError(error): ...

class Scratch:
    def __init__(self, database: Database | None = None) -> None: ...

class Database:
    scratch: Scratch
    def __init__(self, scratch: Scratch | None = None, mode: int = ...) -> None: ...
    def compile(
        self, expressions: Sequence[bytes], ids: Sequence[int], elements: int, flags: int | Sequence[int]
    ) -> None: ...
    def scan(
        self,
        data: bytes,
        match_event_handler: Callable[[int, int, int, int, Any], bool | None],
        flags: int = 0,
        context: object = None,
    ) -> None: ...

def dumpb(database: Database) -> bytes: ...
def loadb(buf: bytes, mode: int) -> Database: ...
