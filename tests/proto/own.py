"""The numbers and names of our own service, written down apart from its .proto file."""

from __future__ import annotations

OWN = {
    "source.v1.ExplainFileRequest": (
        "repositoryURL=1 ref=2 localPath=3 rootPath=4 functionName=5 startLine=6:int64"
    ),
    "source.v1.ExplainFileResponse": (
        "found=1:bool language=2 rule=3 file=4:source.v1.SourceFile mismatch=5 reason=6 "
        "error=7:source.v1.Failure steps=8:source.v1.Step* notes=9* githubCalls=10:int32 "
        "milliseconds=11:double"
    ),
    "source.v1.SourceFile": "repository=1 ref=2 commit=3 path=4 URL=5 size=6:int64",
    "source.v1.Failure": "code=1 message=2",
    "source.v1.Step": (
        "rule=1 question=2 answer=3 outcome=4:source.v1.Outcome milliseconds=5:double githubCalls=6:int32"
    ),
    "source.v1.GetFunctionDetailsRequest": (
        "profileTypeID=1 labelSelector=2 start=3:int64 end=4:int64 functionName=5 callPath=6* "
        "file=7 ref=8 overrideRepositoryURL=9 overrideRef=10 overrideRootPath=11 "
        "contextLines=12:int32 wholeFile=13:bool"
    ),
    "source.v1.GetFunctionDetailsResponse": (
        "versions=1:source.v1.FunctionVersion* missing=2:source.v1.Missing*"
    ),
    "source.v1.FunctionVersion": (
        "functionName=1 file=2 startLine=3:int64 repositoryURL=4 ref=5 rootPath=6 "
        "commit=7:source.v1.Commit unit=8 self=9:int64 total=10:int64 lines=11:source.v1.LineValue* "
        "source=12:source.v1.SourceFile rule=13 mismatch=14 firstLine=15:int64 text=16* "
        "missing=17:source.v1.Missing* truncated=18:bool labels=19:source.v1.Labels "
        "lastLine=20:int64 stale=21:bool"
    ),
    "source.v1.Labels": "repositoryURL=1 ref=2 rootPath=3 buildID=4",
    "source.v1.Missing": "what=1 code=2 message=3",
    "source.v1.LineValue": "line=1:int64 self=2:int64 total=3:int64",
    "source.v1.Commit": "sha=1 message=2 authorLogin=3 authorAvatarURL=4 date=5 URL=6",
}
OWN_ENUMS = {
    "source.v1.Outcome": {
        "OUTCOME_UNSPECIFIED": 0,
        "OUTCOME_FOUND": 1,
        "OUTCOME_ABSENT": 2,
        "OUTCOME_UNKNOWN": 3,
        "OUTCOME_NOTE": 4,
        "OUTCOME_FAILED": 5,
    }
}
OWN_SERVICES = {"source.v1.SourceService": "ExplainFile GetFunctionDetails"}
