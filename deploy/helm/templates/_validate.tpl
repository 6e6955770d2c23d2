{{/*
What the schema cannot say, and what it would say with a secret in its message. Each message tells what to change.
*/}}
{{- define "source-proxy.validate" -}}
{{- include "source-proxy.validateSecrets" . -}}
{{- include "source-proxy.validatePods" . -}}
{{- end -}}

{{- define "source-proxy.validateSecrets" -}}
{{- $config := .Values.config | default dict -}}
{{- $written := dict
  "config.github.client_secret" (list ($config.github).client_secret)
  "config.session.secrets" (($config.session).secrets | default list)
  "config.cache.redis_url" (list ($config.cache).redis_url)
-}}
{{- range $key, $values := $written -}}
{{- range $values -}}
{{- if not (regexMatch "^(\\$\\{[A-Za-z_][A-Za-z0-9_]*(:-)?\\})?$" (. | default "")) -}}
{{- fail (printf "%s would put a secret into a ConfigMap: use existingSecret, secret or redis, or write ${NAME} and give NAME with extraEnv" $key) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $secret := .Values.secret | default dict -}}
{{- $given := compact (list $secret.clientId $secret.clientSecret $secret.sessionSecret) | len -}}
{{- if and (gt $given 0) .Values.existingSecret -}}
{{- fail "existingSecret and secret are both given: keep one" -}}
{{- end -}}
{{- if and (gt $given 0) (lt $given 3) -}}
{{- fail "secret needs all of clientId, clientSecret and sessionSecret, or none of them" -}}
{{- end -}}
{{- if and (.Values.redis).url (.Values.redis).existingSecret -}}
{{- fail "redis.url and redis.existingSecret are both given: keep one" -}}
{{- end -}}
{{- if and (include "source-proxy.redisSecret" .) (not (include "source-proxy.appSecret" .)) (not ((.Values.config).session)) (not .Values.existingConfigMap) -}}
{{- fail "redis needs a session secret, what is shared is sealed with it: give existingSecret or secret" -}}
{{- end -}}
{{- if not (regexMatch "^((rediss?|unix)://.+)?$" ((.Values.redis).url | default "")) -}}
{{- fail "redis.url must start with redis://, rediss:// or unix://" -}}
{{- end -}}
{{- end -}}

{{- define "source-proxy.validatePods" -}}
{{- if and (.Values.serviceMonitor).enabled (.Values.podMonitor).enabled -}}
{{- fail "serviceMonitor.enabled and podMonitor.enabled would scrape each pod twice: keep one" -}}
{{- end -}}
{{- if eq (include "source-proxy.httpPort" .) (include "source-proxy.adminPort" .) -}}
{{- fail "config.listen and config.admin_listen need different ports" -}}
{{- end -}}
{{- range $key := list "listen" "admin_listen" -}}
{{- if regexMatch "^(127[.]|localhost:|[[]::1[]]:)" (get ($.Values.config | default dict) $key | default "") -}}
{{- fail (printf "config.%s is reached from other pods and by probes: let it be 0.0.0.0:PORT or [::]:PORT" $key) -}}
{{- end -}}
{{- end -}}
{{- $tls := (.Values.config).listen_tls | default dict -}}
{{- if ne (empty $tls.cert_file) (empty $tls.key_file) -}}
{{- fail "config.listen_tls needs both cert_file and key_file; tls.secretName gives both" -}}
{{- end -}}
{{- $needed := include "source-proxy.shutdownSeconds" . | int -}}
{{- $period := .Values.terminationGracePeriodSeconds | default 0 | int -}}
{{- if and (gt $period 0) (lt $period $needed) -}}
{{- fail (printf "terminationGracePeriodSeconds must be at least config.shutdown_delay + config.shutdown_grace, %d seconds" $needed) -}}
{{- end -}}
{{- if (.Values.autoscaling).enabled -}}
{{- if gt (.Values.autoscaling.minReplicas | default 1 | int) (.Values.autoscaling.maxReplicas | default 1 | int) -}}
{{- fail "autoscaling.minReplicas must not be greater than autoscaling.maxReplicas" -}}
{{- end -}}
{{- if not (or .Values.autoscaling.targetCPUUtilizationPercentage .Values.autoscaling.targetMemoryUtilizationPercentage) -}}
{{- fail "autoscaling needs targetCPUUtilizationPercentage or targetMemoryUtilizationPercentage" -}}
{{- end -}}
{{- end -}}
{{- $budget := .Values.podDisruptionBudget | default dict -}}
{{- $replicas := include "source-proxy.replicas" . | int -}}
{{- if and $budget.enabled (gt $replicas 1) (not (kindIs "string" $budget.minAvailable)) (ge (int $budget.minAvailable) $replicas) -}}
{{- fail (printf "podDisruptionBudget.minAvailable must be less than the %d replicas, or no node can be drained" $replicas) -}}
{{- end -}}
{{- if and (.Values.httpRoute).enabled (not .Values.httpRoute.parentRefs) -}}
{{- fail "httpRoute needs parentRefs: the Gateways that it belongs to" -}}
{{- end -}}
{{- end -}}
