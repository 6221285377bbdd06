{{/* What app and worker share: they run the same image on the same configuration. */}}

{{/* ConfigMaps that both use, with the keys. */}}
{{- define "api-forge.app.configs" -}}
- name: app-env
- name: app-config
  keys: [config.yaml]
- name: universal-entrypoint
  keys: [universal-entrypoint.sh]
{{- end }}

{{/* Secret files. Arguments: root, keys (of the app's own secret). */}}
{{- define "api-forge.app.secrets" -}}
{{- $values := .root.Values -}}
- name: {{ $values.postgresql.secrets.existingSecret }}
  keys: [postgres_app_user_pw]
{{- if $values.postgresql.tls.enabled }}
- name: {{ $values.postgresql.tls.existingCaSecret }}
  keys: [ca-bundle.crt]
  folder: postgres-ca
{{- end }}
{{- if $values.redis.enabled }}
- name: {{ $values.redis.secrets.existingSecret }}
  keys: [redis_password]
{{- end }}
{{- with .keys }}
- name: {{ $values.app.secrets.existingSecret }}
  keys: {{ . | toJson }}
{{- end }}
{{- end }}

{{/*
Environment beside app-env; it wins over it. Arguments: root, env (the value maps, later ones win).
A component that is off must not be looked for, whatever the .env says; an external one is named in app.env.
*/}}
{{- define "api-forge.app.env" -}}
{{- $values := .root.Values -}}
{{- $env := dict "APP_HOST" "0.0.0.0" "APP_PORT" "8000" "CONFIG_FILE" "/etc/api-forge/config.yaml" -}}
{{- if not $values.redis.enabled }}{{ $_ := set $env "REDIS_URL" "" }}{{ end -}}
{{- if not $values.temporal.enabled }}{{ $_ := set $env "TEMPORAL_ADDRESS" "" }}{{ end -}}
{{- range include "api-forge.pgClientEnv" .root | fromYamlArray }}{{ $_ := set $env .name .value }}{{ end -}}
{{- range .env }}{{ $env = merge (dict) . $env }}{{ end -}}
{{- range $name, $value := $env }}
- name: {{ $name }}
  value: {{ $value | toJson }}
{{- end }}
{{- end }}

{{/* Init containers of both. Argument: root. */}}
{{- define "api-forge.app.waits" -}}
{{ include "api-forge.waitForService" (dict "root" $ "service" "postgres" "port" 5432 "seconds" .Values.waits.databasesSeconds "for" "PostgreSQL") }}
{{- if .Values.redis.enabled }}
{{ include "api-forge.waitForService" (dict "root" $ "service" "redis" "port" 6379 "seconds" .Values.waits.databasesSeconds "for" "Redis") }}
{{- end }}
{{- end }}

{{/* Argument: extraVolumeMounts. */}}
{{- define "api-forge.app.volumeMounts" -}}
- name: entrypoint
  mountPath: /opt/forge
  readOnly: true
- name: config
  mountPath: /etc/api-forge
  readOnly: true
- name: secrets
  mountPath: /run/secrets
  readOnly: true
- name: tmp
  mountPath: /tmp
{{- with . }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Arguments: secrets (as above), extra (extraVolumes). */}}
{{- define "api-forge.app.volumes" -}}
{{ include "api-forge.configVolume" (dict "name" "entrypoint" "configMap" "universal-entrypoint" "keys" (list "universal-entrypoint.sh") "mode" 365) }}
{{ include "api-forge.configVolume" (dict "name" "config" "configMap" "app-config" "keys" (list "config.yaml")) }}
{{ include "api-forge.secretsVolume" .secrets }}
- name: tmp
  emptyDir: {}
{{- with .extra }}
{{ toYaml . }}
{{- end }}
{{- end }}
