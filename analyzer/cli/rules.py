"""``loganalyze rules ...``: what rules there are, whether they are sound, and what they match."""

from __future__ import annotations

import enum
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from analyzer.cli import console
from analyzer.cli.options import configured
from analyzer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analyzer.errors import RuleError
    from analyzer.model import LogEntry, Match
    from analyzer.rule import Rule
    from analyzer.ruleset.load import RuleSet

__all__ = ["app"]

app = typer.Typer(
    name="rules",
    add_completion=False,
    no_args_is_help=True,
    help="Look at rules, check and test them, and see what they match.",
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)


class RowFormat(enum.StrEnum):
    """How rows are printed."""

    TEXT = "text"
    JSON = "json"


_Rules = Annotated[
    list[Path] | None, typer.Option("--rules", help="Folder or file of further rules (may be given again).")
]
_Pack = Annotated[bool, typer.Option("--pack/--no-pack", help="The built-in rules too.")]
_Config = Annotated[Path | None, typer.Option("--config", help="Configuration file [loganalyze.toml, here or above].")]
_Format = Annotated[RowFormat, typer.Option("--format", "-f", help="How to print.")]
_Paths = Annotated[list[Path] | None, typer.Argument(metavar="[PATH]...", help="Rule files or folders [the pack].")]


@app.command("list", epilog="**Example**: loganalyze rules list --format json | jq -r .name")
def list_rules(
    *,
    rules: _Rules = None,
    pack: _Pack = True,
    config: _Config = None,
    format: _Format = RowFormat.TEXT,  # noqa: A002  (the option's name)
) -> None:
    """List the rules: name, category, role, level, title."""
    found = sorted(_ruleset(rules, pack=pack, config=config).rules, key=lambda rule: (rule.path, rule.line))
    if format is RowFormat.JSON:
        for rule in found:
            _print_json(
                {
                    "name": rule.name,
                    "category": rule.category.value,
                    "role": rule.role.value,
                    "level": rule.level.word,
                    "title": rule.title,
                    "path": rule.path,
                    "line": rule.line,
                }
            )
        return
    width = max((len(rule.name) for rule in found), default=0)
    for rule in found:
        print(f"{rule.name:<{width}}  {rule.category:<13}  {rule.role:<11}  {rule.level.word:<13}  {rule.title}")
    console.say(f"{len(found)} rules")


@app.command("show", epilog="**Example**: loganalyze rules show critical_tables_missing")
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The rule's name.")],
    *,
    rules: _Rules = None,
    pack: _Pack = True,
    config: _Config = None,
) -> None:
    """Show one rule as its documentation: what it finds, what it says, and its tests."""
    from analyzer.ruleset.describe import describe  # noqa: PLC0415

    print(describe(_named(name, _ruleset(rules, pack=pack, config=config).rules)))


@app.command("check", epilog="**Example**: loganalyze rules check ops/rules")
def check(paths: _Paths = None, *, format: _Format = RowFormat.TEXT) -> int:  # noqa: A002  (the option's name)
    """Check rule files: every fault with file and line. Exit status 2 when there are errors."""
    from analyzer.ruleset.findings import FindingSeverity  # noqa: PLC0415
    from analyzer.ruleset.lint import check  # noqa: PLC0415

    ruleset, errors, own = _beside_pack(paths)
    findings = [finding for finding in check(ruleset) if finding.path in own]
    for error in errors:
        if format is RowFormat.JSON:
            row = {"path": error.path, "line": error.line, "rule": "", "severity": "error", "text": error.message}
            _print_json({**row, "hint": error.hint})
        else:
            print(f"{error}\n  hint: {error.hint}" if error.hint else str(error))
    for finding in findings:
        if format is RowFormat.JSON:
            _print_json(_plain(finding))
        else:
            print(f"{finding}\n  hint: {finding.hint}" if finding.hint else str(finding))
    wrong = len(errors) + sum(finding.severity is FindingSeverity.ERROR for finding in findings)
    count = sum(rule.path in own for rule in ruleset.rules)
    odd = len(findings) + len(errors) - wrong
    console.say(", ".join((_number(count, "rule"), _number(wrong, "error"), _number(odd, "warning"))))
    return 2 if wrong else 0


