{{/*
Spread over nodes and zones. Each revision is counted by itself, so a pod that leaves keeps no place; nodes that take no pods (control plane,
cordoned) are not counted. One node alone is no unevenness, so `required` waits for nothing there. Zones are never required: that would
exclude every node without the label.
*/}}
{{- define "temporal-worker.spread" -}}
{{- $hosts := ternary "DoNotSchedule" "ScheduleAnyway" (eq (toString .Values.spread) "required") -}}
{{- range $key, $when := dict "kubernetes.io/hostname" $hosts "topology.kubernetes.io/zone" "ScheduleAnyway" }}
- maxSkew: 1
  topologyKey: {{ $key }}
  whenUnsatisfiable: {{ $when }}
  nodeTaintsPolicy: Honor
  matchLabelKeys: [pod-template-hash]
  labelSelector:
    matchLabels:
      {{- include "temporal-worker.selector" $ | nindent 6 }}
{{- end }}
{{- end }}

{{/* How long a pod may take to end: what is said, and never less than the longest activity and what is around it. */}}
{{- define "temporal-worker.graceSeconds" -}}
{{- $v := .Values -}}
{{- $needed := ternary (add $v.longestActivitySeconds $v.preStopSleepSeconds 15) 0 (gt (int64 $v.longestActivitySeconds) 0) -}}
{{- max $needed $v.terminationGracePeriodSeconds -}}
{{- end }}

{{/* What happens before SIGTERM: a handler that is given, or a sleep. */}}
{{- define "temporal-worker.preStop" -}}
{{- $v := .Values -}}
{{- if and $v.preStop $v.preStopSleepSeconds -}}
{{- fail "preStop and preStopSleepSeconds exclude each other: a handler of your own sleeps by itself" -}}
{{- end -}}
{{- if $v.preStop -}}
{{- toYaml $v.preStop -}}
{{- else if $v.preStopSleepSeconds -}}
sleep:
  seconds: {{ $v.preStopSleepSeconds }}
{{- end -}}
{{- end }}

{{/* The account's token, for the worker alone and only where it has rights. As Kubernetes mounts it. */}}
{{- define "temporal-worker.apiToken" -}}
- name: api-token
  projected:
    sources:
      - serviceAccountToken: { path: token, expirationSeconds: 3600 }
      - configMap: { name: kube-root-ca.crt, items: [{ key: ca.crt, path: ca.crt }] }
      - downwardAPI: { items: [{ path: namespace, fieldRef: { fieldPath: metadata.namespace } }] }
{{- end }}
