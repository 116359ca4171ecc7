from __future__ import annotations

import json
import pickle
import uuid
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.errors import ConfigError, RuleError
from analyzer.matching.sharing import CompiledRules
from analyzer.needs import CheckedRules
from analyzer.rule import And, Category, CorrelationType, Level, Named, Not, Operator, Role, Rule
from analyzer.ruleset.detections import MODIFIERS
from analyzer.ruleset.fields import FIELDS
from analyzer.ruleset.load import load_collecting, load_rules, read_rules
from tests.ruleset.examples import BASE, CORRELATION, FILTER, changed


def test_a_rule_says_all_that_its_file_says() -> None:
    (rule,) = read_rules(BASE, "rule.yml").rules
    assert (rule.name, rule.title, rule.level) == ("tables_missing", "Tables are missing", Level.CRITICAL)
    assert rule.id == "3c0c3f4e-0f0e-4c8e-9c43-5a3f1d3f6d11"
    assert rule.logsource == {"product": "gcp", "service": "application"}
    assert (rule.category, rule.role, rule.status) == (Category.SCHEMA, Role.FAILURE, "stable")
    assert isinstance(rule.condition, And)
    assert rule.headline == "Missing tables: {{ tables | names }}"
    assert rule.next_steps == ("Look at {{ revision }}",)
    assert rule.references == ("https://example.com/tables",)
    assert (rule.path, rule.line) == ("rule.yml", 1)
    assert [(test.name, test.match, test.fields, test.line) for test in rule.tests] == [
        ("as it is printed", True, {"tables": ["a"]}, 24),
        ("the all-clear", False, {}, 27),
    ]


def test_a_plain_sigma_rule_is_a_failure_called_after_its_title() -> None:
    text = (
        "title: It's Broken!\nlogsource: {product: x}\ndetection:\n  a: [x]\n  condition: a\ntags: [a.b]\ncustom: 1\n"
    )
    ruleset = read_rules(text, "rule.yml")
    (rule,) = ruleset.rules
    assert (rule.name, rule.level, rule.category, rule.role) == (
        "it_s_broken",
        Level.MEDIUM,
        Category.OTHER,
        Role.FAILURE,
    )
    assert [str(warning) for warning in ruleset.warnings] == [
        "rule.yml:7: warning: the key 'custom' is not Sigma's and is not used (it_s_broken)"
    ]


def test_several_conditions_are_alternatives() -> None:
    text = changed(BASE, ("condition: missing and not all_clear", "condition: [missing, all_clear]"))
    assert "Or(" in repr(read_rules(text).rules[0].condition)


def test_a_detection_that_the_condition_does_not_use_is_a_warning() -> None:
    text = changed(BASE, ("condition: missing and not all_clear", "condition: missing"))
    assert [warning.text for warning in read_rules(text).warnings] == ["the condition does not use 'all_clear'"]


def test_a_correlation_names_its_rules_by_name_or_id_and_uses_what_they_extract() -> None:
    text = changed(BASE + CORRELATION, ("rules: [tables_missing]", "rules: 3c0c3f4e-0f0e-4c8e-9c43-5a3f1d3f6d11"))
    _, rule = read_rules(text).rules
    correlation = rule.correlation
    assert correlation is not None
    assert correlation.type is CorrelationType.EVENT_COUNT
    assert correlation.rules == ("tables_missing",)
    assert correlation.group_by == ("service", "tables")
    assert correlation.timespan == 600_000_000_000
    assert list(correlation.bounds) == [(Operator.GTE, 3)]
    assert correlation.generate
    assert rule.caused_by == ("tables_missing", "migration")


def test_a_correlation_has_aliases_ranges_and_counted_fields() -> None:
    text = changed(
        BASE + CORRELATION,
        ("event_count", "value_count"),
        ("  group-by: [service, tables]\n", "  group-by: who\n  aliases: {who: {tables_missing: labels.user}}\n"),
        ("{gte: 3}", "{gt: 2, lte: 9, field: tables}"),
        ("  timespan: 10m", "  generate: false\n  timespan: 2d"),
    )
    correlation = read_rules(text).rules[1].correlation
    assert correlation is not None
    assert correlation.aliases == {"who": {"tables_missing": "labels.user"}}
    assert correlation.group_by == ("who",)
    assert correlation.field == "tables"
    assert list(correlation.bounds) == [(Operator.GT, 2), (Operator.LTE, 9)]
    assert correlation.timespan == 2 * 86_400 * 10**9
    assert not correlation.generate


