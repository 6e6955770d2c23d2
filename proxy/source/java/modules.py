"""In which module of the JDK a package is: its sources lie in ``src/MODULE/share/classes``.

The table has the shortest prefixes that tell the packages of a JDK 17 apart; the longest one that a
package starts with names its module. It is made of what this command lists, module by module::

    jimage list "$JAVA_HOME/lib/modules"

https://openjdk.org/jeps/201 says where a module's sources are.
"""

from __future__ import annotations

from types import MappingProxyType

_PACKAGES = {
    "java.base": (
        "com/sun/crypto com/sun/security/ntlm java javax/crypto javax/net javax/security jdk "
        "jdk/internal/org/objectweb jdk/internal/org/xml sun/invoke sun/launcher sun/net sun/nio "
        "sun/reflect/annotation sun/reflect/generics sun/reflect/misc sun/security sun/text sun/util"
    ),
    "java.compiler": "javax/annotation/processing javax/lang/model javax/tools",
    "java.datatransfer": "java/awt/datatransfer sun/datatransfer",
    "java.desktop": (
        "com/sun/accessibility com/sun/beans com/sun/imageio com/sun/java com/sun/media com/sun/swing "
        "java/applet java/awt java/beans javax/accessibility javax/imageio javax/print javax/sound "
        "javax/swing sun/awt sun/font sun/java2d sun/print sun/swing"
    ),
    "java.instrument": "java/lang/instrument sun/instrument",
    "java.logging": (
        "java/util/logging sun/net/www/protocol/http/logging sun/util/logging/internal "
        "sun/util/logging/resources"
    ),
    "java.management": "com/sun/jmx java/lang/management javax/management sun/management",
    "java.management.rmi": (
        "com/sun/jmx/remote/internal/rmi com/sun/jmx/remote/protocol javax/management/remote/rmi"
    ),
    "java.naming": "com/sun/jndi com/sun/naming javax/naming sun/security/provider/certpath/ldap",
    "java.net.http": "java/net/http jdk/internal/net",
    "java.prefs": "java/util/prefs",
    "java.rmi": "java/rmi javax/rmi sun/rmi",
    "java.scripting": "com/sun/tools/script javax/script",
    "java.security.jgss": (
        "javax/security/auth/kerberos org/ietf/jgss sun/net/www/protocol/http/spnego "
        "sun/security/jgss sun/security/krb5"
    ),
    "java.security.sasl": "com/sun/security javax/security/sasl",
    "java.smartcardio": "javax/smartcardio sun/security/smartcardio",
    "java.sql": "java/sql javax/sql",
    "java.sql.rowset": "com/sun/rowset javax/sql/rowset",
    "java.transaction.xa": "javax/transaction/xa",
    "java.xml": (
        "com/sun/java_cup com/sun/org com/sun/org/apache/xml/internal/dtm "
        "com/sun/org/apache/xml/internal/res com/sun/org/apache/xml/internal/serialize "
        "com/sun/org/apache/xml/internal/serializer com/sun/org/apache/xml/internal/utils com/sun/xml "
        "javax/xml jdk/xml org/w3c/dom org/xml/sax"
    ),
    "java.xml.crypto": "com/sun/org/apache/xml com/sun/org/slf4j javax/xml/crypto org/jcp/xml",
    "jdk.accessibility": "com/sun/java/accessibility",
    "jdk.attach": "com/sun/tools/attach sun/tools/attach",
    "jdk.charsets": "sun/nio/cs/ext",
    "jdk.compiler": "com/sun/source com/sun/tools jdk/internal/shellsupport sun/tools/serialver",
    "jdk.crypto.cryptoki": "sun/security/pkcs11",
    "jdk.crypto.ec": "sun/security/ec",
    "jdk.dynalink": "jdk/dynalink",
    "jdk.editpad": "jdk/editpad",
    "jdk.hotspot.agent": "com/sun/java/swing/action com/sun/java/swing/ui sun",
    "jdk.httpserver": "com/sun/net sun/net/httpserver",
    "jdk.incubator.foreign": "jdk/incubator jdk/internal/foreign",
    "jdk.incubator.vector": "jdk/incubator/vector",
    "jdk.internal.ed": "jdk/internal/editor",
    "jdk.internal.jvmstat": "sun/jvmstat",
    "jdk.internal.le": "jdk/internal/org",
    "jdk.internal.opt": "jdk/internal/joptsimple",
    "jdk.internal.vm.ci": "jdk/vm",
    "jdk.jartool": "com/sun/jarsigner jdk/security sun/security/tools/jarsigner sun/tools/jar",
    "jdk.javadoc": "jdk/javadoc",
    "jdk.jcmd": "sun/tools",
    "jdk.jconsole": "com/sun/tools/jconsole sun/tools/jconsole",
    "jdk.jdeps": "com/sun/tools/classfile com/sun/tools/javap com/sun/tools/jdeprscan com/sun/tools/jdeps",
    "jdk.jdi": "com/sun/jdi com/sun/tools/example com/sun/tools/jdi",
    "jdk.jfr": "jdk/jfr",
    "jdk.jlink": "jdk/tools",
    "jdk.jpackage": "jdk/jpackage",
    "jdk.jshell": "jdk/internal/jshell jdk/jshell",
    "jdk.jsobject": "netscape/javascript",
    "jdk.jstatd": "sun/jvmstat/monitor/remote sun/jvmstat/perfdata/monitor/protocol/rmi sun/tools/jstatd",
    "jdk.localedata": (
        "sun/text/resources/cldr/ext sun/text/resources/ext sun/util/resources/cldr/ext "
        "sun/util/resources/cldr/provider sun/util/resources/ext sun/util/resources/provider"
    ),
    "jdk.management": "com/sun/management",
    "jdk.management.agent": "jdk/internal/agent sun/management/jdp sun/management/jmxremote",
    "jdk.management.jfr": "jdk/management",
    "jdk.naming.dns": "com/sun/jndi/dns com/sun/jndi/url/dns",
    "jdk.naming.rmi": "com/sun/jndi/rmi com/sun/jndi/url/rmi",
    "jdk.net": "jdk/net jdk/nio",
    "jdk.nio.mapmode": "jdk/nio/mapmode",
    "jdk.random": "jdk/random",
    "jdk.sctp": "com/sun/nio sun/nio/ch/sctp",
    "jdk.security.auth": "com/sun/security/auth",
    "jdk.security.jgss": "com/sun/security/jgss com/sun/security/sasl/gsskerb",
    "jdk.unsupported": "com/sun/nio/file sun/misc sun/reflect",
    "jdk.unsupported.desktop": "jdk/swing",
    "jdk.xml.dom": "org/w3c/dom/css org/w3c/dom/html org/w3c/dom/stylesheets org/w3c/dom/xpath",
    "jdk.zipfs": "jdk/nio/zipfs",
}

MODULES = MappingProxyType(
    {prefix: module for module, prefixes in _PACKAGES.items() for prefix in prefixes.split()}
)
"""The prefix of a package, with slashes, and its module."""


def module_of(class_name: str) -> str | None:
    """The module of a class such as ``java/util/logging/Logger``; ``None`` when it is no class of the JDK."""
    package = class_name.rpartition("/")[0]
    while package:
        if package in MODULES:
            return MODULES[package]
        package = package.rpartition("/")[0]
    return None
