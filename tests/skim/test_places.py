from __future__ import annotations

from typing import Any

import msgspec
import pytest

from analyzer.entries import decode
from analyzer.sheets import Glance
from analyzer.skim.places import UNTOLD, Places

LOG = "projects/p/logs/run.googleapis.com%2Fstdout"
RESOURCE = {"type": "cloud_run_revision", "labels": {"service_name": "api", "revision_name": "api-1"}}


def glance(labels: Any, resource: Any = RESOURCE) -> Glance:
    encode = msgspec.json.encode
    return Glance(logName=LOG, resource=msgspec.Raw(encode(resource)), labels=msgspec.Raw(encode(labels)))


def test_labels_that_tell_nothing_of_a_place_leave_it_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analyzer.skim.places._MOST", 3)
    places = Places()
    found = [places.find([glance({"instanceId": "i1", "requestId": f"r{number}"})]) for number in range(20)]
    assert found == [[0]] * 20
    assert len(places.found) == 1
    assert max(len(places._named), len(places._telling)) <= 3


def test_many_places_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analyzer.skim.places._MOST", 3)
    places = Places()
    for _ in range(2):
        found = places.find([glance({"instanceId": f"i{number}"}) for number in range(20)])
        assert [places.found[index].instance for index in found] == [f"i{number}" for number in range(20)]
    assert max(len(places._named), len(places._telling)) <= 3


@pytest.mark.parametrize(
    ("kind", "labels"),
    [
        ("cloud_run_revision", {"instanceId": "i1"}),
        ("k8s_container", {"k8s-pod/app": "web", "k8s-pod/pod-template-hash": "h"}),
        ("k8s_container", {"k8s-pod/k8s-app": "web", "k8s-pod/controller-revision-hash": "h"}),
        ("k8s_container", {"k8s-pod/app_kubernetes_io/name": "web"}),
        ("k8s_container", {"k8s-pod/app.kubernetes.io/name": "web"}),
        ("cloud_run_job", {"run.googleapis.com/execution_name": "e", "run.googleapis.com/task_index": "3"}),
        ("gce_instance", {"compute.googleapis.com/resource_name": "vm"}),
        ("gae_app", {"appengine.googleapis.com/instance_name": "i"}),
        ("cloud_function", {"execution_id": "x"}),
        ("global", {"instance_id": 7}),
        ("global", {"instanceId": ["odd"]}),
        ("global", {}),
        ("global", None),
        ("global", "odd"),
    ],
)
def test_a_place_is_the_one_of_the_entry_decoded_wholly(kind: str, labels: Any) -> None:
    resource = {"type": kind, "labels": {"container_name": "c", "pod_name": "p", "job_name": "j"}}
    labels = {**labels, "requestId": "r"} if isinstance(labels, dict) else labels
    places = Places()
    (index,) = places.find([glance(labels, resource)])
    raw = {"timestamp": "2025-09-10T00:33:54Z", "logName": LOG, "resource": resource, "labels": labels}
    assert index == places.of(decode(raw)) != UNTOLD


def test_what_this_program_logged_itself_is_left_to_a_whole_decode() -> None:
    assert Places().find([glance({"loganalyze": "1", "instanceId": "i1"})]) == [UNTOLD]


def test_a_label_that_is_a_huge_number_is_read_as_anywhere_or_left() -> None:
    labels = msgspec.Raw(f'{{"instanceId":{10**30}}}'.encode())
    resource = msgspec.Raw(msgspec.json.encode(RESOURCE))
    places = Places()
    (index,) = places.find([Glance(logName=LOG, resource=resource, labels=labels)])
    raw = {"timestamp": "2025-09-10T00:33:54Z", "logName": LOG, "resource": RESOURCE, "labels": {"instanceId": 10**30}}
    assert index in {UNTOLD, places.of(decode(raw))}


@pytest.mark.parametrize("raw", [b'{"a":', b"[", b'{"a":"\\ud800"}'])
def test_labels_that_cannot_be_read_are_left_to_a_whole_decode(raw: bytes) -> None:
    one = Glance(logName=LOG, resource=msgspec.Raw(b"{}"), labels=msgspec.Raw(raw))
    assert Places().find([one]) == [UNTOLD]