def test_a_correlation_of_correlations_uses_what_their_rules_extract() -> None:
    again = changed(
        CORRELATION,
        ("4c0c3f4e", "5c0c3f4e"),
        ("name: tables_missing_often", "name: tables_missing_for_long"),
        ("rules: [tables_missing]", "rules: [tables_missing_often]"),
        ("again and again", "for long"),
    )
    assert [rule.name for rule in read_rules(BASE + CORRELATION + again).rules][2] == "tables_missing_for_long"


def test_correlations_in_a_circle_are_refused() -> None:
    again = changed(
        CORRELATION,
        ("4c0c3f4e", "5c0c3f4e"),
        ("name: tables_missing_often", "name: other"),
        ("rules: [tables_missing]", "rules: [tables_missing_often]"),
    )
    text = BASE + changed(CORRELATION, ("rules: [tables_missing]", "rules: [tables_missing, other]")) + again
    with pytest.raises(RuleError, match="rests on itself"):
        read_rules(text)


def test_a_filter_is_joined_to_the_rules_it_names() -> None:
    ruleset = read_rules(BASE + FILTER)
    (rule,) = ruleset.rules
    assert ruleset.filters == ("no_playground",)
    assert isinstance(rule.condition, And)
    extra = rule.condition.items[1]
    assert isinstance(extra, Named)
    assert extra.name == "no_playground"
    assert isinstance(extra.item, Not)


@pytest.mark.parametrize("rules", ["any", "ANY", "[any]", "[]"])
def test_a_filter_of_any_rule_reaches_all_of_its_logsource(rules: str) -> None:
    other = changed(BASE, ("3c0c", "5c0c"), ("name: tables_missing", "name: other"), ("product: gcp", "product: aws"))
    text = f"{BASE}---\n{other}{CORRELATION}{changed(FILTER, ('[tables_missing]', rules))}"
    reached = [rule.name for rule in read_rules(text).rules if "playground" in repr(rule.condition)]
    assert reached == ["tables_missing"]


def test_a_filter_may_name_one_rule_by_its_id() -> None:
    text = BASE + changed(FILTER, ("[tables_missing]", "3c0c3f4e-0f0e-4c8e-9c43-5a3f1d3f6d11"))
    assert read_rules(text).filters == ("no_playground",)


def written(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".yml").write_text(text, encoding="utf-8")
    return folder


def test_folders_are_read_in_order_and_files_once(tmp_path: Path) -> None:
    second = changed(BASE, ("3c0c", "5c0c"), ("name: tables_missing", "name: second"))
    folder = written(tmp_path / "rules", b__first=BASE)
    (folder / "c.yaml").write_text(second, encoding="utf-8")
    (folder / "notes.txt").write_text("not: [a rule", encoding="utf-8")
    ruleset = load_rules([folder, folder], pack=False)
    assert [rule.name for rule in ruleset.rules] == ["tables_missing", "second"]
    assert ruleset.files == (str(folder / "b/first.yml"), str(folder / "c.yaml"))


def test_what_is_not_there_or_empty_is_an_error(tmp_path: Path) -> None:
    _, errors = load_collecting([tmp_path / "gone.yml", tmp_path], pack=False)
    assert [error.message for error in errors] == ["the folder holds no rule files", "there is no such file or folder"]


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    folder = written(tmp_path, rules=BASE)
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(RuleError, match="cannot be read: Permission denied"):
        load_rules([folder], pack=False)


def test_disabled_rules_and_filters_are_gone(tmp_path: Path) -> None:
    folder = written(tmp_path, rules=BASE + FILTER)
    assert load_rules([folder], pack=False, disable=["tables_missing"]).rules == ()
    (rule,) = load_rules([folder], pack=False, disable=["no_playground"]).rules
    assert "playground" not in repr(rule.condition)


def test_a_disabled_name_that_nobody_has_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="tables_mising") as caught:
        load_rules([written(tmp_path, rules=BASE)], pack=False, disable=["tables_mising"])
    assert caught.value.hint == "did you mean 'tables_missing'?"


