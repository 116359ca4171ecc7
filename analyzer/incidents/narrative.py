"""The words of an incident: rules' templates filled with what the entries said, and nothing that they did not say."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import jinja2
from jinja2.sandbox import SandboxedEnvironment

from analyzer.errors import TemplateError
from analyzer.incidents.faults import explains, names_cause, rank
from analyzer.incidents.timeline import quote_of
from analyzer.outcome import Why
from analyzer.rule import Category, Role
from analyzer.safe import inline_names, plain_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from analyzer.incidents.chain import Tally
    from analyzer.model import Match

__all__ = ["Narrator", "five_whys"]

_MOST_WHYS = 5
_LONGEST_UNCUT = 64
"""Characters of a value that no filter cuts."""


def _as_list(value: Any) -> list[str]:
    return [str(value)] if isinstance(value, str | int | float) else [str(item) for item in value]


@functools.cache
def _environment() -> SandboxedEnvironment:
    environment = SandboxedEnvironment(undefined=jinja2.StrictUndefined, autoescape=False)
    environment.filters["names"] = lambda value: inline_names(_as_list(value))
    environment.filters["plain"] = lambda value: plain_names(_as_list(value))
    return environment


@functools.lru_cache(maxsize=4096)
def _compiled(template: str) -> jinja2.Template:
    return _environment().from_string(template)


class Narrator:
    """Fills rules' templates for one incident.

    A template's filters cut what is long, and a secret that is cut in two does not look like one any more. So long
    values are redacted before they are filled in; short ones come whole into the report, which redacts its texts.

    Args:
        facts: What every template of the incident may name: service, revision, count, starts, first, last, and the
            names extracted by all its rules.
        redact: Replaces secrets in what was made of the incident's entries.
    """

    def __init__(self, facts: Mapping[str, Any], redact: Callable[[str], str]) -> None:
        self._redact = redact
        self._facts = self._fit_to_cut(facts)

    def headline(self, match: Match) -> str:
        """The one line that names what a match found; the rule's title where a name it needs was not extracted."""
        return self._fill(match.rule.headline, match) or match.rule.title

    def sentences(self, matches: Iterable[Match], part: str) -> str:
        """The ``problem`` or ``impact`` of the matches' rules, joined, each sentence once."""
        texts = (self._fill(getattr(match.rule, part), match) for match in matches)
        return " ".join(dict.fromkeys(text for text in texts if text))

    def steps(self, matches: Iterable[Match]) -> tuple[str, ...]:
        """The next steps of the matches' rules, each once, in order."""
        texts = (self._fill(step, match) for match in matches for step in match.rule.next_steps)
        return tuple(dict.fromkeys(text for text in texts if text))

    def _fill(self, template: str, match: Match) -> str:
        """The filled template; empty when it names something that no entry gave."""
        if "{" in template:
            try:
                template = _compiled(template).render({**self._facts, **self._fit_to_cut(match.fields)})
            except jinja2.UndefinedError:
                return ""
            except (jinja2.TemplateError, TypeError, ValueError) as error:
                message = f"the rule {match.rule.name} has a template that cannot be filled: {error}"
                raise TemplateError(message, hint=f"see {match.rule.path}:{match.rule.line}") from error
        return " ".join(template.split())

    def _fit_to_cut(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._redacted(value) for name, value in values.items()}

    def _redacted(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._redact(value) if len(value) > _LONGEST_UNCUT else value
        return [self._redacted(item) for item in value] if isinstance(value, tuple) else value


def five_whys(cause: Tally, tallies: Sequence[Tally], narrator: Narrator) -> tuple[Why, ...]:
    """The chain from the last thing that failed back to the cause, as far as entries show it, at most five steps.

    Each step is a fault that the next one explains, by a rule's ``caused_by`` or the natural order of causes. What only
    the cause's own event says is no step of its own.
    """
    shown = {id(match.event) for match in cause.samples}
    others = {id(t): m for t in tallies if t is not cause and (m := _first_beside(t, shown)) is not None}
    steps = [tally for tally in tallies if id(tally) in others]
    chosen: list[Tally] = []
    start = max(steps, key=_depth, default=None)
    while start is not None and len(chosen) < _MOST_WHYS - 1:
        chosen.append(start)
        effect = start
        between = [t for t in steps if t not in chosen and _leads_to(t, effect) and _leads_to(cause, t)]
        start = max(between, key=_depth, default=None)
    told = [*(others[id(step)] for step in chosen), cause.match]
    return tuple(Why(narrator.headline(match), quote_of(match), match.event.first.insert_id) for match in told)


def _first_beside(tally: Tally, shown: set[int]) -> Match | None:
    """The first sample whose event is not one that shows the cause."""
    return next((match for match in tally.samples if id(match.event) not in shown), None)


def _depth(tally: Tally) -> tuple[bool, bool, int]:
    """How far from the root a fault lies: failed requests furthest, then effects, the latest first."""
    rule = tally.match.rule
    return (rule.category is Category.HTTP, rule.role is Role.CONSEQUENCE, tally.first)


def _leads_to(cause: Tally, effect: Tally) -> bool:
    if names_cause(effect.rule, cause.rule):
        return True
    if names_cause(cause.rule, effect.rule):
        return False
    return rank(cause.rule.category) < rank(effect.rule.category) or explains(cause.rule, effect.rule)