@app.command("test", epilog="**Example**: loganalyze rules test ops/rules --junit rules.xml")
def run_inline_tests(
    paths: _Paths = None,
    *,
    junit: Annotated[Path | None, typer.Option("--junit", help="Write the results as JUnit XML.")] = None,
) -> int:
    """Run the rules' inline tests. Exit status 2 when one fails."""
    from analyzer.matching import Matcher  # noqa: PLC0415
    from analyzer.pipeline import matches_of  # noqa: PLC0415
    from analyzer.ruleset.selftest import junit as to_junit  # noqa: PLC0415
    from analyzer.ruleset.selftest import run_tests  # noqa: PLC0415

    ruleset, errors, own = _beside_pack(paths)
    if errors:
        raise errors[0]
    rules = [rule for rule in ruleset.rules if rule.path in own]
    matcher = Matcher(rules)

    def match(entries: Sequence[LogEntry]) -> Sequence[Match]:
        return matches_of(entries, matcher)

    results = run_tests(rules, match)
    failed = [result for result in results if not result.passed]
    for result in failed:
        print(f"{result.path}:{result.line}: {result.rule}: {result.test}: {result.failure}")
    if junit is not None:
        from analyzer.publish.files import write_file  # noqa: PLC0415

        write_file(junit, to_junit(results))
    console.say(f"{len(results) - len(failed)} passed, {len(failed)} failed")
    return 2 if failed else 0


@app.command(
    "match", epilog="**Example**: loganalyze rules match hour.json --format json | jq -r .rule | sort | uniq -c"
)
def match(  # noqa: PLR0913  (the options)
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Files, folders, globs, or -.")],
    *,
    rules: _Rules = None,
    pack: _Pack = True,
    config: _Config = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=0, help="Processes that read large files [cores].")] = 0,
    format: _Format = RowFormat.TEXT,  # noqa: A002  (the option's name)
) -> int:
    """Print each match of a rule in exported files, one a line, in order of time."""
    from analyzer.coverage import Ledger  # noqa: PLC0415
    from analyzer.crew import cores  # noqa: PLC0415
    from analyzer.matching import Matcher  # noqa: PLC0415
    from analyzer.pipeline import classify_source  # noqa: PLC0415
    from analyzer.redact import Redactor  # noqa: PLC0415
    from analyzer.report.rows import match_line  # noqa: PLC0415
    from analyzer.safe import json_text, visible  # noqa: PLC0415
    from analyzer.sources.files import Files  # noqa: PLC0415

    matcher = Matcher(_ruleset(rules, pack=pack, config=config).rules)
    ledger = Ledger()
    with console.progress() as draw:
        source = Files(paths, progress=lambda entries, _share: draw(entries, ""))
        matches = classify_source(source, None, matcher, ledger, jobs=jobs or cores()).matches
    redactor = Redactor()
    for found in matches:
        row = match_line(found, redactor)
        if format is RowFormat.JSON:
            print(json_text(json.dumps(row, ensure_ascii=False)))
        else:
            first_line = row["message"].splitlines()[0] if row["message"] else ""
            print(visible(f"{row['timestamp']}  {row['service'] or '-'}  {row['rule']}  {first_line[:160]}"))
    coverage = ledger.coverage()
    for note in coverage.notes:
        console.warn(visible(redactor.redact(note)))
    return 0 if coverage.complete else 3


