{{- define "temporal.serverVolumes" -}}
- name: tmp
  emptyDir: {}
- name: config
  emptyDir: {}
- name: dynamic-config
  configMap:
    name: {{ include "temporal.name" (dict "root" . "of" "dynamic-config") }}
{{- if .Values.server.configTemplate }}
- name: config-template
  configMap:
    name: {{ include "temporal.name" (dict "root" . "of" "config") }}
{{- end }}
{{- with include "temporal.databaseVolume" . }}
{{ . }}
{{- end }}
{{- if .Values.tls.enabled }}
{{ include "temporal.certificateVolume" (dict "name" "internode" "secret" .Values.tls.internode.secretName "path" "tls.internode.secretName") }}
{{ include "temporal.certificateVolume" (dict "name" "frontend" "secret" .Values.tls.frontend.secretName "path" "tls.frontend.secretName") }}
{{- end }}
{{- with .Values.server.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "temporal.serverMounts" -}}
- name: tmp
  mountPath: /tmp
- name: config
  mountPath: /etc/temporal/config
- name: dynamic-config
  mountPath: /etc/temporal/dynamic-config
  readOnly: true
{{- with include "temporal.databaseMount" . }}
{{ . }}
{{- end }}
{{- if .Values.tls.enabled }}
- name: internode
  mountPath: /run/secrets/internode
  readOnly: true
- name: frontend
  mountPath: /run/secrets/frontend
  readOnly: true
{{- end }}
{{- with .Values.server.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}
