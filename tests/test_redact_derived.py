"""A piece of a text, or another form of it, shows no secret of the whole."""

from __future__ import annotations

import pytest

from analyzer.redact import Redactor
from analyzer.safe import inline_names, plain_names
from analyzer.template import mask
from tests.test_redact import KEY, KNOWN


@pytest.mark.parametrize("name", KNOWN)
def test_a_template_a_title_and_a_cut_line_show_no_secret_of_their_text(name: str) -> None:
    text, hidden = KNOWN[name]
    redact = Redactor(KEY).within([text])
    for secret in (part for part in hidden if len(part) >= 12 and part in text):
        cut = text[: text.index(secret) + (len(secret) * 3 // 4 if "@" not in text else 0)]
        template = mask(f"failed: {text}")
        for made in (template, template.replace("<*>", "_"), plain_names(text), inline_names(text), cut):
            shown = redact(made)
            assert secret[:10] not in shown
            assert len(mask(secret).replace("<*>", "")) < 8 or mask(secret) not in shown
            assert len(mask(secret).replace("<*>", "")) < 8 or mask(secret).replace("<*>", "_") not in shown
            assert plain_names(secret)[:10] not in shown


def test_a_name_taken_out_of_its_text_is_as_secret_as_there() -> None:
    redact = Redactor(KEY).within(["SENTRY_DSN=https://0123456789abcdef0123@sentry.example/1 password=swordfish-9"])
    assert "0123456789abcdef0123" not in redact("nothing accepts connections at 0123456789abcdef0123")
    assert "swordfish" not in redact("no table swordfish_9")


@pytest.mark.parametrize("name", ["jane.doe", "jane.doe-smith", "jane_doe"])
def test_the_beginning_of_an_address_is_as_secret_as_the_whole(name: str) -> None:
    redact = Redactor(KEY).within(["ERROR: no tables: jane.doe-smith@example.org", "of jane_doe-2@example.org"])
    shown = redact(f"Missing tables: {name}")
    assert shown.startswith("Missing tables: [email:")
    assert "jane" not in shown


def test_a_name_that_stands_by_itself_too_is_no_part_of_an_address() -> None:
    text = "role db-admin is missing, says db-admin@example.org"
    assert Redactor(KEY).within([text])("Role db-admin is missing") == "Role db-admin is missing"


def test_two_forms_of_one_secret_have_one_surrogate() -> None:
    redactor = Redactor(KEY)
    text = 'refused for user "jane.doe@example.com"'
    shown = redactor.redact("jane.doe@example.com")
    assert redactor.within([text])(f"The login of {plain_names('jane.doe@example.com')}") == f"The login of {shown}"


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("postgresql://postgres:postgres@db/postgres", "Database postgres does not exist"),
        ("caller ci@acme-staging.iam.gserviceaccount.com of acme-staging", "project acme-staging lacks a right"),
        ("client 203.0.113.77 closed", "client <*> closed <*> connections"),
        ("nothing secret", "Table orders does not exist"),
    ],
)
def test_what_is_no_secret_by_itself_survives(text: str, made: str) -> None:
    assert Redactor(KEY).within([text])(made) == made
