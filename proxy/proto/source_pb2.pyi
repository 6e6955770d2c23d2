from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Outcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OUTCOME_UNSPECIFIED: _ClassVar[Outcome]
    OUTCOME_FOUND: _ClassVar[Outcome]
    OUTCOME_ABSENT: _ClassVar[Outcome]
    OUTCOME_UNKNOWN: _ClassVar[Outcome]
    OUTCOME_NOTE: _ClassVar[Outcome]
    OUTCOME_FAILED: _ClassVar[Outcome]
OUTCOME_UNSPECIFIED: Outcome
OUTCOME_FOUND: Outcome
OUTCOME_ABSENT: Outcome
OUTCOME_UNKNOWN: Outcome
OUTCOME_NOTE: Outcome
OUTCOME_FAILED: Outcome

class ExplainFileRequest(_message.Message):
    __slots__ = ("repositoryURL", "ref", "localPath", "rootPath", "functionName", "startLine")
    REPOSITORYURL_FIELD_NUMBER: _ClassVar[int]
    REF_FIELD_NUMBER: _ClassVar[int]
    LOCALPATH_FIELD_NUMBER: _ClassVar[int]
    ROOTPATH_FIELD_NUMBER: _ClassVar[int]
    FUNCTIONNAME_FIELD_NUMBER: _ClassVar[int]
    STARTLINE_FIELD_NUMBER: _ClassVar[int]
    repositoryURL: str
    ref: str
    localPath: str
    rootPath: str
    functionName: str
    startLine: int
    def __init__(self, repositoryURL: _Optional[str] = ..., ref: _Optional[str] = ..., localPath: _Optional[str] = ..., rootPath: _Optional[str] = ..., functionName: _Optional[str] = ..., startLine: _Optional[int] = ...) -> None: ...

class ExplainFileResponse(_message.Message):
    __slots__ = ("found", "language", "rule", "file", "mismatch", "reason", "error", "steps", "notes", "githubCalls", "milliseconds")
    FOUND_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    FILE_FIELD_NUMBER: _ClassVar[int]
    MISMATCH_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    GITHUBCALLS_FIELD_NUMBER: _ClassVar[int]
    MILLISECONDS_FIELD_NUMBER: _ClassVar[int]
    found: bool
    language: str
    rule: str
    file: SourceFile
    mismatch: str
    reason: str
    error: Failure
    steps: _containers.RepeatedCompositeFieldContainer[Step]
    notes: _containers.RepeatedScalarFieldContainer[str]
    githubCalls: int
    milliseconds: float
    def __init__(self, found: bool = ..., language: _Optional[str] = ..., rule: _Optional[str] = ..., file: _Optional[_Union[SourceFile, _Mapping]] = ..., mismatch: _Optional[str] = ..., reason: _Optional[str] = ..., error: _Optional[_Union[Failure, _Mapping]] = ..., steps: _Optional[_Iterable[_Union[Step, _Mapping]]] = ..., notes: _Optional[_Iterable[str]] = ..., githubCalls: _Optional[int] = ..., milliseconds: _Optional[float] = ...) -> None: ...

class SourceFile(_message.Message):
    __slots__ = ("repository", "ref", "commit", "path", "URL", "size")
    REPOSITORY_FIELD_NUMBER: _ClassVar[int]
    REF_FIELD_NUMBER: _ClassVar[int]
    COMMIT_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    repository: str
    ref: str
    commit: str
    path: str
    URL: str
    size: int
    def __init__(self, repository: _Optional[str] = ..., ref: _Optional[str] = ..., commit: _Optional[str] = ..., path: _Optional[str] = ..., URL: _Optional[str] = ..., size: _Optional[int] = ...) -> None: ...

