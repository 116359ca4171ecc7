from __future__ import annotations

import subprocess
import sys

import pytest

from analyzer.errors import RuleError
from analyzer.ruleset.guard import read_text
from analyzer.ruleset.templates import check_template


def check(template: str) -> str:
    (node,) = read_text("'" + template.replace("'", "''") + "'", "rule.yml")
    return check_template(node, {"tables", "host"}, "'title'")


@pytest.mark.parametrize(
    "template",
    [
        "no names at all",
        "{{ tables }} on {{host}}",
        "{{ tables | names }} of {{ service|upper|trim }}",
        "{{- count -}} times, {{ first }} to {{ last }}, {{ starts }} starts of {{ revision }}",
        "{{ tables | default('some') }}",
        "{% if host %}on {{ host }}{% else %}somewhere{% endif %}",
        "{% for table in tables %}{{ table }} {% endfor %}",
        "{{ 'many' if count > 3 else count }}",
        "a { brace and a } brace",
    ],
)
def test_templates_of_known_names_pass_as_they_are(template: str) -> None:
    assert check(template) == template


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ table }}", "uses 'table'"),
        ("{{ tables }} {{ hsot | upper }}", "uses 'hsot'"),
        ("{% if table %}x{% endif %}", "uses 'table'"),
        ("{{ tables | nams }}", "no filter 'nams'"),
        ("{{ tables | join(', ') | nams }}", "no filter 'nams'"),
        ("{{ tables", "no template"),
        ("{{ }}", "no template"),
        ("{% endif %}", "no template"),
        ("{{ tables | }}", "no template"),
        ("{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}", "too deeply|no template"),
    ],
)
def test_what_cannot_be_filled_is_refused(template: str, message: str) -> None:
    with pytest.raises(RuleError, match=message):
        check(template)


def test_simple_templates_do_not_load_jinja() -> None:
    code = (
        "import sys; from analyzer.ruleset.load import read_rules;"
        "from tests.ruleset.examples import BASE; read_rules(BASE);"
        "sys.exit(any(name in sys.modules for name in ('jinja2', 'pandas', 'google.cloud')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603