def test_correlations_go_with_the_rules_they_cannot_do_without(tmp_path: Path) -> None:
    other = changed(BASE, ("3c0c", "5c0c"), ("name: tables_missing", "name: other"), ("Tables are", "Others are"))
    both = changed(CORRELATION, ("rules: [tables_missing]", "rules: [tables_missing, other]"))
    counted = written(tmp_path / "counted", rules=f"{BASE}---\n{other}{both}")
    rules = load_rules([counted], pack=False, disable=["other"]).rules
    assert rules[1].correlation is not None
    assert rules[1].correlation.rules == ("tables_missing",)

    ordered = changed(both, ("event_count", "temporal_ordered"), ("  condition: {gte: 3}\n", ""))
    upon = changed(
        CORRELATION,
        ("4c0c", "6c0c"),
        ("name: tables_missing_often", "name: upon"),
        ("again and again", "upon"),
        ("rules: [tables_missing]", "rules: [tables_missing_often]"),
    )
    temporal = written(tmp_path / "temporal", rules=f"{BASE}---\n{other}{ordered}{upon}")
    ruleset = load_rules([temporal], pack=False, disable=["other"])
    assert [rule.name for rule in ruleset.rules] == ["tables_missing"]
    assert [warning.text for warning in ruleset.warnings] == [
        "left out, because it needs other",
        "left out, because it needs tables_missing_often",
    ]


def test_a_rule_that_names_a_broken_one_is_an_error_too() -> None:
    broken = changed(CORRELATION, ("[3c0c3f4e-0f0e-4c8e-9c43-5a3f1d3f6d11, migration]", "[nothing_like_it]"))
    upon = changed(
        CORRELATION,
        ("4c0c", "6c0c"),
        ("name: tables_missing_often", "name: upon"),
        ("rules: [tables_missing]", "rules: [tables_missing_often]"),
    )
    with pytest.raises(RuleError, match="nothing_like_it"):
        read_rules(BASE + broken + upon)


def test_the_pack_loads_before_the_user_s_rules(tmp_path: Path) -> None:
    ruleset, errors = load_collecting([written(tmp_path, mine=changed(BASE, ("name: tables", "name: my_tables")))])
    assert errors == []
    assert ruleset.rules[-1].name == "my_tables_missing"
    assert len(ruleset.rules) > 40
    assert not any(Path(rule.path).is_absolute() for rule in ruleset.rules[:-1])


def test_rules_can_be_kept_in_a_cache() -> None:
    rules = read_rules(BASE + CORRELATION).rules
    assert pickle.loads(pickle.dumps(rules)).needs == rules.needs  # noqa: S301 - written by this test
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(rules), type=tuple[Rule, ...]) == rules


def test_a_thousand_rules_load(tmp_path: Path) -> None:
    texts = []
    for number in range(1000):
        text = changed(BASE, ("3c0c3f4e-0f0e-4c8e-9c43-5a3f1d3f6d11", str(uuid.UUID(int=number))))
        text = text.replace("name: tables_missing", f"name: rule_{number}").replace("Missing", f"Missing {number}")
        texts.append(
            changed(text, ("message|contains: no missing", f"message|re: '(?:no|zero) missing {number}")) + "'"
        )
    texts = [text.replace(" tables\n  condition", " tables'\n  condition").rstrip("'") for text in texts]
    folder = written(tmp_path, **{f"rule_{number}": text for number, text in enumerate(texts)})
    ruleset = load_rules([folder], pack=False)
    assert len(ruleset.rules) == 1000


@settings(max_examples=300)
@given(
    st.sampled_from([*FIELDS, "labels.a", "json.b.c"]),
    st.lists(st.sampled_from(sorted(MODIFIERS)), max_size=3, unique=True),
    st.one_of(st.text(max_size=8), st.integers(-2, 999), st.booleans(), st.none()),
)
def test_what_the_loader_takes_the_matcher_can_compile(field: str, modifiers: list[str], value: object) -> None:
    text = changed(BASE, ("message|contains: Missing", f"{'|'.join([field, *modifiers])}: {json.dumps(value)} #"))
    try:
        rules = read_rules(text).rules
    except RuleError:
        return
    assert isinstance(rules, CheckedRules)
    compiled = CompiledRules(rules)
    compiled.complete()
    assert len(compiled) == len(rules)
