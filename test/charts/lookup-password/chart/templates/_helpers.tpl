{{- define "password.of" -}}
{{- $found := (lookup "v1" "Secret" .context.Release.Namespace .context.Release.Name).data | default dict -}}
{{- if hasKey $found .key -}}
{{- get $found .key -}}
{{- else -}}
{{- randAlphaNum 16 | b64enc -}}
{{- end -}}
{{- end -}}
