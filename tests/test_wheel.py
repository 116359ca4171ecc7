"""The wheel, built and installed beside the checkout: what users get holds everything it needs."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", str(ROOT)]
    subprocess.run([*command, "--wheel-dir", str(folder)], check=True, capture_output=True)  # noqa: S603
    (built,) = folder.glob("loganalyze-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder), str(wheel)]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603
    return folder


def run(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the installed command far from the checkout."""
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    command = [sys.executable, str(installed / "bin" / "loganalyze"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", env=environment)  # noqa: S603


def test_the_wheel_holds_rules_templates_and_types_and_no_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "analyzer/py.typed" in names
    assert "analyzer/_data/templates/debug-log.md.j2" in names
    packed = {name.removeprefix("analyzer/_data/") for name in names if name.endswith(".yml")}
    assert packed == {path.relative_to(ROOT).as_posix() for path in ROOT.glob("rules/**/*.yml")}
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/", "rules/"))]


def test_the_installed_command_reports_on_the_sample(installed: Path) -> None:
    done = run(installed, "since", "1h", "--sample")
    assert done.returncode == 0, done.stderr
    assert "# Database Table Migration Inconsistency Debug Log - " in done.stdout
    code = "import analyzer; print(analyzer.__file__)"
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    command = [sys.executable, "-c", code]
    where = subprocess.run(command, env=environment, cwd="/", capture_output=True, text=True, check=True)  # noqa: S603
    assert where.stdout.startswith(str(installed))


def test_the_installed_pack_passes_its_own_tests(installed: Path) -> None:
    done = run(installed, "rules", "test")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr.endswith(" passed, 0 failed\n")
