"""The Logging query language: text in, a test of stored entries out.

``tokens`` -> ``parser`` (to the tree of ``syntax``) -> ``evaluate``, with ``fields`` for paths, ``literals`` for
comparisons and ``functions``. Source: https://cloud.google.com/logging/docs/view/logging-query-language.
"""

from __future__ import annotations

from tests.emulator.query.errors import FilterError
from tests.emulator.query.evaluate import compile_filter

__all__ = ["FilterError", "compile_filter"]
