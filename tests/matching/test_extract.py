from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.errors import RuleError
from analyzer.matching.extract import MOST_VALUES, compile_extracts, printed_items
from analyzer.matching.fields import Subject
from analyzer.rule import Extract
from tests.matching.build import event

LIST = r"tables: (?P<tables>.*)"


def fields(message: str, *patterns: str, name: str = "tables") -> dict[str, str | tuple[str, ...]]:
    return dict(compile_extracts((Extract(name, patterns),))(Subject(event(message))))


@pytest.mark.parametrize(
    ("printed", "items"),
    [
        ("['a', 'b']", ("a", "b")),
        ("""{'b', "a's"}""", ("b", "a's")),
        ("[a, b]", ("a", "b")),
        ('{"b","a"}', ("b", "a")),
        ("(a, b)", ("a", "b")),
        ("('a',)", ("a",)),
        ("['a', 'a', 'b']", ("a", "b")),
        ("[u'a', b'b', r'c']", ("a", "b", "c")),
        (r"['it\'s', 'a\\b', 'c\d']", ("it's", r"a\b", r"c\d")),
        (r"[\"a\", \"b\"]", ("a", "b")),
        ("frozenset({'a', 'b'})", ("a", "b")),
        ("dict_keys(['a', 'b'])", ("a", "b")),
        ("array(['a', 'b'], dtype=object)", ("a", "b")),
        ("[('public', 'a'), ('public', 'b')]", ("('public', 'a')", "('public', 'b')")),
        ("[Table('a', MetaData()), Table('b, c')]", ("Table('a', MetaData())", "Table('b, c')")),
        ("['a, b', 'c']", ("a, b", "c")),
        ("[1, 2.5]", ("1", "2.5")),
        ("[]", ()),
        ("set()", ()),
        ("frozenset()", ()),
        ("  [a]\t", ("a",)),
        ("[12:30]", ("12:30",)),
        ("{'a': 1}", None),
        ('{"a": [1]}', None),
        ("{a: 1, b: 2}", None),
        ("['a', 'b", None),
        ("['a]", None),
        ("[a}", None),
        ("a, b", None),
        ("[", None),
        ("", None),
    ],
)
def test_what_a_program_prints_for_a_list_or_set_is_read(printed: str, items: tuple[str, ...] | None) -> None:
    assert printed_items(printed) == items


def test_a_printed_list_becomes_a_tuple_in_its_order() -> None:
    assert fields("✗ Missing tables: ['user_sessions', 'a']", LIST) == {"tables": ("user_sessions", "a")}
    assert fields("Missing tables: ['user_sessions']", LIST) == {"tables": ("user_sessions",)}


def test_a_single_value_is_text() -> None:
    assert fields("tables: users ", LIST) == {"tables": "users"}


def test_several_matches_give_their_distinct_values_in_order() -> None:
    message = 'relation "b" and relation "a" and relation "b"'
    assert fields(message, r'relation "(?P<tables>\w+)"') == {"tables": ("b", "a")}
    assert fields('relation "b" and relation "b"', r'relation "(?P<tables>\w+)"') == {"tables": "b"}


def test_the_first_pattern_that_finds_a_value_gives_it() -> None:
    patterns = (r"table (?P<tables>x?)", r"relation (?P<tables>\w+)", r"(?P<tables>table)")
    assert fields("table relation users", *patterns) == {"tables": "users"}


def test_a_name_that_stands_twice_keeps_the_first_value() -> None:
    twice = (
        Extract("tables", (r"no (?P<tables>\w+)",)),
        Extract("tables", (r"table (?P<tables>\w+)",)),
        Extract("tables", (".(?P<tables>.)",)),
    )
    assert dict(compile_extracts(twice)(Subject(event("table users")))) == {"tables": "users"}


def test_nothing_found_is_left_out() -> None:
    assert fields("all is well", LIST) == {}
    extract = compile_extracts((Extract("tables", (LIST,), field="logger"),))
    assert extract(Subject(event("tables: a"))) == {}


def test_values_are_bounded() -> None:
    long = fields(f"tables: {'x' * 9000}", LIST)["tables"]
    assert long == "x" * 500
    many = fields(f"tables: {[str(number) for number in range(5000)]}", LIST)["tables"]
    assert many == tuple(str(number) for number in range(MOST_VALUES))
    repeated = fields("\n".join(f"id={number}" for number in range(5000)), r"id=(?P<tables>\d+)")["tables"]
    assert len(repeated) == MOST_VALUES


@pytest.mark.parametrize("pattern", ["(?P<tables>", "(?P<other>x)", "x"])
def test_a_pattern_that_cannot_fill_the_name_is_refused(pattern: str) -> None:
    with pytest.raises(RuleError):
        compile_extracts((Extract("tables", (pattern,)),))


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20), max_size=10))
def test_a_list_of_names_as_python_prints_it_comes_back(names: list[str]) -> None:
    clean = [name.replace("\\", "").replace("\n", "") for name in names]
    clean = [name for name in clean if name and name == name.strip() and name.isprintable()]
    assert printed_items(repr(clean)) == tuple(dict.fromkeys(clean))


@given(st.text(alphabet="[]{}()'\", \\:ab;", max_size=30))
def test_any_text_is_read_without_error(text: str) -> None:
    items = printed_items(text)
    assert items is None or all(isinstance(item, str) and item for item in items)
