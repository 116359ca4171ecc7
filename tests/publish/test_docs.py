"""docs/publishing.md says what is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from analyzer.config import load_settings
from analyzer.publish import Publication
from analyzer.publish.issue_text import IssueView
from analyzer.publish.payload import payload
from analyzer.settings import GitHubSettings, WebhookSettings
from tests.publish.publications import publication

TEXT = (Path(__file__).parents[2] / "docs" / "publishing.md").read_text(encoding="utf-8")


def test_every_configuration_in_it_is_accepted(tmp_path: Path) -> None:
    blocks = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    assert blocks
    for block in blocks:
        path = tmp_path / "loganalyze.toml"
        path.write_text(block, encoding="utf-8")
        load_settings(path)


@pytest.mark.parametrize("template", re.findall(r"```jinja\n(.*?)```", TEXT, re.DOTALL))
def test_every_webhook_template_in_it_writes_json(tmp_path: Path, template: str) -> None:
    path = tmp_path / "own.json.j2"
    path.write_text(template, encoding="utf-8")
    assert payload(publication(), str(path), "")


@pytest.mark.parametrize(
    "name",
    [
        *GitHubSettings.__struct_fields__,
        *WebhookSettings.__struct_fields__,
        *(field for field in Publication.__struct_fields__ if field not in ("outbox_id", "reference")),
        *(field for field in IssueView.__struct_fields__ if field != "publication"),
    ],
)
def test_every_setting_and_every_name_of_a_template_is_described(name: str) -> None:
    assert f"`{name}`" in TEXT
