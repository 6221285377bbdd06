{{/* How a client (web UI, tools, the namespace Job) reaches Temporal, in the variables of the temporal command. */}}
{{- define "temporal.clientEnv" -}}
- name: TEMPORAL_ADDRESS
  value: {{ printf "%s:7233" (include "temporal.name" (dict "root" . "of" "frontend")) | quote }}
{{- with .Values.namespaces }}
- name: TEMPORAL_NAMESPACE
  value: {{ (index . 0).name | quote }}
{{- end }}
{{- if .Values.tls.enabled }}
- name: TEMPORAL_TLS
  value: "true"
{{- /* The web UI and the command up to 1.2 know the first name of each, later commands the second. */}}
{{- range $path, $names := dict "ca.crt" (list "CA" "SERVER_CA_CERT_PATH") "tls.crt" (list "CERT" "CLIENT_CERT_PATH") "tls.key" (list "KEY" "CLIENT_KEY_PATH") }}
{{- range $names }}
- name: TEMPORAL_TLS_{{ . }}
  value: /run/secrets/client/{{ $path }}
{{- end }}
{{- end }}
- name: TEMPORAL_TLS_SERVER_NAME
  value: {{ .Values.tls.frontend.serverName | quote }}
{{- end }}
# The command looks for its configuration at home, which is read-only.
- name: HOME
  value: /tmp
{{- end }}

{{/* A Secret with tls.crt, tls.key and ca.crt as a volume. Arguments: name (of the volume), secret, path (of the value, for the message). */}}
{{- define "temporal.certificateVolume" -}}
{{- if not .secret -}}
{{- fail (printf "%s is empty: tls.enabled is true, so name the Secret with tls.crt, tls.key and ca.crt" .path) -}}
{{- end -}}
- name: {{ .name }}
  secret:
    secretName: {{ .secret }}
    defaultMode: 288 # 0440
    items:
      - { key: tls.crt, path: tls.crt }
      - { key: tls.key, path: tls.key }
      - { key: ca.crt, path: ca.crt }
{{- end }}

{{- define "temporal.clientVolumes" -}}
- name: tmp
  emptyDir: {}
{{- if .Values.tls.enabled }}
{{ include "temporal.certificateVolume" (dict "name" "client" "secret" .Values.tls.client.secretName "path" "tls.client.secretName") }}
{{- end }}
{{- end }}

{{- define "temporal.clientMounts" -}}
- name: tmp
  mountPath: /tmp
{{- if .Values.tls.enabled }}
- name: client
  mountPath: /run/secrets/client
  readOnly: true
{{- end }}
{{- end }}

{{/* Secrets whose change a client must be started anew for. */}}
{{- define "temporal.clientSecrets" -}}
{{- if .Values.tls.enabled -}}
{{- $_ := include "temporal.certificateVolume" (dict "name" "client" "secret" .Values.tls.client.secretName "path" "tls.client.secretName") -}}
- name: {{ .Values.tls.client.secretName }}
  keys: [tls.crt, tls.key, ca.crt]
{{- else -}}
[]
{{- end -}}
{{- end }}
