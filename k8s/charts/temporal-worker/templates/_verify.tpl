{{/*
What must be there before the worker starts, as JSON: variable to the least number of characters and where it comes from. All that the
chart brings itself, and what is named beside it.
*/}}
{{- define "temporal-worker.wanted" -}}
{{- $v := .Values -}}
{{- $all := dict -}}
{{- range $name, $_ := $v.secrets.local }}{{ $_ := set $all $name (dict "from" "secrets.local") }}{{ end -}}
{{- range $name, $from := include "temporal-worker.secretEnv" . | fromJson -}}
{{- if not $from.optional }}{{ $_ := set $all $name (dict "from" (printf "Secret %s, key %s" $from.secret $from.key)) }}{{ end -}}
{{- end -}}
{{- if $v.vault.enabled -}}
{{- range $file, $secret := $v.vault.files -}}
{{- range $name, $key := $secret.env -}}
{{- $_ := set $all $name (dict "from" (printf "Vault, %s, key %s" $secret.path $key)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $more := list }}{{ range $v.extraEnv }}{{ $more = append $more .name }}{{ end -}}
{{- range $name, $least := $v.verifySecrets.variables -}}
{{- $from := (get $all $name | default dict).from -}}
{{- if not $from }}{{ $from = ternary "extraEnv" (printf "Secret %s" (join ", " $v.secrets.existing)) (has $name $more) }}{{ end -}}
{{- if eq $from "Secret " -}}
{{- fail (printf "verifySecrets.variables.%s: nothing here brings it; give the Secret that has it to secrets.existing" $name) -}}
{{- end -}}
{{- $_ := set $all $name (dict "from" $from "least" (int64 $least)) -}}
{{- end -}}
{{- $all | toJson -}}
{{- end }}

{{- /*
Says which name lacks, and never a value. One line, the last, has all: it is what `forge` shows of a pod that does not start.
Files of Vault are read in a shell of their own first, because a shell ends at what it cannot read.
*/ -}}
{{- define "temporal-worker.verifySecrets" -}}
{{- $v := .Values -}}
{{- $wanted := include "temporal-worker.wanted" . | fromJson -}}
{{- if not (or $wanted $v.verifySecrets.files) -}}
{{- fail "verifySecrets.enabled is true but there is nothing to look for: give verifySecrets.variables as {NAME: 1}" -}}
{{- end -}}
- name: verify-secrets
  {{- include "temporal-worker.imageFields" (dict "root" . "value" $v.verifySecrets.image "path" "verifySecrets.image") | nindent 2 }}
  command: [/bin/sh, -c]
  args:
    - |
      lacking=
      lack() { lacking="${lacking:+$lacking; }$1"; }
      variable() {
        if [ -z "$3" ]; then lack "$1 is not there ($5)"; return; fi
        case $2 in
          *[![:space:]]*) [ ${#2} -ge "$4" ] || lack "$1 has fewer than $4 characters ($5)" ;;
          *) lack "$1 is empty ($5)" ;;
        esac
      }
      {{- if $v.verifySecrets.files }}
      file() {
        if [ ! -s "$1" ]; then lack "$1 is empty or not there"
        elif [ "$(wc -c <"$1")" -lt "$2" ]; then lack "$1 has fewer than $2 characters"; fi
      }
      {{- end }}
      {{- if $v.vault.enabled }}
      for file in{{ range $file, $_ := $v.vault.files }} /vault/secrets/{{ $file }}{{ end }}; do
        if [ ! -e "$file" ]; then lack "$file is not there: Vault's agent has not written it"
        elif (. "$file") >/dev/null 2>&1; then . "$file"
        else lack "$file is nothing that a shell can read"; fi
      done
      {{- end }}
      {{- range $name, $one := $wanted }}
      variable {{ $name }} "${{ "{" }}{{ $name }}-}" "${{ "{" }}{{ $name }}+set}" {{ $one.least | default 1 | int64 }} '{{ $one.from }}'
      {{- end }}
      {{- range $path, $least := $v.verifySecrets.files }}
      file '{{ $path }}' {{ int64 $least }}
      {{- end }}
      if [ -n "$lacking" ]; then
        {{- if $v.vault.enabled }}
        echo "a pod reads Vault once before it starts: after a change there delete it, and the next one reads it anew" >&2
        {{- end }}
        echo "fatal: $lacking" >&2
        exit 1
      fi
      echo "all secrets are there: {{ concat (keys $wanted) (keys $v.verifySecrets.files) | sortAlpha | join " " }}"
  {{- with include "temporal-worker.wholeSecrets" . | trim }}
  envFrom:
    {{- . | nindent 4 }}
  {{- end }}
  {{- $env := include "temporal-worker.secretEnv" . | fromJson }}
  {{- $more := list }}
  {{- range $v.extraEnv }}{{ if hasKey $wanted .name }}{{ $more = append $more . }}{{ end }}{{ end }}
  {{- if or $env $more }}
  env:
    {{- range $name, $from := $env }}
    {{- include "temporal-worker.variable" (dict "name" $name "from" $from) | nindent 4 }}
    {{- end }}
    {{- with $more }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- end }}
  securityContext:
    allowPrivilegeEscalation: false
    readOnlyRootFilesystem: true
    capabilities:
      drop: [ALL]
  resources:
    {{- toYaml $v.verifySecrets.resources | nindent 4 }}
  {{- if and $v.verifySecrets.files $v.extraVolumeMounts }}
  volumeMounts:
    {{- toYaml $v.extraVolumeMounts | nindent 4 }}
  {{- end }}
{{- end }}
