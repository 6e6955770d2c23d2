{{/*
The configuration as it is in the ConfigMap: the value `config`, and the names of the files that the chart
mounts where `config` does not say otherwise.
*/}}
{{- define "source-proxy.config" -}}
{{- $config := deepCopy (.Values.config | default dict) -}}
{{- $_ := set $config "listen" ($config.listen | default "0.0.0.0:4041") -}}
{{- $_ := set $config "admin_listen" ($config.admin_listen | default "0.0.0.0:4043") -}}
{{- $files := dict -}}
{{- if include "source-proxy.appSecret" . -}}
{{- $_ := set $files "github" (dict "client_secret" "secrets/client_secret") -}}
{{- $_ := set $files "session" (dict "secrets" "secrets/session_secret") -}}
{{- end -}}
{{- if include "source-proxy.redisSecret" . -}}
{{- $_ := set $files "cache" (dict "redis_url" "secrets/redis_url") -}}
{{- end -}}
{{- range $section, $keys := $files -}}
{{- $given := get $config $section | default dict -}}
{{- range $key, $file := $keys -}}
{{- if not (or (hasKey $given $key) (hasKey $given (printf "%s_file" $key))) -}}
{{- $_ := set $given (printf "%s_file" $key) (printf "/etc/pyroscope-source-proxy/%s" $file) -}}
{{- end -}}
{{- end -}}
{{- $_ := set $config $section $given -}}
{{- end -}}
{{- if .Values.mappings -}}
{{- $_ := set $config "resolver" (merge (dict "mappings_file" "/etc/pyroscope-source-proxy/config/mappings.yaml") ($config.resolver | default dict)) -}}
{{- end -}}
{{- if (.Values.tls).secretName -}}
{{- $_ := set $config "listen_tls" (dict "cert_file" "/etc/pyroscope-source-proxy/tls/tls.crt" "key_file" "/etc/pyroscope-source-proxy/tls/tls.key") -}}
{{- end -}}
{{- toYaml $config -}}
{{- end -}}

{{- define "source-proxy.configMap" -}}
{{- .Values.existingConfigMap | default (include "source-proxy.fullname" .) -}}
{{- end -}}

{{/* What changes when the configuration does. That of an existing ConfigMap is known only where there is a cluster to ask. */}}
{{- define "source-proxy.configChecksum" -}}
{{- if .Values.existingConfigMap -}}
{{- lookup "v1" "ConfigMap" .Release.Namespace .Values.existingConfigMap | dig "data" dict | toJson | sha256sum -}}
{{- else -}}
{{- printf "%s\n%s" (include "source-proxy.config" .) (.Values.mappings | default "") | sha256sum -}}
{{- end -}}
{{- end -}}

{{/* The name of the Secret with client_id, client_secret and session_secret; empty without GitHub App. */}}
{{- define "source-proxy.appSecret" -}}
{{- if .Values.existingSecret -}}
{{- .Values.existingSecret -}}
{{- else if (.Values.secret).clientId -}}
{{- include "source-proxy.fullname" . -}}
{{- end -}}
{{- end -}}

{{/* The name of the Secret with the address of Redis; empty without Redis. */}}
{{- define "source-proxy.redisSecret" -}}
{{- if (.Values.redis).existingSecret -}}
{{- .Values.redis.existingSecret -}}
{{- else if (.Values.redis).url -}}
{{- include "source-proxy.fullname" . }}-redis
{{- end -}}
{{- end -}}

{{- define "source-proxy.redisKey" -}}
{{- if (.Values.redis).existingSecret }}{{ .Values.redis.existingSecretKey | default "redis_url" }}{{ else }}redis_url{{ end -}}
{{- end -}}

{{/* The port of an address HOST:PORT. */}}
{{- define "source-proxy.port" -}}
{{- regexFind "[0-9]+$" . -}}
{{- end -}}

{{- define "source-proxy.httpPort" -}}
{{- include "source-proxy.port" ((.Values.config).listen | default "0.0.0.0:4041") -}}
{{- end -}}

