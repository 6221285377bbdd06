{{/* Settings of the sections that are on, as JSON: variable to text. A section that is off says nothing. */}}
{{- define "temporal-worker.sections" -}}
{{- $v := .Values -}}
{{- $all := dict -}}
{{- with $v.database -}}
{{- if .enabled -}}
{{- $host := required "database.enabled is true but database.host is empty: give the host of the database" .host -}}
{{- $_ := merge $all (dict "DB_HOST" $host "DB_PORT" (.port | int64 | toString) "DB_NAME_SERVER" .name "DB_USER_SERVER" .user "DB_USER_ADMIN" .adminUser) -}}
{{- end -}}
{{- end -}}
{{- with $v.application -}}
{{- if .enabled -}}
{{- $_ := merge $all (dict "NODE_ENV" .nodeEnv "LOG_LEVEL" .logLevel) -}}
{{- with .url }}{{ $_ := set $all "APPLICATION_URL" . }}{{ end -}}
{{- with .nmstoreBaseUrl }}{{ $_ := set $all "NMSTORE_BASE_URL" . }}{{ end -}}
{{- end -}}
{{- end -}}
{{- with $v.encryption -}}
{{- if .enabled -}}
{{- range $name, $number := dict "SALT_BYTES" .saltBytes "ITERATIONS" .iterations "KEY_LENGTH" .keyLength -}}
{{- $_ := set $all $name ($number | int64 | toString) -}}
{{- end -}}
{{- $_ := set $all "ALGORITHM" .algorithm -}}
{{- end -}}
{{- end -}}
{{- $all | toJson -}}
{{- end }}

{{/* Secrets of the sections that are on, as JSON: variable to where it comes from. `path` is where that stands in the values. */}}
{{- define "temporal-worker.sectionSecrets" -}}
{{- $v := .Values -}}
{{- $all := dict -}}
{{- range list (list "DB_PASSWORD_SERVER" "database" "password") (list "DB_PASSWORD_ADMIN" "database" "adminPassword") (list "RESEND_API_KEY" "application" "resendApiKey") -}}
{{- $section := index $v (index . 1) -}}
{{- $from := index $section (index . 2) -}}
{{- if and $section.enabled $from -}}
{{- $_ := set $all (index . 0) (merge (dict "path" (printf "%s.%s" (index . 1) (index . 2))) $from) -}}
{{- end -}}
{{- end -}}
{{- $all | toJson -}}
{{- end }}

{{/* All variables that come from a key of a Secret, as JSON: variable to `{secret, key, optional}`. */}}
{{- define "temporal-worker.secretEnv" -}}
{{- merge (dict) .Values.secrets.env (include "temporal-worker.sectionSecrets" . | fromJson) | toJson -}}
{{- end }}

{{/* One variable that comes from a key of a Secret. Arguments: name, from. */}}
{{- define "temporal-worker.variable" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      name: {{ .from.secret }}
      key: {{ .from.key }}
      {{- if .from.optional }}
      optional: true
      {{- end }}
{{- end }}

{{/* Secrets that become the environment whole, as a list. */}}
{{- define "temporal-worker.wholeSecrets" -}}
{{- range .Values.secrets.existing }}
- secretRef:
    name: {{ . }}
{{- end }}
{{- if .Values.secrets.local }}
- secretRef:
    name: {{ include "temporal-worker.fullname" . }}
{{- end }}
{{- end }}

{{/* A variable that is given twice, where nobody could tell which of the two holds. */}}
{{- define "temporal-worker.checkVariables" -}}
{{- $v := .Values -}}
{{- $sections := include "temporal-worker.sectionSecrets" . | fromJson -}}
{{- range $name, $_ := $v.secrets.local -}}
{{- if hasKey $v.secrets.env $name -}}
{{- fail (printf "secrets.local.%s and secrets.env.%s are the same variable: give one" $name $name) -}}
{{- end -}}
{{- end -}}
{{- range $name, $from := $sections -}}
{{- range $where, $given := dict "secrets.env" $v.secrets.env "secrets.local" $v.secrets.local -}}
{{- if hasKey $given $name -}}
{{- fail (printf "%s and %s.%s are the same variable: give one" $from.path $where $name) -}}
{{- end -}}
{{- end -}}
{{- range $file, $secret := ternary $v.vault.files (dict) $v.vault.enabled -}}
{{- if hasKey $secret.env $name -}}
{{- fail (printf "%s and vault.files.%s.env.%s are the same variable: give one" $from.path $file $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $name, $_ := $v.env -}}
{{- if or (hasKey $v.secrets.env $name) (hasKey $v.secrets.local $name) (hasKey $sections $name) -}}
{{- fail (printf "env.%s is given as a secret too: give it once" $name) -}}
{{- end -}}
{{- end -}}
{{- end }}
