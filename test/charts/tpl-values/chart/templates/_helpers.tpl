{{- define "tpl.host" -}}{{ tpl (first .Values.ingress.hosts) . }}{{- end -}}
{{- define "tpl.render" -}}
{{- $text := typeIs "string" .value | ternary .value (.value | toYaml) -}}
{{- tpl $text .context -}}
{{- end -}}
