{{/*
A rule of a NetworkPolicy for HOST:PORT. A name of a Service says the namespace of its pods; of other names a policy knows nothing, so the port
is open to everywhere.
*/}}
{{- define "temporal-worker.wayTo" -}}
{{- $host := regexReplaceAll ":[0-9]+$" . "" | trimSuffix "." -}}
{{- $parts := splitList "." $host -}}
- ports:
    - protocol: TCP
      port: {{ regexFind "[0-9]+$" . }}
  {{- if regexMatch "^[0-9.]+$" $host }}
  to:
    - ipBlock:
        cidr: {{ $host }}/32
  {{- else if eq (len $parts) 1 }}
  to:
    - podSelector: {}
  {{- else if or (eq (len $parts) 2) (eq (index $parts 2) "svc") }}
  to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: {{ index $parts 1 }}
  {{- end }}
{{- end }}

{{/* Vault as HOST:PORT: where the injector's annotation says, else as it is told. */}}
{{- define "temporal-worker.vaultAddress" -}}
{{- $service := get .Values.vault.annotations "service" -}}
{{- if $service -}}
{{- $host := regexReplaceAll "^https?://" $service "" | splitList "/" | first -}}
{{- if regexMatch ":[0-9]+$" $host }}{{ $host }}{{ else }}{{ printf "%s:%s" $host (ternary "80" "443" (hasPrefix "http://" $service)) }}{{ end -}}
{{- else -}}
{{- .Values.networkPolicy.outbound.vault -}}
{{- end -}}
{{- end }}

{{/* Where the worker may go, as a list of rules: what its other values name, and what is given. Vault only with its agent in the pod. */}}
{{- define "temporal-worker.egress" -}}
{{- $v := .Values -}}
{{- $o := $v.networkPolicy.outbound -}}
{{- if $o.enabled }}
- ports:
    - { protocol: UDP, port: 53 }
    - { protocol: TCP, port: 53 }
  {{- with $o.dnsNamespace }}
  to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: {{ . }}
  {{- end }}
{{ include "temporal-worker.wayTo" $v.temporal.address }}
{{- if $v.database.enabled }}
{{ include "temporal-worker.wayTo" (printf "%s:%d" $v.database.host (int64 $v.database.port)) }}
{{- end }}
{{- if $v.vault.enabled }}
{{ include "temporal-worker.wayTo" (include "temporal-worker.vaultAddress" .) }}
{{- end }}
{{- range $o.addresses }}
{{ include "temporal-worker.wayTo" . }}
{{- end }}
{{- with $o.https }}
- ports:
    - protocol: TCP
      port: 443
  to:
    {{- range . }}
    - ipBlock:
        cidr: {{ . }}
    {{- end }}
{{- end }}
{{- end }}
{{- with $v.networkPolicy.egress }}
{{ toYaml . }}
{{- end }}
{{- end }}
