"""What each alert is to see, and whether it is to fire: tried with ``promtool test rules``."""

from __future__ import annotations

from tests.deploy.monitoring.course import GITHUB, Case, both, count, took

GET_FILE = 'route="vcs.v1.VCSService/GetFile",status_code='
SERIES = 'route="querier.v1.QuerierService/Series",status_code='
GRAPHQL = 'method="POST",route="graphql",status_code='
EVERY = {"sourceproxy_build_info{version='1',revision='r',python_version='3'}": "1x240"}

CASES = (
    Case("SourceProxyDown", "it runs", EVERY),
    Case(
        "SourceProxyDown",
        "its targets fail or are gone",
        {"sourceproxy_build_info{version='1',revision='r',python_version='3'}": "1x40 stale"},
        firing=(({}, "No replica of proxy can be scraped."),),
    ),
    Case(
        "SourceProxyDown",
        "another version takes over within a few minutes",
        {
            "sourceproxy_build_info{version='1',revision='r',python_version='3'}": "1x70 stale",
            "sourceproxy_build_info{version='2',revision='r',python_version='3'}": "_x73 1x60",
        },
    ),
    Case(
        "SourceProxyDown",
        "one of two replicas is gone",
        {
            "sourceproxy_build_info{version='1',instance='a'}": "1x40 stale",
            "sourceproxy_build_info{version='1',instance='b'}": "1x240",
        },
    ),
    Case(
        "SourceProxyDown",
        "one of two installations is gone",
        {
            "sourceproxy_build_info{version='1'}": "1x40 stale",
            "sourceproxy_build_info{version='1',namespace='other'}": "1x240",
        },
        firing=(({}, "No replica of proxy can be scraped."),),
    ),
    Case(
        "SourceProxyUpstreamFailing",
        "one request in ten fails",
        count(f'{SERIES}"200"', 90)
        | count(f'{SERIES}"502"', 10)
        | {"sourceproxy_upstream_errors_total{reason='connect'}": "0+10x240"},
        firing=(({}, "Pyroscope does not answer 10% of what proxy asks it."),),
    ),
    Case(
        "SourceProxyUpstreamFailing",
        "one request in a hundred fails",
        count(f'{SERIES}"200"', 99)
        | count(f'{SERIES}"502"', 1)
        | {"sourceproxy_upstream_errors_total{reason='connect'}": "0+1x240"},
    ),
    Case(
        "SourceProxyUpstreamFailing",
        "source is asked for a lot, so that few of all requests need Pyroscope, and these fail",
        count(f'{GET_FILE}"200"', 10_000)
        | count(f'{SERIES}"504"', 1)
        | {"sourceproxy_upstream_errors_total{reason='timeout'}": "0+1x240"},
        firing=(({}, "Pyroscope does not answer 100% of what proxy asks it."),),
    ),
    Case(
        "SourceProxyUpstreamFailing",
        "Pyroscope itself refuses what it is asked",
        count(f'{SERIES}"500"', 50) | {"sourceproxy_upstream_errors_total{reason='reset'}": "0x240"},
    ),
    Case(
        "SourceProxyErrors",
        "a quarter of the files fails",
        both(GET_FILE, 75, 25, "500"),
        firing=(({}, "25% of the requests for source and logins at proxy fail."),),
    ),
    Case("SourceProxyErrors", "people ask for what is not there", both(GET_FILE, 1, 25, "404")),
    Case("SourceProxyErrors", "no App is configured", both(GET_FILE, 1, 25, "501")),
    Case("SourceProxyErrors", "profiles fail, source does not", both(SERIES, 1, 25, "502")),
    Case("SourceProxyErrors", "the one request of an hour fails", both(GET_FILE, 0, 1 / 60, "500")),
    Case(
        "SourceProxySlow",
        "files take up to half a minute",
        took("vcs.v1.VCSService/GetFile", 30, 10),
        firing=(
            (
                {"route": "vcs.v1.VCSService/GetFile"},
                "One in twenty vcs.v1.VCSService/GetFile at proxy takes 28.75s or more.",
            ),
        ),
    ),
    Case("SourceProxySlow", "files are quick", took("vcs.v1.VCSService/GetFile", 5, 10)),
    Case("SourceProxySlow", "Pyroscope is slow", took("querier.v1.QuerierService/Series", 30, 10)),
    Case(
        "SourceProxySlow", "the one request of an hour is slow", took("vcs.v1.VCSService/GetFile", 30, 1 / 60)
    ),
    Case(
        "SourceProxyGitHubFailing",
        "half of the calls get no answer",
        both(GRAPHQL, 10, 10, "timeout", GITHUB),
        firing=(({}, "Calls of proxy to GitHub fail."),),
    ),
    Case(
        "SourceProxyGitHubFailing",
        "calls are turned away and the one that tries fails",
        count(f'{GRAPHQL}"502"', 1, GITHUB) | {"sourceproxy_github_breaker_open{host='api'}": "1x240"},
        firing=(({}, "Calls of proxy to GitHub fail."),),
    ),
    Case(
        "SourceProxyGitHubFailing",
        "calls were turned away when people stopped asking",
        count(f'{GRAPHQL}"502"', 0, GITHUB) | {"sourceproxy_github_breaker_open{host='api'}": "1x240"},
    ),
    Case(
        "SourceProxyGitHubFailing",
        "people may not see what they ask for",
        both(GRAPHQL, 1, 30, "403", GITHUB),
    ),
    Case(
        "SourceProxyGitHubBudgetLow",
        "one person has little left of one budget",
        {
            "sourceproxy_github_rate_limit_remaining{resource='core',instance='a'}": "200x240",
            "sourceproxy_github_rate_limit_limit{resource='core',instance='a'}": "5000x240",
            "sourceproxy_github_rate_limit_remaining{resource='core',instance='b'}": "4000x240",
            "sourceproxy_github_rate_limit_limit{resource='core',instance='b'}": "5000x240",
            "sourceproxy_github_rate_limit_remaining{resource='graphql',instance='a'}": "4000x240",
            "sourceproxy_github_rate_limit_limit{resource='graphql',instance='a'}": "5000x240",
        },
        firing=(
            ({"resource": "core"}, "Somebody who uses proxy has 4% of the hourly core calls to GitHub left."),
        ),
    ),
    Case(
        "SourceProxyGitHubBudgetLow",
        "nobody has asked in the current window",
        {
            "sourceproxy_github_rate_limit_remaining{resource='core'}": "0x240",
            "sourceproxy_github_rate_limit_limit{resource='core'}": "0x240",
        },
    ),
    Case(
        "SourceProxyGitHubRateLimited",
        "GitHub refuses again and again",
        {
            "sourceproxy_github_rate_limited_total{resource='graphql',kind='secondary'}": "0+1x240",
            "sourceproxy_github_rate_limited_total{resource='core',kind='primary'}": "0x240",
        },
        firing=(
            (
                {"resource": "graphql", "kind": "secondary"},
                "GitHub refuses calls of proxy for their rate (secondary limit, graphql).",
            ),
        ),
    ),
    Case(
        "SourceProxyGitHubRateLimited",
        "one person's hour was used up",
        {"sourceproxy_github_rate_limited_total{resource='core',kind='primary'}": "0x65 1x100"},
    ),
    Case(
        "SourceProxyCacheTooSmall",
        "every fourth look-up pushes something out",
        {
            "sourceproxy_cache_evictions_total{cache='blobs',reason='size'}": "0+25x240",
            "sourceproxy_cache_requests_total{cache='blobs',result='hit'}": "0+75x240",
            "sourceproxy_cache_requests_total{cache='blobs',result='miss'}": "0+25x240",
        },
        firing=(
            ({}, "The cache of proxy gives up 25% as many entries for want of room as it is asked for."),
        ),
    ),
    Case(
        "SourceProxyCacheTooSmall",
        "entries leave when their time is over, and a few for others",
        {
            "sourceproxy_cache_evictions_total{cache='refs',reason='ttl'}": "0+50x240",
            "sourceproxy_cache_evictions_total{cache='refs',reason='size'}": "0+2x240",
            "sourceproxy_cache_requests_total{cache='refs',result='hit'}": "0+100x240",
        },
    ),
    Case(
        "SourceProxySharedCacheFailing",
        "two replicas try every half a minute, in vain",
        {
            "sourceproxy_build_info{instance='a'}": "1x240",
            "sourceproxy_build_info{instance='b'}": "1x240",
            "sourceproxy_shared_cache_errors_total{reason='connection',instance='a'}": "0+2x240",
            "sourceproxy_shared_cache_errors_total{reason='connection',instance='b'}": "0+2x240",
            "sourceproxy_shared_cache_errors_total{reason='timeout',instance='b'}": "0x240",
        },
        firing=(
            ({"reason": "connection"}, "The Redis that replicas of proxy share is of no use (connection)."),
        ),
    ),
    Case(
        "SourceProxySharedCacheFailing",
        "some look-ups are given up",
        EVERY | {"sourceproxy_shared_cache_errors_total{reason='timeout'}": "0+1x240"},
    ),
    Case(
        "SourceProxySessionsRejected",
        "most sessions do not open",
        both(GET_FILE, 2, 8, "401") | {"sourceproxy_sessions_total{event='rejected'}": "0+8x240"},
        firing=(({}, "proxy refuses the session or login of 80% of the requests."),),
    ),
    Case(
        "SourceProxySessionsRejected",
        "sessions end and are renewed",
        both(GET_FILE, 90, 10, "401") | {"sourceproxy_sessions_total{event='rejected'}": "0+10x240"},
    ),
    Case(
        "SourceProxySessionsRejected",
        "the one visitor of the night has an old cookie",
        both(GET_FILE, 0, 1 / 60, "401")
        | {"sourceproxy_sessions_total{event='rejected'}": f"0+{1 / 60}x240"},
    ),
    Case(
        "SourceProxyResolutionsFailing",
        "three of four Go functions are not found",
        {
            "sourceproxy_source_resolutions_total{language='go',rule='go_own',result='found'}": "0+1x240",
            "sourceproxy_source_resolutions_total{language='go',rule='none',result='not_found'}": "0+2x240",
            "sourceproxy_source_resolutions_total{language='go',rule='none',result='error'}": "0+1x240",
            "sourceproxy_source_resolutions_total{language='java',rule='java_own',result='found'}": "0+1x240",
        },
        firing=(
            (
                {"language": "go"},
                "proxy finds the source of only 25% of the go functions that people open.",
            ),
        ),
    ),
    Case(
        "SourceProxyResolutionsFailing",
        "functions of a language without rules of its own are not found",
        {"sourceproxy_source_resolutions_total{language='other',rule='none',result='not_found'}": "0+9x240"},
    ),
    Case(
        "SourceProxyResolutionsFailing",
        "nobody opens anything",
        {
            "sourceproxy_source_resolutions_total{language='go',rule='go_own',result='found'}": "1x240",
            "sourceproxy_source_resolutions_total{language='go',rule='none',result='not_found'}": "9x240",
        },
    ),
    Case(
        "SourceProxyConfigReloadFailed",
        "one of two replicas refuses its file",
        {
            "sourceproxy_config_last_reload_successful{instance='a'}": "0x240",
            "sourceproxy_config_last_reload_successful{instance='b'}": "1x240",
        },
        firing=(({"instance": "a"}, "a of proxy refused its new configuration."),),
    ),
    Case(
        "SourceProxyConfigReloadFailed",
        "a better file came soon after",
        {"sourceproxy_config_last_reload_successful{instance='a'}": "1x71 0x2 1x60"},
    ),
)