@app.command(
    "explain", epilog="**Example**: echo 'ERROR:  relation \"orders\" does not exist' | loganalyze rules explain -"
)
def explain(
    path: Annotated[str, typer.Argument(metavar="FILE|-", help="One LogEntry as JSON, or plain text.")],
    *,
    rule: Annotated[str, typer.Option("--rule", help="Only this rule, whether it is near or not.")] = "",
    rules: _Rules = None,
    pack: _Pack = True,
    config: _Config = None,
) -> None:
    """Say which parts of which rules hold on an entry, and why the rest do not."""
    from analyzer.cli.explaining import print_explanations  # noqa: PLC0415

    known = _ruleset(rules, pack=pack, config=config).rules
    if rule:
        _named(rule, known)
    print_explanations(path, known, rule)


@app.command(
    "draft", epilog="**Example**: loganalyze rules draft 67f7a0f61c22 --from hour.json > rules/own/ledger_off.yml"
)
def write_draft(  # noqa: PLR0913  (one a flag)
    cluster_id: Annotated[
        str, typer.Argument(metavar="[ID]", help="The id of an unclassified error, or its beginning [the first one].")
    ] = "",
    *,
    given: Annotated[
        list[str] | None, typer.Option("--from", help="Capture that holds it [Cloud Logging, see --since].")
    ] = None,
    since: Annotated[str, typer.Option("--since", help="Window to look in without --from.")] = "1h",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File to write [standard output].")] = None,
    rules: _Rules = None,
    pack: _Pack = True,
    config: _Config = None,
) -> None:
    """Write a rule file for an error that no rule knows, with a test and look-alikes out of the same capture."""
    from analyzer.cli.drafting import draft_from  # noqa: PLC0415

    settings = configured(config)
    text = draft_from(cluster_id, given, since, settings, _ruleset(rules, pack=pack, config=config).rules)
    if output is None:
        sys.stdout.write(text)
        return
    from analyzer.publish.files import write_file  # noqa: PLC0415

    write_file(output, text)
    console.say(f"wrote {output}")


def _named(name: str, rules: Sequence[Rule]) -> Rule:
    known = {rule.name: rule for rule in rules}
    if name not in known:
        import difflib  # noqa: PLC0415

        close = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
        raise UsageError(f"no rule {name!r}", hint=f"did you mean {', '.join(close)}?" if close else "see: rules list")
    return known[name]


def _ruleset(rules: list[Path] | None, *, pack: bool, config: Path | None) -> RuleSet:
    from analyzer.ruleset.load import load_rules  # noqa: PLC0415

    settings = configured(config)
    paths = [*(Path(path) for path in settings.rules), *(rules or ())]
    return load_rules(paths, pack=pack and settings.pack, disable=settings.disable)


def _beside_pack(paths: Sequence[Path] | None) -> tuple[RuleSet, list[RuleError], set[str]]:
    """The rules of ``paths`` beside the pack, whose rules they may name as causes; the faults; the files of ``paths``.

    Folders and files of the pack itself may be named too; without ``paths`` the whole pack is meant.
    """
    from analyzer.resources import rule_pack  # noqa: PLC0415
    from analyzer.ruleset.load import load_collecting  # noqa: PLC0415

    pack = Path(str(rule_pack())).resolve()
    places = [path.resolve() for path in paths or [pack]]
    inside = [place.relative_to(pack) for place in places if place.is_relative_to(pack)]
    further = [path for path, place in zip(paths or (), places, strict=False) if not place.is_relative_to(pack)]
    ruleset, errors = load_collecting(further)
    own = set(load_collecting(further, pack=False)[0].files) if further else set()
    own |= {name for name in ruleset.files if any(Path(name).is_relative_to(place) for place in inside)}
    others = set(ruleset.files) - own
    return ruleset, [error for error in errors if error.path not in others], own


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"


def _plain(value: Any) -> Any:
    import msgspec  # noqa: PLC0415

    return msgspec.to_builtins(value)


def _print_json(row: Any) -> None:
    print(json.dumps(row, ensure_ascii=False))
