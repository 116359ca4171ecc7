from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from analyzer.config import find_config, load_settings
from analyzer.errors import ConfigError
from analyzer.rule import Level
from analyzer.settings import AuditSettings, GitHubSettings, ReportSettings, Settings, WebhookSettings

ROOT = Path(__file__).resolve().parent.parent


def written(folder: Path, text: str, name: str = "loganalyze.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


FULL = """
project = "acme-staging"
timezone = "America/Los_Angeles"
environment = "staging"
rules = ["ops/rules"]
context = "45s"
fail_on = "high"

[report]
impact = {auth = "Nobody can log in."}

[environments.staging]
services = ["api", "worker"]
output = "reports"

[environments.qa]
project = "acme-qa"
[environments.qa.report]
process = "qa-loop"
"""


def test_without_a_file_the_defaults_hold() -> None:
    assert load_settings(None) == Settings()


def test_an_environment_that_no_file_describes_is_refused() -> None:
    with pytest.raises(ConfigError, match="--env qa") as caught:
        load_settings(None, "qa")
    assert "[environments.qa]" in caught.value.hint


def test_the_chosen_environment_is_put_over_the_top_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, FULL)
    settings = load_settings(path)
    assert (settings.project, settings.services) == ("acme-staging", ("api", "worker"))
    assert settings.report.timezone == "America/Los_Angeles"
    assert settings.report.impact == {"auth": "Nobody can log in."}
    assert settings.context == 45_000_000_000
    assert settings.fail_on is Level.HIGH
    assert settings.rules == (str(tmp_path / "ops/rules"),)
    assert settings.output == str(tmp_path / "reports")
    qa = load_settings(path, "qa")
    assert (qa.project, qa.services, qa.report.environment) == ("acme-qa", (), "qa")
    assert qa.report.process == "qa-loop"
    assert qa.report.impact == {"auth": "Nobody can log in."}


def test_an_environment_publishes_where_the_file_says_but_for_what_it_says_itself(tmp_path: Path) -> None:
    text = """
    [publish.github]
    repository = "acme/app"
    labels = ["incident"]
    [publish.webhook]
    template = "chat.json.j2"
    [environments.staging.publish.github]
    repository = "acme/staging"
    close_resolved = true
    """
    path = written(tmp_path, text)
    top, staging = load_settings(path).publish, load_settings(path, "staging").publish
    assert (staging.github.repository, staging.github.labels) == ("acme/staging", ("incident",))
    assert staging.github.close_resolved
    assert staging.webhook.template == str(tmp_path / "chat.json.j2")
    assert (top.webhook, top.github.labels) == (staging.webhook, staging.github.labels)
    written(tmp_path, "[environments.qa]\nproject = 'x'\n" + text)
    qa = load_settings(path, "qa").publish
    assert (qa.github.repository, qa.github.close_resolved) == ("acme/app", False)


def test_a_table_in_pyproject_serves_as_well(tmp_path: Path) -> None:
    written(tmp_path, "[tool.loganalyze]\nproject = 'p1'\n", "pyproject.toml")
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    found = find_config(inner)
    assert found == tmp_path / "pyproject.toml"
    assert load_settings(found).project == "p1"


def test_a_pyproject_without_the_table_is_passed_over(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    written(inner, "[project]\nname='x'\n", "pyproject.toml")
    written(tmp_path, "project = 'outer'\n")
    assert find_config(inner) == tmp_path / "loganalyze.toml"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("projct = 'x'", "unknown key 'projct'", "did you mean project?"),
        ("[report]\nproces = 'x'", "unknown key 'report.proces'", "did you mean process?"),
        ("[environments.qa]\nservice = ['x']", "unknown key 'environments.qa.service'", "did you mean services?"),
        ("context = '5 bananas'", "context is '5 bananas'", "a duration such as 30s"),
        ("context = 5", "context is 5", "a duration such as 30s"),
        ("fail_on = 'bad'", "fail_on is 'bad'", "one of informational, low, medium, high, critical"),
        ("services = 'api'", "services", ""),
        ("report = 3", "report must be a table", "[report]"),
        ("publish = 3", "publish must be a table", "[publish]"),
        ("[publish]\ngithub = 3", "publish.github must be a table", "[publish.github]"),
        ("[publish.githb]\nrepository = 'a/b'", "unknown key 'publish.githb'", "did you mean github?"),
        ("[publish.github]\nrepo = 'a/b'", "unknown key 'publish.github.repo'", "did you mean repository?"),
        ("[publish.webhook]\nurll = 'x'", "unknown key 'publish.webhook.urll'", "did you mean url?"),
        ("[publish.github]\nclose_resolved = 'yes'", "publish.github.close_resolved", ""),
        (
            "[environments.qa.publish.github]\nlabel = ['x']",
            "unknown key 'environments.qa.publish.github.label'",
            "did you mean labels?",
        ),
        ("[env.qa]\nproject = 'x'", "unknown key 'env'", "did you mean environments?"),
        ("[environments.qa.pubish]\nx = 1", "unknown key 'environments.qa.pubish'", "did you mean publish?"),
        ("xyzzy = 1", "unknown key 'xyzzy'", "environments"),
        ("timezone = 'Mars/Olympus'", "timezone is 'Mars/Olympus'", "an IANA name"),
        ("[environments.qa.report]\ntimezone = '../x'", "environments.qa.report.timezone is '../x'", "an IANA name"),
        ("limit = -1", "limit is -1", "0 for no limit"),
        ("environments = 3", "environments must be a table", "[environments]"),
        ("[environments]\nqa = 3", "environments.qa must be a table", "[environments.qa]"),
        ("project = ", "not TOML", ""),
    ],
)
def test_what_a_file_may_not_hold_is_refused_with_its_place_and_a_hint(
    tmp_path: Path, text: str, message: str, hint: str
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_settings(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)
    assert hint in caught.value.hint


def test_an_unknown_environment_names_the_nearest(tmp_path: Path) -> None:
    path = written(tmp_path, "[environments.staging-eu]\nproject = 'x'\n")
    with pytest.raises(ConfigError, match="no environment 'stagingeu'") as caught:
        load_settings(path, "stagingeu")
    assert caught.value.hint == "did you mean staging-eu?"


def test_a_file_that_cannot_be_read_is_an_error_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "loganalyze.toml"
    path.write_bytes(b"project = '\xff'")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings(path)


def guide() -> list[str]:
    return re.findall(r"```toml\n(.*?)```", (ROOT / "docs/configuration.md").read_text(encoding="utf-8"), re.DOTALL)


def test_the_guide_names_every_key_with_its_default(tmp_path: Path) -> None:
    every = guide()[0]
    assert load_settings(written(tmp_path, every)) == Settings()
    table = tomllib.loads(every)
    assert table.keys() | {"fail_on"} == set(Settings.__struct_fields__) | {"timezone", "environment"}
    assert table["report"].keys() | {"timezone", "environment"} == set(ReportSettings.__struct_fields__)
    assert table["audit"].keys() == set(AuditSettings.__struct_fields__)
    assert table["publish"]["github"].keys() == set(GitHubSettings.__struct_fields__)
    assert table["publish"]["webhook"].keys() == set(WebhookSettings.__struct_fields__)


def test_the_environments_of_the_guide_are_read(tmp_path: Path) -> None:
    path = written(tmp_path, guide()[1])
    assert load_settings(path, "staging").services == ("api", "worker")
    qa = load_settings(path, "qa")
    assert (qa.project, qa.report.process) == ("acme-qa", "qa-loop")
    assert qa.audit.state == "postgresql://loganalyze@db.internal/qa"
