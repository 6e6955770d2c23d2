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
