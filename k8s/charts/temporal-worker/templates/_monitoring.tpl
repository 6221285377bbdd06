{{/* Name of a counter, or of a latency's buckets, as the exporter of the SDK writes it. Arguments: root, name. */}}
{{- define "temporal-worker.counter" -}}
{{ .name }}{{ if .root.Values.monitoring.sdk.countersTotalSuffix }}_total{{ end }}
{{- end }}
{{- define "temporal-worker.buckets" -}}
{{- $sdk := .root.Values.monitoring.sdk -}}
{{ .name }}{{ if $sdk.unitSuffix }}{{ ternary "_seconds" "_milliseconds" $sdk.useSecondsForDurations }}{{ end }}_bucket
{{- end }}

{{/* Which series are those of this worker: its own (of the Service that is scraped), and those of kube-state-metrics. */}}
{{- define "temporal-worker.own" -}}
namespace={{ .Release.Namespace | quote }},job={{ include "temporal-worker.fullname" . | quote }}
{{- end }}
{{- define "temporal-worker.deployment" -}}
namespace={{ .Release.Namespace | quote }},deployment={{ include "temporal-worker.fullname" . | quote }}
{{- end }}

{{/* A task queue as the server has it, whose label `namespace` Prometheus renames (the target has one). Arguments: root, queue. */}}
{{- define "temporal-worker.queue" -}}
exported_namespace={{ .root.Values.temporal.namespace | quote }},taskqueue={{ .queue | quote }}
{{- end }}

{{/* Nothing is wrong with a worker that somebody has brought to rest. */}}
{{- define "temporal-worker.unlessAtRest" -}}
unless on () (kube_deployment_spec_replicas{ {{- include "temporal-worker.deployment" . -}} } == 0)
{{- end }}

{{/* Of results in several files or groups (machines, pipelines) the newest of each project and environment. */}}
{{- define "temporal-worker.newestDeploy" -}}
{{- $of := "" -}}
{{- range $label, $value := .Values.monitoring.rules.deploys -}}
{{- if $value }}{{ $of = printf "%s%s=%q," $of $label $value }}{{ end -}}
{{- end -}}
{{- $finished := printf "forge_deploy_finished_timestamp_seconds{%s}" (trimSuffix "," $of) -}}
({{ $finished }} == on (project, environment) group_left () max by (project, environment) ({{ $finished }}))
{{- end }}

{{/*
One alert. Arguments: root, alert, expr, severity, summary, description, for (how long it must be so), labels (of its own).
Braces within its texts are templates of Prometheus.
*/}}
{{- define "temporal-worker.alert" -}}
{{- $rules := .root.Values.monitoring.rules -}}
{{- if not (has .alert $rules.disabled) }}
- alert: {{ .alert }}
  expr: |-
    {{- .expr | trim | nindent 4 }}
  {{- with .for }}
  for: {{ . }}
  {{- end }}
  labels:
    {{- merge (dict "severity" .severity) (.labels | default dict) $rules.alertLabels | toYaml | nindent 4 }}
  annotations:
    summary: {{ .summary | quote }}
    description: {{ .description | quote }}
    runbook_url: {{ printf "%s/%s.md" $rules.runbooks (kebabcase .alert) }}
{{- end }}
{{- end }}
