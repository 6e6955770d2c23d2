{{/* The proxy's container, the same in the Deployment and, by way of sidecar/, beside Pyroscope. */}}
{{- define "source-proxy.container" -}}
name: source-proxy
image: {{ include "source-proxy.image" . | quote }}
imagePullPolicy: {{ (.Values.image).pullPolicy | default "IfNotPresent" }}
{{- with .Values.securityContext }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
args:
  - serve
  - --config
  - /etc/pyroscope-source-proxy/config/config.yaml
  {{- if .Values.existingConfigMap }}
  - --listen
  - {{ (.Values.config).listen | default "0.0.0.0:4041" | quote }}
  - --admin-listen
  - {{ (.Values.config).admin_listen | default "0.0.0.0:4043" | quote }}
  {{- end }}
{{- $env := include "source-proxy.env" . }}
{{- if $env }}
env:
  {{- $env | nindent 2 }}
{{- end }}
{{- with .Values.extraEnvFrom }}
envFrom:
  {{- toYaml . | nindent 2 }}
{{- end }}
ports:
  - name: http
    containerPort: {{ include "source-proxy.httpPort" . }}
    protocol: TCP
  - name: metrics
    containerPort: {{ include "source-proxy.adminPort" . }}
    protocol: TCP
startupProbe:
  {{- include "source-proxy.probe" (dict "path" "/-/ready" "times" (.Values.probes).startup) | nindent 2 }}
livenessProbe:
  {{- include "source-proxy.probe" (dict "path" "/-/healthy" "times" (.Values.probes).liveness) | nindent 2 }}
readinessProbe:
  {{- include "source-proxy.probe" (dict "path" "/-/ready" "times" (.Values.probes).readiness) | nindent 2 }}
{{- with .Values.resources }}
resources:
  {{- toYaml . | nindent 2 }}
{{- end }}
volumeMounts:
  - name: source-proxy-config
    mountPath: /etc/pyroscope-source-proxy/config
    readOnly: true
  {{- if or (include "source-proxy.appSecret" .) (include "source-proxy.redisSecret" .) }}
  - name: source-proxy-secrets
    mountPath: /etc/pyroscope-source-proxy/secrets
    readOnly: true
  {{- end }}
  {{- if (.Values.tls).secretName }}
  - name: source-proxy-tls
    mountPath: /etc/pyroscope-source-proxy/tls
    readOnly: true
  {{- end }}
  - name: source-proxy-tmp
    mountPath: /tmp
  {{- with .Values.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- define "source-proxy.probe" -}}
httpGet:
  path: {{ .path }}
  port: metrics
{{- with .times }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/*
The client id has no file of its own. With an existing ConfigMap, which may name no files, the secrets too are
in the environment: they fill what it leaves out.
*/}}
{{- define "source-proxy.env" -}}
{{- $secret := include "source-proxy.appSecret" . -}}
{{- $variables := list -}}
{{- if $secret -}}
{{- $keys := empty .Values.existingConfigMap | ternary (list "client_id") (list "client_id" "client_secret" "session_secret") -}}
{{- range $keys -}}
{{- $reference := dict "secretKeyRef" (dict "name" $secret "key" .) -}}
{{- $variables = append $variables (dict "name" (printf "GITHUB_%s" (upper .)) "valueFrom" $reference) -}}
{{- end -}}
{{- end -}}
{{- with concat $variables (.Values.extraEnv | default list) -}}
{{- toYaml . -}}
{{- end -}}
{{- end -}}

{{/* Files may change while the proxy runs: a Secret or ConfigMap that is mounted as a folder is kept up to date. */}}
{{- define "source-proxy.volumes" -}}
- name: source-proxy-config
  configMap:
    name: {{ include "source-proxy.configMap" . }}
{{- $app := include "source-proxy.appSecret" . }}
{{- $redis := include "source-proxy.redisSecret" . }}
{{- if or $app $redis }}
- name: source-proxy-secrets
  projected:
    defaultMode: 0440
    sources:
      {{- if $app }}
      - secret:
          name: {{ $app }}
          items:
            - key: client_secret
              path: client_secret
            - key: session_secret
              path: session_secret
      {{- end }}
      {{- if $redis }}
      - secret:
          name: {{ $redis }}
          items:
            - key: {{ include "source-proxy.redisKey" . }}
              path: redis_url
      {{- end }}
{{- end }}
{{- with (.Values.tls).secretName }}
- name: source-proxy-tls
  secret:
    secretName: {{ . }}
    defaultMode: 0440
{{- end }}
- name: source-proxy-tmp
  emptyDir:
    sizeLimit: 64Mi
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "source-proxy.topologySpread" -}}
{{- $selector := dict "matchLabels" (include "source-proxy.selectorLabels" . | fromYaml) -}}
{{- $constraints := list -}}
{{- range .Values.topologySpreadConstraints -}}
{{- $constraints = append $constraints (merge (deepCopy .) (dict "labelSelector" $selector)) -}}
{{- end -}}
{{- with $constraints -}}
{{- toYaml . -}}
{{- end -}}
{{- end -}}
