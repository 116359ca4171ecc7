"""What a line of log text says about itself: the level it states, and whether it starts a record or is a part of one.

Decoding, joining and nominating all ask this of raw text, so it stands beside the nouns and knows no stage.
"""

from __future__ import annotations

from analyzer.lines.levels import Stated, gravest, is_stamped, marks_error, stated_level
from analyzer.lines.shapes import Kind, continues, kind_of
from analyzer.lines.words import number_severity, word_severity

__all__ = [
    "Kind",
    "Stated",
    "continues",
    "gravest",
    "is_stamped",
    "kind_of",
    "marks_error",
    "number_severity",
    "stated_level",
    "word_severity",
]
