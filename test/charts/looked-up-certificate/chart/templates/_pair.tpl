{{- define "serving.pair" -}}
{{- $old := lookup "v1" "Secret" .Release.Namespace "serving" -}}
{{- if $old -}}
{{ index $old.data "tls.crt" }} {{ index $old.data "tls.key" }}
{{- else -}}
{{- with genSelfSignedCert "web" nil (list "web") 365 }}{{ .Cert | b64enc }} {{ .Key | b64enc }}{{ end }}
{{- end -}}
{{- end -}}
