{{- define "pyroscope.name" -}}
{{ .Chart.Name }}
{{- end -}}

{{- define "selecting" -}}
{{ toYaml (dict "app.kubernetes.io/name" (include "pyroscope.name" .root) "app.kubernetes.io/instance" .root.Release.Name "app.kubernetes.io/component" .component) }}
{{- end -}}
