"""The series of the recordings: one for each recording and profile type, with Pyroscope's labels. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from proxy.errors import Code, RpcError
from proxy.proto import types_pb2

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from proxy.demo.upstream.recordings import Recording
    from proxy.demo.upstream.selector import Selector

_PARTS = 5


@dataclass(frozen=True, slots=True)
class Series:
    """One profile type of one recording.

    Attributes:
        recording: which.
        index: of the profile type, in ``recording.profile_types`` and in each stack's values.
        labels: the service's own and Pyroscope's (``__profile_type__`` and its parts).
    """

    recording: Recording
    index: int
    labels: Mapping[str, str]

    @property
    def profile_type(self) -> str:
        """The id of the profile type."""
        return self.recording.profile_types[self.index]


def all_series(recordings: Sequence[Recording]) -> Iterator[Series]:
    """Every series there is."""
    for recording in recordings:
        for index, profile_type in enumerate(recording.profile_types):
            yield Series(recording, index, {**recording.labels, **_labels_of(profile_type)})


def _labels_of(profile_type: str) -> dict[str, str]:
    name, sample_type, sample_unit, period_type, period_unit = profile_type.split(":")
    return {
        "__name__": name,
        "__type__": sample_type,
        "__unit__": sample_unit,
        "__period_type__": period_type,
        "__period_unit__": period_unit,
        "__profile_type__": profile_type,
    }


def described(profile_type: str) -> types_pb2.ProfileType:
    """A profile type as Pyroscope lists it."""
    name, sample_type, sample_unit, period_type, period_unit = profile_type.split(":")
    return types_pb2.ProfileType(
        ID=profile_type,
        name=name,
        sample_type=sample_type,
        sample_unit=sample_unit,
        period_type=period_type,
        period_unit=period_unit,
    )


def check_profile_type(profile_type: str) -> None:
    """Refuse what is no profile type.

    Raises:
        RpcError: ``invalid_argument``.
    """
    parts = profile_type.split(":")
    if len(parts) != _PARTS or not all(parts):
        raise RpcError(
            Code.INVALID_ARGUMENT,
            "profile_typeID is not of the form NAME:SAMPLE_TYPE:SAMPLE_UNIT:PERIOD_TYPE:PERIOD_UNIT.",
        )


def chosen(series: Sequence[Series], selectors: Sequence[Selector]) -> list[Series]:
    """The series that one of the selectors selects; no selector selects all."""
    return [
        each
        for each in series
        if not selectors or any(selector.matches(each.labels) for selector in selectors)
    ]


def label_pairs(labels: Mapping[str, str]) -> list[types_pb2.LabelPair]:
    """Labels as Pyroscope sends them: ordered by name."""
    return [types_pb2.LabelPair(name=name, value=value) for name, value in sorted(labels.items())]
