from __future__ import annotations

from typing import TYPE_CHECKING

from analyzer.incidents.rhythm import container_starts, period_of
from analyzer.incidents.series import Series
from analyzer.rule import Category, Role
from tests.incidents.builders import SECOND, match, rule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from analyzer.model import Match

STARTED = rule("instance_started", Category.STARTUP, Role.MILESTONE)
EXIT = rule("container_exit", Category.CRASH, Role.CONSEQUENCE)
WORKER = rule("worker_failed", Category.CRASH, Role.CONSEQUENCE)


def by_rule(matches: Iterable[Match]) -> dict[str, Series]:
    series: dict[str, Series] = {}
    for one in matches:
        series.setdefault(one.rule.name, Series()).add(one.event.first.instance, one.time)
    return series


def test_last_words_of_several_processes_tell_of_one_end() -> None:
    ends = [match(rule, at=n * 30 + late) for n in range(4) for rule, late in ((WORKER, 0), (WORKER, 0.6), (EXIT, 1))]
    assert container_starts({}, by_rule(ends)) == 4


def test_starts_and_ends_of_the_same_containers_are_not_added_up() -> None:
    begun = [match(STARTED, at=n * 30) for n in range(5)]
    ended = [match(EXIT, at=n * 30 + 9) for n in range(4)]
    assert container_starts(by_rule(begun), by_rule(ended)) == 5


def test_what_several_instances_say_at_once_is_one_repeat() -> None:
    loop = [n * 20 * SECOND + which * 300_000 for n in range(6) for which in (0, 1)]
    assert abs(period_of(loop) - 20 * SECOND) < SECOND


def test_repeats_without_a_rhythm_have_no_period() -> None:
    assert period_of([at * SECOND for at in (0, 2, 90, 97, 400, 1100)]) == 0
    assert period_of([0, 9 * SECOND]) == 0
