from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GithubAppRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GithubAppResponse(_message.Message):
    __slots__ = ("clientID", "callbackURL")
    CLIENTID_FIELD_NUMBER: _ClassVar[int]
    CALLBACKURL_FIELD_NUMBER: _ClassVar[int]
    clientID: str
    callbackURL: str
    def __init__(self, clientID: _Optional[str] = ..., callbackURL: _Optional[str] = ...) -> None: ...

class GithubLoginRequest(_message.Message):
    __slots__ = ("authorizationCode",)
    AUTHORIZATIONCODE_FIELD_NUMBER: _ClassVar[int]
    authorizationCode: str
    def __init__(self, authorizationCode: _Optional[str] = ...) -> None: ...

class GithubLoginResponse(_message.Message):
    __slots__ = ("cookie", "token", "token_expires_at", "refresh_token_expires_at")
    COOKIE_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    TOKEN_EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    REFRESH_TOKEN_EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    cookie: str
    token: str
    token_expires_at: int
    refresh_token_expires_at: int
    def __init__(self, cookie: _Optional[str] = ..., token: _Optional[str] = ..., token_expires_at: _Optional[int] = ..., refresh_token_expires_at: _Optional[int] = ...) -> None: ...

class GithubRefreshRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GithubRefreshResponse(_message.Message):
    __slots__ = ("cookie", "token", "token_expires_at", "refresh_token_expires_at")
    COOKIE_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    TOKEN_EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    REFRESH_TOKEN_EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    cookie: str
    token: str
    token_expires_at: int
    refresh_token_expires_at: int
    def __init__(self, cookie: _Optional[str] = ..., token: _Optional[str] = ..., token_expires_at: _Optional[int] = ..., refresh_token_expires_at: _Optional[int] = ...) -> None: ...

class GetFileRequest(_message.Message):
    __slots__ = ("repositoryURL", "ref", "localPath", "rootPath", "functionName")
    REPOSITORYURL_FIELD_NUMBER: _ClassVar[int]
    REF_FIELD_NUMBER: _ClassVar[int]
    LOCALPATH_FIELD_NUMBER: _ClassVar[int]
    ROOTPATH_FIELD_NUMBER: _ClassVar[int]
    FUNCTIONNAME_FIELD_NUMBER: _ClassVar[int]
    repositoryURL: str
    ref: str
    localPath: str
    rootPath: str
    functionName: str
    def __init__(self, repositoryURL: _Optional[str] = ..., ref: _Optional[str] = ..., localPath: _Optional[str] = ..., rootPath: _Optional[str] = ..., functionName: _Optional[str] = ...) -> None: ...

class GetFileResponse(_message.Message):
    __slots__ = ("content", "URL")
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    content: str
    URL: str
    def __init__(self, content: _Optional[str] = ..., URL: _Optional[str] = ...) -> None: ...

class GetCommitRequest(_message.Message):
    __slots__ = ("repositoryURL", "ref")
    REPOSITORYURL_FIELD_NUMBER: _ClassVar[int]
    REF_FIELD_NUMBER: _ClassVar[int]
    repositoryURL: str
    ref: str
    def __init__(self, repositoryURL: _Optional[str] = ..., ref: _Optional[str] = ...) -> None: ...

class GetCommitResponse(_message.Message):
    __slots__ = ("message", "author", "date", "sha", "URL")
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    SHA_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    message: str
    author: CommitAuthor
    date: str
    sha: str
    URL: str
    def __init__(self, message: _Optional[str] = ..., author: _Optional[_Union[CommitAuthor, _Mapping]] = ..., date: _Optional[str] = ..., sha: _Optional[str] = ..., URL: _Optional[str] = ...) -> None: ...

class GetCommitsRequest(_message.Message):
    __slots__ = ("repository_url", "refs")
    REPOSITORY_URL_FIELD_NUMBER: _ClassVar[int]
    REFS_FIELD_NUMBER: _ClassVar[int]
    repository_url: str
    refs: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, repository_url: _Optional[str] = ..., refs: _Optional[_Iterable[str]] = ...) -> None: ...

class GetCommitsResponse(_message.Message):
    __slots__ = ("commits",)
    COMMITS_FIELD_NUMBER: _ClassVar[int]
    commits: _containers.RepeatedCompositeFieldContainer[CommitInfo]
    def __init__(self, commits: _Optional[_Iterable[_Union[CommitInfo, _Mapping]]] = ...) -> None: ...

class CommitInfo(_message.Message):
    __slots__ = ("message", "author", "date", "sha", "URL")
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    SHA_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    message: str
    author: CommitAuthor
    date: str
    sha: str
    URL: str
    def __init__(self, message: _Optional[str] = ..., author: _Optional[_Union[CommitAuthor, _Mapping]] = ..., date: _Optional[str] = ..., sha: _Optional[str] = ..., URL: _Optional[str] = ...) -> None: ...

class CommitAuthor(_message.Message):
    __slots__ = ("login", "avatarURL")
    LOGIN_FIELD_NUMBER: _ClassVar[int]
    AVATARURL_FIELD_NUMBER: _ClassVar[int]
    login: str
    avatarURL: str
    def __init__(self, login: _Optional[str] = ..., avatarURL: _Optional[str] = ...) -> None: ...
