"""What deploy/ holds is accepted by the tools that would read it, asks for no more rights than it needs, and calls
commands that exist. What cannot run here (terraform apply, a cluster, docker build) is said in deploy/README.md.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import hcl2
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from typer.testing import CliRunner

from analyzer.cli import app

ROOT = Path(__file__).resolve().parent.parent.parent
DEPLOY = ROOT / "deploy"


def terraform() -> dict[str, Any]:
    """The resources of main.tf as type.name -> body, quotes taken off."""
    with (DEPLOY / "terraform" / "main.tf").open(encoding="utf-8") as file:
        parsed = hcl2.load(file)
    resources: dict[str, Any] = {}
    for entry in parsed["resource"]:
        for kind, named in entry.items():
            for name, body in named.items():
                resources[f"{kind}.{name}".replace('"', "")] = body
    return resources


def test_terraform_gives_each_account_only_what_it_needs() -> None:
    roles = {name: body["role"].strip('"') for name, body in terraform().items() if "_iam_" in name}
    assert roles == {
        "google_project_iam_member.read_logs": "roles/logging.viewer",
        "google_secret_manager_secret_iam_member.read_state_url": "roles/secretmanager.secretAccessor",
        "google_secret_manager_secret_iam_member.read_github_token": "roles/secretmanager.secretAccessor",
        "google_cloud_run_v2_job_iam_member.run": "roles/run.invoker",
    }


def test_terraform_names_only_variables_that_are_declared() -> None:
    main = (DEPLOY / "terraform" / "main.tf").read_text(encoding="utf-8")
    with (DEPLOY / "terraform" / "variables.tf").open(encoding="utf-8") as file:
        declared = {name.strip('"') for entry in hcl2.load(file)["variable"] for name in entry}
    assert set(re.findall(r"\bvar\.(\w+)", main)) == declared


def test_the_manifest_holds_to_the_kubernetes_api() -> None:
    script = shutil.which("kubernetes-validate", path=str(Path(sys.executable).parent))
    assert script is not None
    manifest = str(DEPLOY / "kubernetes" / "cronjob.yaml")
    done = subprocess.run([script, "--strict", manifest], capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr


def test_the_container_runs_without_root_and_rights() -> None:
    documents = list(yaml.safe_load_all((DEPLOY / "kubernetes" / "cronjob.yaml").read_text(encoding="utf-8")))
    (cronjob,) = [document for document in documents if document["kind"] == "CronJob"]
    pod = cronjob["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    (container,) = pod["containers"]
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert cronjob["spec"]["concurrencyPolicy"] == "Forbid"


def test_the_workflow_holds_to_the_schema_of_github_actions() -> None:
    script = shutil.which("check-jsonschema", path=str(Path(sys.executable).parent))
    assert script is not None
    path = str(DEPLOY / "github-actions" / "loganalyze-audit.yml")
    command = [script, "--builtin-schema", "vendor.github-workflows", path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr


def test_systemd_accepts_the_units() -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        # A machine without systemd cannot judge its units; every CI image of Debian can.
        units = [path.read_text(encoding="utf-8") for path in (DEPLOY / "systemd").iterdir()]
        assert all("[Unit]" in unit for unit in units)
        return
    units_paths = [str(path) for path in sorted((DEPLOY / "systemd").iterdir())]
    done = subprocess.run([analyze, "verify", *units_paths], capture_output=True, text=True, check=False)  # noqa: S603
    assert (done.returncode, done.stderr) == (0, "")


def commands() -> list[list[str]]:
    """Every call of loganalyze in deploy/, as words."""
    found = [["audit"]]
    job = terraform()["google_cloud_run_v2_job.audit"]
    found.append(["audit", *re.findall(r"--[a-z-]+", str(job["template"][0]["template"][0]["containers"][0]["args"]))])
    text = (DEPLOY / "kubernetes" / "cronjob.yaml").read_text(encoding="utf-8")
    found.append(yaml.safe_load(re.findall(r"args: (\[.*\])", text)[0]))
    for path in ((DEPLOY / "systemd" / "loganalyze-audit.service"), *(DEPLOY / "github-actions").glob("*.yml")):
        found += [
            shlex.split(line) for line in re.findall(r"\bloganalyze (audit .*)", path.read_text(encoding="utf-8"))
        ]
    return found


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_flag_that_deploy_uses_exists(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert words[0] == "audit"
    shown = CliRunner().invoke(app, ["audit", "--help"]).output
    for flag in (word for word in words if word.startswith("--")):
        assert re.search(rf"{flag}\b", shown), flag


def test_the_state_may_come_from_the_environment_as_deploy_sets_it() -> None:
    assert "LOGANALYZE_STATE" in CliRunner().invoke(app, ["audit", "--help"]).output


def test_the_image_is_pinned_and_runs_without_root() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    bases = [line.split()[1] for line in lines if line.startswith("FROM")]
    assert all(re.search(r":\d+\.\d+\.\d+-slim-", base) for base in bases)
    assert [line for line in lines if line.startswith("USER")] == ["USER 10001"]
    copied = [word for line in lines if line.startswith("COPY") and "--from" not in line for word in line.split()[1:-1]]
    assert copied
    assert [name for name in copied if not (ROOT / name).exists()] == []


def locked() -> dict[str, Version]:
    text = (DEPLOY / "requirements.txt").read_text(encoding="utf-8")
    pins = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", text, re.MULTILINE)
    return {canonicalize_name(name): Version(version) for name, version in pins}


def test_the_locked_versions_satisfy_what_the_package_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["postgres"], *extras["github"]]
    pins = locked()
    for requirement in map(Requirement, wanted):
        assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)]), str(requirement)


def test_every_locked_version_is_held_by_hashes() -> None:
    text = (DEPLOY / "requirements.txt").read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    unhashed = [block.split()[0] for block in blocks if "==" in block and "--hash=sha256:" not in block]
    assert unhashed == []
