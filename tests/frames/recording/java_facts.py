"""Where classes of the JDK and of mapped libraries come from, written down by hand.

https://openjdk.org/jeps/201: ``src/MODULE/share/classes``, and ``unix`` or ``linux`` beside ``share``.
None of this is asked of the code that is tested.
"""

from __future__ import annotations

import re

JDK = "openjdk/jdk17u"
_UNIX = re.compile(
    r"java/io/(?:UnixFileSystem|DefaultFileSystem)|"
    r"java/lang/(?:ProcessImpl|ProcessEnvironment|Terminator|ClassLoaderHelper)|"
    r"jdk/internal/(?:loader/(?:ClassLoaderHelper|FileURLMapper)|misc/OSEnvironment|platform/SystemMetrics)|"
    r"sun/net/(?:NetHooks|PortConfig|dns/ResolverConfigurationImpl|www/content-types|sdp/.*)|"
    r"sun/net/www/protocol/(?:file/Handler|jar/JarFileFactory)|"
    r"sun/nio/ch/(?:DatagramDispatcher|DefaultPollingWatch|FileDispatcherImpl|FileKey|InheritedChannel|"
    r"NativeThread|PipeImpl|PollSelector(?:Impl|Provider)|SinkChannelImpl|SocketDispatcher|SourceChannelImpl|"
    r"Unix\w+)|sun/nio/fs/(?:DefaultFileSystemProvider_|MimeTypesFileTypeDetector|Unix\w+)|"
    r"sun/security/provider/NativePRNG"
)
_LINUX = re.compile(
    r"sun/nio/ch/(?:DefaultSelectorProvider|EPoll\w*|EventFD)|"
    r"sun/nio/fs/(?:DefaultFileSystemProvider|Linux\w+|Inotify\w*)|"
    r"jdk/internal/platform/(?:Cgroup\w*|SystemMetrics)|jdk/internal/platform/cgroupv[12]/\w+|"
    r"sun/net/dns/ResolverConfigurationImpl_"
)
# Made by the JDK's build from templates: https://github.com/openjdk/jdk17u/tree/master/make/modules/java.base/gensrc
_BUFFER = "Byte|Char|Double|Float|Int|Long|Short"
_GENERATED = re.compile(
    rf"java/nio/(?:(?:Heap|Direct|)(?:{_BUFFER})Buffer(?:R|S|U|RS|RU)?|ByteBufferAs\w+|\w+Exception)|"
    r"java/nio/(?:channels/\w+Exception|charset/(?:Charset(?:De|En)coder|\w+Exception))|"
    r"java/lang/(?:CharacterData(?:Latin1|0\w|PrivateUse|Undefined)|invoke/VarHandle(?:Byte|Char|Int|Long|Ref|Short|"
    r"Float|Double|Boolean)\w+)|jdk/internal/misc/VM_|sun/nio/cs/(?:StandardCharsets|ISO_8859_\d+|IBM\w+|MS125\d)|"
    r"sun/util/(?:resources|cldr)/\w*(?:LocaleDataMap|BaseLocaleDataMetaInfo|CLDRBaseLocaleDataMetaInfo)\w*|"
    r"sun/(?:util/resources|text/resources)/.+|jdk/internal/icu/impl/data/.+|java/util/UUID_"
)


def jdk_path(module: str, class_path: str) -> str:
    """The file of a top-level class (``java/util/HashMap``); empty when a build makes it."""
    if _GENERATED.fullmatch(class_path):
        return ""
    platform = "unix" if _UNIX.fullmatch(class_path) else "linux" if _LINUX.fullmatch(class_path) else "share"
    return f"src/{module}/{platform}/classes/{class_path}.java"