class Failure(_message.Message):
    __slots__ = ("code", "message")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    code: str
    message: str
    def __init__(self, code: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class Step(_message.Message):
    __slots__ = ("rule", "question", "answer", "outcome", "milliseconds", "githubCalls")
    RULE_FIELD_NUMBER: _ClassVar[int]
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    MILLISECONDS_FIELD_NUMBER: _ClassVar[int]
    GITHUBCALLS_FIELD_NUMBER: _ClassVar[int]
    rule: str
    question: str
    answer: str
    outcome: Outcome
    milliseconds: float
    githubCalls: int
    def __init__(self, rule: _Optional[str] = ..., question: _Optional[str] = ..., answer: _Optional[str] = ..., outcome: _Optional[_Union[Outcome, str]] = ..., milliseconds: _Optional[float] = ..., githubCalls: _Optional[int] = ...) -> None: ...

class GetFunctionDetailsRequest(_message.Message):
    __slots__ = ("profileTypeID", "labelSelector", "start", "end", "functionName", "callPath", "file", "ref", "overrideRepositoryURL", "overrideRef", "overrideRootPath", "contextLines", "wholeFile")
    PROFILETYPEID_FIELD_NUMBER: _ClassVar[int]
    LABELSELECTOR_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    FUNCTIONNAME_FIELD_NUMBER: _ClassVar[int]
    CALLPATH_FIELD_NUMBER: _ClassVar[int]
    FILE_FIELD_NUMBER: _ClassVar[int]
    REF_FIELD_NUMBER: _ClassVar[int]
    OVERRIDEREPOSITORYURL_FIELD_NUMBER: _ClassVar[int]
    OVERRIDEREF_FIELD_NUMBER: _ClassVar[int]
    OVERRIDEROOTPATH_FIELD_NUMBER: _ClassVar[int]
    CONTEXTLINES_FIELD_NUMBER: _ClassVar[int]
    WHOLEFILE_FIELD_NUMBER: _ClassVar[int]
    profileTypeID: str
    labelSelector: str
    start: int
    end: int
    functionName: str
    callPath: _containers.RepeatedScalarFieldContainer[str]
    file: str
    ref: str
    overrideRepositoryURL: str
    overrideRef: str
    overrideRootPath: str
    contextLines: int
    wholeFile: bool
    def __init__(self, profileTypeID: _Optional[str] = ..., labelSelector: _Optional[str] = ..., start: _Optional[int] = ..., end: _Optional[int] = ..., functionName: _Optional[str] = ..., callPath: _Optional[_Iterable[str]] = ..., file: _Optional[str] = ..., ref: _Optional[str] = ..., overrideRepositoryURL: _Optional[str] = ..., overrideRef: _Optional[str] = ..., overrideRootPath: _Optional[str] = ..., contextLines: _Optional[int] = ..., wholeFile: bool = ...) -> None: ...

class GetFunctionDetailsResponse(_message.Message):
    __slots__ = ("versions", "missing")
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    MISSING_FIELD_NUMBER: _ClassVar[int]
    versions: _containers.RepeatedCompositeFieldContainer[FunctionVersion]
    missing: _containers.RepeatedCompositeFieldContainer[Missing]
    def __init__(self, versions: _Optional[_Iterable[_Union[FunctionVersion, _Mapping]]] = ..., missing: _Optional[_Iterable[_Union[Missing, _Mapping]]] = ...) -> None: ...

class FunctionVersion(_message.Message):
    __slots__ = ("functionName", "file", "startLine", "repositoryURL", "ref", "rootPath", "commit", "unit", "self", "total", "lines", "source", "rule", "mismatch", "firstLine", "text", "missing", "truncated", "labels", "lastLine", "stale")
    FUNCTIONNAME_FIELD_NUMBER: _ClassVar[int]
    FILE_FIELD_NUMBER: _ClassVar[int]
    STARTLINE_FIELD_NUMBER: _ClassVar[int]
    REPOSITORYURL_FIELD_NUMBER: _ClassVar[int]
    REF_FIELD_NUMBER: _ClassVar[int]
    ROOTPATH_FIELD_NUMBER: _ClassVar[int]
    COMMIT_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    SELF_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    MISMATCH_FIELD_NUMBER: _ClassVar[int]
    FIRSTLINE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    MISSING_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    LASTLINE_FIELD_NUMBER: _ClassVar[int]
    STALE_FIELD_NUMBER: _ClassVar[int]
    functionName: str
    file: str
    startLine: int
    repositoryURL: str
    ref: str
    rootPath: str
    commit: Commit
    unit: str
    self: int
    total: int
    lines: _containers.RepeatedCompositeFieldContainer[LineValue]
    source: SourceFile
    rule: str
    mismatch: str
    firstLine: int
    text: _containers.RepeatedScalarFieldContainer[str]
    missing: _containers.RepeatedCompositeFieldContainer[Missing]
    truncated: bool
    labels: Labels
    lastLine: int
    stale: bool
    def __init__(self_, functionName: _Optional[str] = ..., file: _Optional[str] = ..., startLine: _Optional[int] = ..., repositoryURL: _Optional[str] = ..., ref: _Optional[str] = ..., rootPath: _Optional[str] = ..., commit: _Optional[_Union[Commit, _Mapping]] = ..., unit: _Optional[str] = ..., self: _Optional[int] = ..., total: _Optional[int] = ..., lines: _Optional[_Iterable[_Union[LineValue, _Mapping]]] = ..., source: _Optional[_Union[SourceFile, _Mapping]] = ..., rule: _Optional[str] = ..., mismatch: _Optional[str] = ..., firstLine: _Optional[int] = ..., text: _Optional[_Iterable[str]] = ..., missing: _Optional[_Iterable[_Union[Missing, _Mapping]]] = ..., truncated: bool = ..., labels: _Optional[_Union[Labels, _Mapping]] = ..., lastLine: _Optional[int] = ..., stale: bool = ...) -> None: ...

class Labels(_message.Message):
    __slots__ = ("repositoryURL", "ref", "rootPath", "buildID")
    REPOSITORYURL_FIELD_NUMBER: _ClassVar[int]
    REF_FIELD_NUMBER: _ClassVar[int]
    ROOTPATH_FIELD_NUMBER: _ClassVar[int]
    BUILDID_FIELD_NUMBER: _ClassVar[int]
    repositoryURL: str
    ref: str
    rootPath: str
    buildID: str
    def __init__(self, repositoryURL: _Optional[str] = ..., ref: _Optional[str] = ..., rootPath: _Optional[str] = ..., buildID: _Optional[str] = ...) -> None: ...

class Missing(_message.Message):
    __slots__ = ("what", "code", "message")
    WHAT_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    what: str
    code: str
    message: str
    def __init__(self, what: _Optional[str] = ..., code: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class LineValue(_message.Message):
    __slots__ = ("line", "self", "total")
    LINE_FIELD_NUMBER: _ClassVar[int]
    SELF_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    line: int
    self: int
    total: int
    def __init__(self_, line: _Optional[int] = ..., self: _Optional[int] = ..., total: _Optional[int] = ...) -> None: ...

class Commit(_message.Message):
    __slots__ = ("sha", "message", "authorLogin", "authorAvatarURL", "date", "URL")
    SHA_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    AUTHORLOGIN_FIELD_NUMBER: _ClassVar[int]
    AUTHORAVATARURL_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    sha: str
    message: str
    authorLogin: str
    authorAvatarURL: str
    date: str
    URL: str
    def __init__(self, sha: _Optional[str] = ..., message: _Optional[str] = ..., authorLogin: _Optional[str] = ..., authorAvatarURL: _Optional[str] = ..., date: _Optional[str] = ..., URL: _Optional[str] = ...) -> None: ...