{{- define "source-proxy.adminPort" -}}
{{- include "source-proxy.port" ((.Values.config).admin_listen | default "0.0.0.0:4043") -}}
{{- end -}}

{{/* The port in a URL, or nothing. Not urlParse: it shows what it cannot read, and there may be a password in it. */}}
{{- define "source-proxy.urlPort" -}}
{{- $host := regexReplaceAll "[/?#].*$" (regexReplaceAll "^[a-z]+://([^/]*@)?" (toString .) "") "" -}}
{{- trimPrefix ":" (regexFind ":[0-9]+$" $host) -}}
{{- end -}}

{{/* The port that a URL leads to. */}}
{{- define "source-proxy.portOf" -}}
{{- include "source-proxy.urlPort" . | default (hasPrefix "http:" . | ternary "80" "443") -}}
{{- end -}}

{{/* The port of Pyroscope's pods, as a NetworkPolicy needs it. */}}
{{- define "source-proxy.upstreamPort" -}}
{{- $url := ((.Values.config).upstream).url | default "http://localhost:4040" -}}
{{- (.Values.networkPolicy).upstreamPort | default (include "source-proxy.urlPort" $url) | default (hasPrefix "https:" $url | ternary "443" "80") -}}
{{- end -}}

{{/* The ports of GitHub and the package registries, as a NetworkPolicy needs them: a list in JSON. */}}
{{- define "source-proxy.outsidePorts" -}}
{{- $config := .Values.config | default dict -}}
{{- $resolver := $config.resolver | default dict -}}
{{- $urls := list "https://github.com" ($config.github).url ($config.github).api_url -}}
{{- $urls = concat $urls (list $resolver.go_module_proxy $resolver.python_index $resolver.npm_registry) -}}
{{- $ports := list -}}
{{- range compact $urls -}}
{{- $ports = append $ports (include "source-proxy.portOf" . | int) -}}
{{- end -}}
{{- $ports | uniq | toJson -}}
{{- end -}}

{{/* The port of the collector of traces; nothing without one, or where it is among the others. */}}
{{- define "source-proxy.tracingPort" -}}
{{- with ((.Values.config).tracing).endpoint -}}
{{- $port := include "source-proxy.portOf" . | int -}}
{{- if not (has (float64 $port) (include "source-proxy.outsidePorts" $ | fromJsonArray)) }}{{ $port }}{{ end -}}
{{- end -}}
{{- end -}}

{{/* What the main port speaks. */}}
{{- define "source-proxy.scheme" -}}
{{- or (.Values.tls).secretName (((.Values.config).listen_tls).cert_file) | empty | ternary "http" "https" -}}
{{- end -}}

{{/* Whole seconds, rounded up, of a duration such as 1m30s or 500ms. */}}
{{- define "source-proxy.seconds" -}}
{{- $units := dict "ms" 0.001 "s" 1.0 "m" 60.0 "h" 3600.0 "d" 86400.0 -}}
{{- $total := 0.0 -}}
{{- range regexFindAll "[0-9]+(ms|[dhms])" (toString .) -1 -}}
{{- $total = addf $total (mulf (regexFind "^[0-9]+" . | float64) (get $units (regexFind "[a-z]+$" .))) -}}
{{- end -}}
{{- ceil $total | int -}}
{{- end -}}

{{/* The seconds that shutting down takes at most. */}}
{{- define "source-proxy.shutdownSeconds" -}}
{{- $config := .Values.config | default dict -}}
{{- $delay := include "source-proxy.seconds" ($config.shutdown_delay | default "0s") | int -}}
{{- $grace := include "source-proxy.seconds" ($config.shutdown_grace | default "30s") | int -}}
{{- add $delay $grace -}}
{{- end -}}

{{/* How many pods there are at least. */}}
{{- define "source-proxy.replicas" -}}
{{- if (.Values.autoscaling).enabled -}}
{{- .Values.autoscaling.minReplicas | default 1 | int -}}
{{- else if kindIs "invalid" .Values.replicaCount -}}
1
{{- else -}}
{{- .Values.replicaCount | int -}}
{{- end -}}
{{- end -}}
