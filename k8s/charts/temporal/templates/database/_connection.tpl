{{/*
How the database is reached, as JSON: host, port, username (text; empty: it comes from the Secret), needsUsername, secret, caSecret,
caKey, tls, verify, certKey, keyKey. The one place that knows what the modes have in common.
*/}}
{{- define "temporal.connection" -}}
{{- $v := .Values.database -}}
{{- $secret := $v.secret.name -}}
{{- $host := $v.host | trim -}}
{{- if eq $host "NONE" }}{{ $host = "" }}{{ end -}}
{{- $tls := dict "enabled" $v.tls.enabled "verify" $v.tls.verify "secret" ($v.tls.secretName | default $secret) "caKey" $v.tls.caKey "certKey" $v.tls.certKey "keyKey" $v.tls.keyKey -}}
{{- $fromSecret := empty $host -}}
{{- if ne $v.mode "external" -}}
{{- if $host -}}
{{- fail (printf "database.host is %q, but with database.mode %s the chart knows the host: leave it empty" $host $v.mode) -}}
{{- end -}}
{{- if $v.tls.enabled -}}
{{- fail (printf "database.tls is for database.mode external; with %s %s" $v.mode (ternary "the connection is always encrypted" "there is no TLS" (eq $v.mode "cnpg"))) -}}
{{- end -}}
{{- $fromSecret = false -}}
{{- end -}}
{{- if eq $v.mode "cnpg" -}}
{{- if not $v.cnpg.cluster -}}
{{- fail "database.cnpg.cluster is empty: name the Cluster" -}}
{{- end -}}
{{- if and $v.cnpg.create (not $v.username) -}}
{{- fail "database.username is empty: a Cluster that is made needs an owner" -}}
{{- end -}}
{{- $host = printf "%s-rw" $v.cnpg.cluster -}}
{{- if not $secret }}{{ $secret = printf "%s-app" $v.cnpg.cluster }}{{ end -}}
{{- $tls = dict "enabled" true "verify" true "secret" ($v.cnpg.caSecret | default (printf "%s-ca" $v.cnpg.cluster)) "caKey" "ca.crt" "certKey" "" "keyKey" "" -}}
{{- else if eq $v.mode "internal" -}}
{{- $host = include "temporal.name" (dict "root" $ "of" "postgres") -}}
{{- end -}}
{{- if not $secret -}}
{{- fail (printf "database.secret.name is empty: name the Secret with the key %s, in which the password is" $v.secret.passwordKey) -}}
{{- end -}}
{{- if eq $v.name $v.visibilityName -}}
{{- fail (printf "database.name and database.visibilityName are both %q: Temporal's two schemas need a database each" $v.name) -}}
{{- end -}}
{{- if and $tls.enabled (ne (empty $tls.certKey) (empty $tls.keyKey)) -}}
{{- fail "database.tls.certKey and keyKey belong together: give both, or none" -}}
{{- end -}}
{{- if and (not $tls.enabled) (or $tls.caKey $tls.certKey $tls.keyKey $v.tls.secretName) -}}
{{- fail "database.tls names files of a certificate, but database.tls.enabled is false: the connection would not be encrypted" -}}
{{- end -}}
{{- $port := ternary $v.port 5432 (eq $v.mode "external") -}}
{{- dict "host" $host "port" $port "username" $v.username "fromSecret" $fromSecret "secret" $secret "tls" $tls | toJson -}}
{{- end }}

{{/* The connection in the environment of a container: DATABASE_*, SQL_* for TLS, ES_* for Elasticsearch. */}}
{{- define "temporal.databaseEnv" -}}
{{- $c := include "temporal.connection" . | fromJson -}}
{{- $keys := .Values.database.secret -}}
{{- $es := .Values.visibility.elasticsearch -}}
- name: DATABASE_HOST
  {{- if $c.fromSecret }}
  valueFrom: { secretKeyRef: { name: {{ $c.secret }}, key: {{ $keys.hostKey }} } }
  {{- else }}
  value: {{ $c.host | quote }}
  {{- end }}
- name: DATABASE_PORT_DEFAULT
  value: {{ $c.port | int64 | toString | quote }}
{{- if $c.fromSecret }}
- name: DATABASE_PORT
  valueFrom: { secretKeyRef: { name: {{ $c.secret }}, key: {{ $keys.portKey }}, optional: true } }
{{- end }}
{{- with $c.username }}
- name: DATABASE_USER_DEFAULT
  value: {{ . | quote }}
{{- end }}
{{- if or $c.fromSecret (not $c.username) }}
- name: DATABASE_USER
  valueFrom: { secretKeyRef: { name: {{ $c.secret }}, key: {{ $keys.usernameKey }}, optional: {{ not (empty $c.username) }} } }
{{- end }}
- name: DATABASE_PASSWORD
  valueFrom: { secretKeyRef: { name: {{ $c.secret }}, key: {{ $keys.passwordKey }} } }
{{- if $c.tls.enabled }}
- name: SQL_TLS_ENABLED
  value: "true"
