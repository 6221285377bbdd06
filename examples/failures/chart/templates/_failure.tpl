{{- /* The chosen failure; an unknown name is an error, not a stack that works. */}}
{{- define "failure" -}}
{{- if not (hasKey .Values.failures .Values.failure) -}}
{{- fail (printf "failure is one of %s" (join ", " (keys .Values.failures | sortAlpha))) -}}
{{- end -}}
{{- toJson (get .Values.failures .Values.failure) -}}
{{- end -}}

{{- define "annotations" -}}
{{- $annotations := dict -}}
{{- range $key, $value := . -}}
{{- $_ := set $annotations (printf "sandbox.forge.api-forge.io/%s" $key) $value -}}
{{- end -}}
{{- toJson $annotations -}}
{{- end -}}
