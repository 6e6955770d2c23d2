{{/*
The name of all objects, with room for the longest thing put behind it ("-dashboard"). What a release may be
called and a Service may not (dots, a digit first) is changed.
*/}}
{{- define "source-proxy.fullname" -}}
{{- $name := .Values.nameOverride | default .Chart.Name -}}
{{- $full := .Values.fullnameOverride -}}
{{- if not $full -}}
{{- $full = contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name) -}}
{{- end -}}
{{- $full = $full | replace "." "-" -}}
{{- if not (regexMatch "^[a-z]" $full) -}}
{{- $full = printf "r-%s" $full -}}
{{- end -}}
{{- $full | trunc 52 | trimAll "-" -}}
{{- end -}}

{{/* The labels that select the pods. Never changed by values that may change later. */}}
{{- define "source-proxy.selectorLabels" -}}
app.kubernetes.io/name: {{ .Values.nameOverride | default .Chart.Name | trunc 63 | trimAll "-." | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{/*
The labels of an object.
Args: root, the chart's scope; extra, further labels; pod, whether they are for pods, which a new version of the
chart alone must not replace. Those that select beat all others.
*/}}
{{- define "source-proxy.labels" -}}
{{- $chart := printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 | trimAll "-_." -}}
{{- $own := (default false .pod) | ternary dict (dict "helm.sh/chart" $chart) -}}
{{- $own = mergeOverwrite $own (dict
  "app.kubernetes.io/version" .root.Chart.AppVersion
  "app.kubernetes.io/managed-by" .root.Release.Service
  "app.kubernetes.io/part-of" "pyroscope"
) -}}
{{- $selecting := include "source-proxy.selectorLabels" .root | fromYaml -}}
{{- toYaml (mergeOverwrite $own (.root.Values.commonLabels | default dict) (.extra | default dict) $selecting) -}}
{{- end -}}

{{/*
The metadata of an object.
Args: root, the chart's scope; suffix, put behind the name; namespace, empty for that of the release; labels; annotations.
*/}}
{{- define "source-proxy.metadata" -}}
name: {{ include "source-proxy.fullname" .root }}{{ .suffix }}
namespace: {{ .namespace | default .root.Release.Namespace }}
labels:
  {{- include "source-proxy.labels" (dict "root" .root "extra" .labels) | nindent 2 }}
{{- with .annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "source-proxy.serviceAccountName" -}}
{{- if (.Values.serviceAccount).create -}}
{{- (.Values.serviceAccount).name | default (include "source-proxy.fullname" .) -}}
{{- else -}}
{{- (.Values.serviceAccount).name | default "default" -}}
{{- end -}}
{{- end -}}

{{- define "source-proxy.image" -}}
{{- $image := .Values.image | default dict -}}
{{- with $image.registry }}{{ . | trimSuffix "/" }}/{{ end -}}
{{- $image.repository | default .Chart.Name -}}
{{- if $image.digest }}@{{ $image.digest }}{{ else }}:{{ $image.tag | default .Chart.AppVersion }}{{ end -}}
{{- end -}}

{{/* The name of the Service that has the metrics port. */}}
{{- define "source-proxy.metricsService" -}}
{{- include "source-proxy.fullname" . }}{{ if ne ((.Values.service).type | default "ClusterIP") "ClusterIP" }}-metrics{{ end -}}
{{- end -}}