- name: SQL_HOST_VERIFICATION
  value: {{ $c.tls.verify | quote }}
- name: SQL_CA
  value: {{ ternary "/run/secrets/database/ca.crt" "" (not (empty $c.tls.caKey)) | quote }}
- name: SQL_CERT
  value: {{ ternary "/run/secrets/database/tls.crt" "" (not (empty $c.tls.certKey)) | quote }}
- name: SQL_CERT_KEY
  value: {{ ternary "/run/secrets/database/tls.key" "" (not (empty $c.tls.keyKey)) | quote }}
{{- end }}
{{- if eq .Values.visibility.store "elasticsearch" }}
- name: ES_URL
  value: {{ $es.url | trimSuffix "/" | quote }}
- name: ES_VERSION
  value: {{ $es.version | quote }}
- name: ES_VIS_INDEX
  value: {{ $es.index | quote }}
{{- with $es.secret.name }}
{{- if $es.secret.usernameKey }}
- name: ES_USER
  valueFrom: { secretKeyRef: { name: {{ . }}, key: {{ $es.secret.usernameKey }} } }
{{- end }}
- name: ES_PWD
  valueFrom: { secretKeyRef: { name: {{ . }}, key: {{ $es.secret.passwordKey }} } }
{{- end }}
{{- if $es.username }}
- name: ES_USER
  value: {{ $es.username | quote }}
{{- end }}
{{- end }}
{{- end }}

{{/* What is wrong with the values of Elasticsearch; nothing where it is not used. */}}
{{- define "temporal.checkVisibility" -}}
{{- $es := .Values.visibility.elasticsearch -}}
{{- if eq .Values.visibility.store "elasticsearch" -}}
{{- if not $es.url -}}
{{- fail "visibility.elasticsearch.url is empty: visibility.store elasticsearch needs its address, as http://elasticsearch:9200" -}}
{{- end -}}
{{- if and $es.username $es.secret.usernameKey -}}
{{- fail "visibility.elasticsearch: username and secret.usernameKey exclude each other, give one" -}}
{{- end -}}
{{- if and $es.username (not $es.secret.name) -}}
{{- fail "visibility.elasticsearch.secret.name is empty: username is given, so name the Secret with its password" -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* Names of databases, for temporal-sql-tool's scripts. */}}
{{- define "temporal.databaseNames" -}}
- name: DATABASE_NAME
  value: {{ .Values.database.name | quote }}
- name: DATABASE_VISIBILITY
  value: {{ .Values.database.visibilityName | quote }}
{{- end }}

{{/* Files with which the database is reached: a volume, where there are any. */}}
{{- define "temporal.databaseVolume" -}}
{{- $tls := (include "temporal.connection" . | fromJson).tls -}}
{{- if and $tls.enabled (or $tls.caKey $tls.certKey) -}}
- name: database
  secret:
    secretName: {{ $tls.secret }}
    defaultMode: 288 # 0440
    items:
      {{- range $path, $key := dict "ca.crt" $tls.caKey "tls.crt" $tls.certKey "tls.key" $tls.keyKey }}
      {{- if $key }}
      - { key: {{ $key }}, path: {{ $path }} }
      {{- end }}
      {{- end }}
{{- end }}
{{- end }}

{{- define "temporal.databaseMount" -}}
{{- if include "temporal.databaseVolume" . -}}
- name: database
  mountPath: /run/secrets/database
  readOnly: true
{{- end }}
{{- end }}

{{/* Secrets by which servers reach what they store in: list of name, keys. */}}
{{- define "temporal.storeSecrets" -}}
{{- $c := include "temporal.connection" . | fromJson -}}
{{- $keys := .Values.database.secret -}}
{{- $used := list $keys.passwordKey -}}
{{- if $c.fromSecret }}{{ $used = concat $used (list $keys.hostKey $keys.portKey $keys.usernameKey) }}{{ else if not $c.username }}{{ $used = append $used $keys.usernameKey }}{{ end -}}
- name: {{ $c.secret }}
  keys: {{ $used | toJson }}
{{- if include "temporal.databaseVolume" . }}
- name: {{ $c.tls.secret }}
  keys: {{ compact (list $c.tls.caKey $c.tls.certKey $c.tls.keyKey) | toJson }}
{{- end }}
{{- $es := .Values.visibility.elasticsearch.secret }}
{{- if and (eq .Values.visibility.store "elasticsearch") $es.name }}
- name: {{ $es.name }}
  keys: {{ compact (list $es.passwordKey $es.usernameKey) | toJson }}
{{- end }}
{{- end }}
