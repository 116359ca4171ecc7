from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from analyzer.errors import TemplateError
from analyzer.report.templates import check_templates

if TYPE_CHECKING:
    from pathlib import Path


def test_the_built_in_templates_are_sound_and_none_is_replaced() -> None:
    assert check_templates("") == []


def test_a_users_template_is_named_as_replaced(tmp_path: Path) -> None:
    (tmp_path / "index.md.j2").write_text("# mine\n", encoding="utf-8")
    assert check_templates(str(tmp_path)) == ["index.md.j2"]


def test_a_broken_template_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "debug-log.md.j2"
    path.write_text("# fine\n{% if %}\n", encoding="utf-8")
    with pytest.raises(TemplateError, match=r"debug-log\.md\.j2:2: "):
        check_templates(str(tmp_path))


def test_a_missing_folder_of_templates_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="no such folder"):
        check_templates(str(tmp_path / "missing"))
