"""Who logged it: project and log out of the log's name; service, revision and instance out of resource and labels.

Monitored resources: https://cloud.google.com/logging/docs/api/v2/resource-list.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from analyzer.entries.values import mapping_of, path, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analyzer.model import LogEntry

__all__ = ["ORIGIN_LABELS", "read_log", "read_origin", "service_in"]

_SERVICE = (
    "service_name",
    "job_name",
    "container_name",
    "module_id",
    "function_name",
    "worker_pool_name",
    "database_id",
    "cluster_name",
    "topic_id",
    "queue_id",
    "job_id",
    "build_trigger_id",
    "instance_id",
)
"""Resource labels that name the service, the most telling first (``job_id`` is Cloud Scheduler's)."""

_REVISION = ("revision_name", "version_id")
_APP_LABELS = ("k8s-pod/app", "k8s-pod/app_kubernetes_io/name", "k8s-pod/app.kubernetes.io/name", "k8s-pod/k8s-app")
_INSTANCE_LABELS = ("instanceId", "instance_id", "appengine.googleapis.com/instance_name", "execution_id")
_EXECUTION = "run.googleapis.com/execution_name"
_TASK = "run.googleapis.com/task_index"
_AUDITED = ("services", "jobs", "workerpools", "functions")
_DEPLOYED = (
    ("request", "service", "spec", "template", "metadata", "name"),
    ("request", "spec", "template", "metadata", "name"),
    ("response", "spec", "template", "metadata", "name"),
    ("response", "status", "latestCreatedRevisionName"),
)
"""Where a deploy's call names the new revision; the reply's status comes last, as it may still name the one before."""

_HASHES = ("k8s-pod/pod-template-hash", "k8s-pod/controller-revision-hash")
_MACHINE = "compute.googleapis.com/resource_name"

ORIGIN_LABELS = frozenset((*_APP_LABELS, *_INSTANCE_LABELS, *_HASHES, _EXECUTION, _TASK, _MACHINE))
"""The labels of an entry that tell who logged it, beside those of its resource."""


@functools.lru_cache(maxsize=1024)
def _split_log(name: str) -> tuple[str, str]:
    scope, found, log = name.partition("/logs/")
    if not found:
        return "", unquote(name)
    return scope.partition("/")[2], unquote(log)


def read_log(raw: LogEntry) -> tuple[str, str]:
    """The project and the log's short, decoded name; empty where the entry does not say."""
    name = raw.get("logName")
    project, log = _split_log(text_of(name)) if isinstance(name, str) else ("", "")
    return project or text_of(path(raw, "resource", "labels", "project_id")), log


def read_origin(raw: LogEntry) -> tuple[str, str, str]:
    """Service, revision and instance; each empty where the entry does not say."""
    resource = mapping_of(raw.get("resource"))
    kind = resource.get("type")
    named = mapping_of(resource.get("labels"))
    labels = mapping_of(raw.get("labels"))
    if kind == "cloud_run_revision":
        service, revision = text_of(named.get("service_name")), text_of(named.get("revision_name"))
        instance = text_of(labels.get("instanceId"))
    elif kind == "k8s_container":
        service, revision, instance = _kubernetes(named, labels)
    else:
        service, revision = _first(named, _SERVICE), _first(named, _REVISION)
        instance = _first(labels, _INSTANCE_LABELS)
    if kind == "cloud_run_job":
        revision, instance = _job(labels, instance)
    elif kind == "gce_instance":
        instance = instance or text_of(named.get("instance_id"))
        service = _first(labels, (_MACHINE,)) or service
    elif kind in ("gae_app", "cloudsql_database"):
        instance = instance or text_of(named.get("database_id"))
    if "protoPayload" in raw:
        service, revision = _audited(mapping_of(raw.get("protoPayload")), service, revision)
    if not service or not revision:
        context = path(raw, "jsonPayload", "serviceContext")
        service = service or text_of(path(context, "service"))
        revision = revision or (text_of(path(context, "version")) if not resource else "")
    return service, revision, instance


def service_in(resource_name: str) -> str:
    """The service, job or pool that an audited call's resource is; empty where it is none of them."""
    parts = resource_name.split("/")
    return next((parts[at + 1] for at, part in enumerate(parts[:-1]) if part.lower() in _AUDITED), "")


def _first(labels: Mapping[str, Any], names: tuple[str, ...]) -> str:
    for name in names:
        if text := text_of(labels.get(name)):
            return text
    return ""


def _kubernetes(named: Mapping[str, Any], labels: Mapping[str, Any]) -> tuple[str, str, str]:
    container, pod = text_of(named.get("container_name")), text_of(named.get("pod_name"))
    service = _first(labels, _APP_LABELS) or container
    return service, _first(labels, _HASHES), f"{pod}/{container}" if pod else ""


def _job(labels: Mapping[str, Any], instance: str) -> tuple[str, str]:
    """A job's execution stands for its revision; its tasks are its instances."""
    execution, task = text_of(labels.get(_EXECUTION)), text_of(labels.get(_TASK))
    return execution, instance or (f"{execution}/{task}" if execution else "")


def _audited(proto: Mapping[str, Any], service: str, revision: str) -> tuple[str, str]:
    """Service and revision of an audit entry about a deploy, such as ReplaceService.

    The resource's labels name them for system events; for administrator's calls the revision stands in the reply.
    """
    name = text_of(proto.get("resourceName"))
    parts = name.split("/")
    service = service or service_in(name)
    if not revision and "revisions" in parts[:-1]:
        revision = parts[parts.index("revisions") + 1]
    for place in _DEPLOYED:
        revision = revision or text_of(path(proto, *place))
    return service, revision
