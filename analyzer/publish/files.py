"""Reports as files: each appears whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from analyzer.errors import OutputError, PublishError
from analyzer.publish import Action, Publication, Receipt

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["FilesPublisher", "write_file", "write_folder"]


class FilesPublisher:
    """Debug logs in a folder, each brought up to date in place.

    Args:
        folder: Made where it is missing.
    """

    name = "files"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def publish(self, publication: Publication) -> Receipt:
        """Write the incident's debug log.

        Raises:
            PublishError: It cannot be written.
        """
        path = self._folder / publication.file_name
        action = Action.UPDATED if path.exists() else Action.CREATED
        try:
            write_folder(self._folder, {publication.file_name: publication.body})
        except OutputError as error:
            raise PublishError(error.message, hint=error.hint) from error
        return Receipt(str(path), action)

    def describe(self, publication: Publication) -> str:
        """Which file would be written."""
        path = self._folder / publication.file_name
        return f"files: {'update' if path.exists() else 'write'} {path} ({publication.kind})"


def write_file(path: Path, text: str | Iterable[str]) -> None:
    """Write a file so that a reader sees the old content or the new, never a part.

    The text, whole or in pieces, goes to a temporary file beside it, is flushed to the disk, and takes the name; that
    of the file itself where the path is a link to one. What is no file (a device, a pipe) is written to, and stays what
    it is.

    Raises:
        OutputError: The folder does not exist or cannot be written, or the disk is full.
    """
    pieces = [text] if isinstance(text, str) else text
    with _explained(path):
        path = path.resolve()
        if path.exists() and not path.is_file():
            with path.open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(pieces)
            return
        handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".part", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.writelines(pieces)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o666 & ~_umask())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def write_folder(folder: Path, files: Mapping[str, str]) -> list[Path]:
    """Write files into a folder, which is made where it is missing.

    Args:
        folder: The folder.
        files: File name to text; written in this order, so put an index last.

    Returns:
        The paths, in order.

    Raises:
        OutputError: The folder cannot be made or written.
    """
    with _explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        write_file(folder / name, text)
    return [folder / name for name in files]


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"{path}: cannot be written: {reason}", hint="name a folder you may write to") from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
