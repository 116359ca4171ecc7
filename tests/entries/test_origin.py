from __future__ import annotations

from typing import Any

import pytest

from analyzer.entries import decode

TIME = "2025-03-04T10:11:12Z"


def origin(kind: str, named: Any = None, labels: Any = None, **fields: Any) -> tuple[str, str, str]:
    raw = {"timestamp": TIME, "resource": {"type": kind, "labels": named}, "labels": labels, **fields}
    entry = decode(raw)
    return entry.service, entry.revision, entry.instance


@pytest.mark.parametrize(
    ("kind", "named", "labels", "expected"),
    [
        (
            "cloud_run_revision",
            {"service_name": "till", "revision_name": "till-7"},
            {"instanceId": "a"},
            ("till", "till-7", "a"),
        ),
        (
            "cloud_run_job",
            {"job_name": "migrate"},
            {"run.googleapis.com/execution_name": "migrate-x1", "run.googleapis.com/task_index": "0"},
            ("migrate", "migrate-x1", "migrate-x1/0"),
        ),
        ("cloud_run_job", {"job_name": "migrate"}, {"instanceId": "a"}, ("migrate", "", "a")),
        (
            "k8s_container",
            {"container_name": "web", "pod_name": "till-5d9c-x"},
            {"k8s-pod/app": "till", "k8s-pod/pod-template-hash": "5d9c"},
            ("till", "5d9c", "till-5d9c-x/web"),
        ),
        ("k8s_container", {"container_name": "web"}, None, ("web", "", "")),
        (
            "gae_app",
            {"module_id": "till", "version_id": "v7"},
            {"appengine.googleapis.com/instance_name": "a"},
            ("till", "v7", "a"),
        ),
        ("cloud_function", {"function_name": "till"}, {"execution_id": "e"}, ("till", "", "e")),
        ("gce_instance", {"instance_id": "12"}, {"compute.googleapis.com/resource_name": "vm"}, ("vm", "", "12")),
        ("cloudsql_database", {"database_id": "p:db"}, None, ("p:db", "", "p:db")),
        ("build", {"build_id": "b"}, None, ("", "", "")),
        ("global", 7, 7, ("", "", "")),
    ],
)
def test_each_resource_names_its_service(kind: str, named: Any, labels: Any, expected: tuple[str, str, str]) -> None:
    assert origin(kind, named, labels) == expected


NAMED_TEMPLATE = {"spec": {"template": {"metadata": {"name": "till-8"}}}}


@pytest.mark.parametrize(
    ("proto", "expected"),
    [
        (
            {
                "resourceName": "namespaces/p/services/till",
                "response": {"status": {"latestCreatedRevisionName": "till-8"}},
            },
            ("till", "till-8"),
        ),
        (
            {"resourceName": "projects/p/locations/l/services/till", "request": {"service": NAMED_TEMPLATE}},
            ("till", "till-8"),
        ),
        ({"resourceName": "namespaces/p/revisions/till-9"}, ("", "till-9")),
        ({"resourceName": "namespaces/p/jobs/migrate", "request": NAMED_TEMPLATE}, ("migrate", "till-8")),
        ({"resourceName": "services"}, ("", "")),
        (7, ("", "")),
    ],
)
def test_a_deploy_names_its_service_and_revision(proto: Any, expected: tuple[str, str]) -> None:
    assert origin("audited_resource", {}, protoPayload=proto)[:2] == expected


def test_labels_of_a_deploy_win_over_its_resource_name() -> None:
    named = {"service_name": "till", "revision_name": "till-8"}
    found = origin("cloud_run_revision", named, protoPayload={"resourceName": "namespaces/p/services/other"})
    assert found[:2] == ("till", "till-8")


def test_a_reported_error_names_its_service() -> None:
    payload = {"message": "x", "serviceContext": {"service": "till", "version": "7"}}
    entry = decode({"timestamp": TIME, "jsonPayload": payload})
    assert (entry.service, entry.revision) == ("till", "7")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("projects/p/logs/cloudaudit.googleapis.com%2Factivity", ("p", "cloudaudit.googleapis.com/activity")),
        ("organizations/7/logs/x", ("7", "x")),
        ("x%2Fy", ("shop", "x/y")),
        (7, ("shop", "")),
        (None, ("shop", "")),
    ],
)
def test_project_and_log_come_from_the_log_s_name(name: Any, expected: tuple[str, str]) -> None:
    resource = {"labels": {"project_id": "shop"}}
    entry = decode({"timestamp": TIME, "logName": name, "resource": resource})
    assert (entry.project, entry.log) == expected
