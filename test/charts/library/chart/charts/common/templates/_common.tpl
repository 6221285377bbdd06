{{- define "common.image" -}}
{{- $registry := .global.imageRegistry | default .image.registry -}}
{{- $end := ternary (printf ":%s" .image.tag) (printf "@%s" .image.digest) (empty .image.digest) -}}
{{- printf "%s/%s%s" $registry .image.repository $end -}}
{{- end -}}
{{- define "common.labels" -}}
{{- $own := dict "app.kubernetes.io/name" .Chart.Name "app.kubernetes.io/instance" .Release.Name "app.kubernetes.io/managed-by" .Release.Service "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version) -}}
{{- merge (deepCopy .Values.commonLabels) $own | toYaml -}}
{{- end -}}
{{- define "common.matchLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}
{{- define "common.affinity" -}}
preferredDuringSchedulingIgnoredDuringExecution:
  - podAffinityTerm:
      labelSelector:
        matchLabels: {{- include "common.matchLabels" . | nindent 10 }}
      topologyKey: kubernetes.io/hostname
    weight: 1
{{- end -}}
