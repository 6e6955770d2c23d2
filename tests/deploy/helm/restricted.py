"""The restricted Pod Security profile: https://kubernetes.io/docs/concepts/security/pod-security-standards/."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Spec = Mapping[str, Any]

VOLUMES: Final = {
    "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected",
    "secret",
}  # fmt: skip
SECCOMP: Final = {"RuntimeDefault", "Localhost"}


def violations(pod: Spec) -> list[str]:
    """What the profile forbids in the ``spec`` of a pod."""
    containers = [*pod.get("initContainers", []), *pod["containers"]]
    return [*_of_pod(pod), *(found for each in containers for found in _of_container(each, pod))]


def _of_pod(pod: Spec) -> Iterator[str]:
    yield from (key for key in ("hostNetwork", "hostPID", "hostIPC") if pod.get(key))
    for volume in pod.get("volumes", []):
        kinds = set(volume) - {"name"}
        if not kinds <= VOLUMES:
            yield f"volume {volume['name']}: {kinds}"
    context = pod.get("securityContext", {})
    yield from (key for key in ("sysctls", "seLinuxOptions", "windowsOptions") if context.get(key))


def _of_container(container: Spec, pod: Spec) -> Iterator[str]:
    own, of_pod = container.get("securityContext", {}), pod.get("securityContext", {})
    both = {**of_pod, **own}
    capabilities = own.get("capabilities", {})
    faults = {
        "privileged": own.get("privileged", False),
        "allowPrivilegeEscalation": own.get("allowPrivilegeEscalation") is not False,
        "capabilities.drop": "ALL" not in capabilities.get("drop", []),
        "capabilities.add": not set(capabilities.get("add", [])) <= {"NET_BIND_SERVICE"},
        "runAsNonRoot": both.get("runAsNonRoot") is not True,
        "runAsUser": both.get("runAsUser") == 0,
        "seccompProfile": both.get("seccompProfile", {}).get("type") not in SECCOMP,
        "procMount": own.get("procMount", "Default") != "Default",
        "hostPort": any(port.get("hostPort") for port in container.get("ports", [])),
    }
    yield from (f"{container['name']}: {key}" for key, fault in faults.items() if fault)
