{{/* Name of every object. As `helm create` has it; 53 letters, as a release has, leave room for what Kubernetes puts behind it. */}}
{{- define "temporal-worker.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else -}}
{{- $name := .Values.nameOverride | default .Chart.Name -}}
{{- ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) | trunc 53 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{/*
What the Deployment selects by. Immutable in Kubernetes, so nothing here may name the release or the chart's version: the
worker can move from one release to another, and its pods go on.
*/}}
{{- define "temporal-worker.selector" -}}
{{- with .Values.selectorLabels -}}
{{ toYaml . }}
{{- else -}}
app.kubernetes.io/name: temporal-worker
app.kubernetes.io/instance: {{ include "temporal-worker.fullname" . }}
{{- end }}
{{- end }}

{{/* Labels of a pod: the selector's, what it is, and those that are given. */}}
{{- define "temporal-worker.podLabels" -}}
{{- $own := dict "app.kubernetes.io/component" "temporal-worker" -}}
{{- merge (dict) (include "temporal-worker.selector" . | fromYaml) .Values.podLabels $own | toYaml -}}
{{- end }}

{{/* Namespace and labels of an object. Metadata restarts no pod, so the release and the version may stand here. */}}
{{- define "temporal-worker.place" -}}
namespace: {{ .Release.Namespace }}
labels:
  app.kubernetes.io/name: temporal-worker
  app.kubernetes.io/component: temporal-worker
  app.kubernetes.io/instance: {{ .Release.Name }}
  app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
  app.kubernetes.io/managed-by: {{ .Release.Service }}
  helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
  {{- with .Values.global.labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{/* The same, and the name that all objects have. */}}
{{- define "temporal-worker.metadata" -}}
name: {{ include "temporal-worker.fullname" . }}
{{ include "temporal-worker.place" . }}
{{- end }}

{{/*
An image reference. Arguments: root, value, path (of the value, for the message).
An untagged reference would silently run :latest. The global registry is not put before a reference that names its own.
*/}}
{{- define "temporal-worker.image" -}}
{{- $ref := .value | default "" | trim -}}
{{- if not $ref -}}
{{- fail (printf "%s is empty: give an image reference with a tag or a digest" .path) -}}
{{- else if not (regexMatch "(:[^/:@]+|@[a-z0-9]+:[0-9a-f]{32,})$" $ref) -}}
{{- fail (printf "%s: %q has neither a tag nor a digest, so Kubernetes would run :latest" .path $ref) -}}
{{- end -}}
{{- $registry := .root.Values.global.imageRegistry | default "" | trimSuffix "/" -}}
{{- if and $registry (not (regexMatch "^(localhost/|.*[.:])" (regexFind "^[^/]+/" $ref))) -}}
{{- printf "%s/%s" $registry $ref -}}
{{- else -}}
{{- $ref -}}
{{- end -}}
{{- end }}

{{/* image: and imagePullPolicy: of a container. Arguments as above. */}}
{{- define "temporal-worker.imageFields" -}}
image: {{ include "temporal-worker.image" . | quote }}
imagePullPolicy: {{ .root.Values.global.imagePullPolicy }}
{{- end }}

{{- define "temporal-worker.serviceAccountName" -}}
{{- $own := ternary (include "temporal-worker.fullname" .) "default" .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default $own -}}
{{- end }}

{{/* Settings that are no secrets, as JSON: those of the chart, over them its sections (_environment.tpl), and over all what is given. */}}
{{- define "temporal-worker.settings" -}}
{{- $t := .Values.temporal -}}
{{- $own := dict "TEMPORAL_ADDRESS" $t.address "TEMPORAL_NAMESPACE" $t.namespace "TEMPORAL_TASK_QUEUE" $t.taskQueue -}}
{{- $_ := set $own "ENABLE_HEALTH_CHECK" (toString .Values.health.enabled) -}}
{{- if .Values.health.enabled }}{{ $_ := set $own "HEALTH_CHECK_PORT" (.Values.health.port | int64 | toString) }}{{ end -}}
{{- merge (dict) .Values.env (include "temporal-worker.sections" . | fromJson) $own | toJson -}}
{{- end }}

{{/* Ports that the worker serves, as JSON: name to number. */}}
{{- define "temporal-worker.ports" -}}
{{- $ports := dict -}}
{{- if .Values.health.enabled }}{{ $_ := set $ports "health" (int64 .Values.health.port) }}{{ end -}}
{{- if .Values.metrics.enabled }}{{ $_ := set $ports "metrics" (int64 .Values.metrics.port) }}{{ end -}}
{{- if and .Values.health.enabled .Values.metrics.enabled (eq (int64 .Values.health.port) (int64 .Values.metrics.port)) -}}
{{- fail (printf "metrics.port is %d, as health.port: give each a port of its own" (int64 .Values.metrics.port)) -}}
{{- end -}}
{{- $ports | toJson -}}
{{- end }}

{{/* Annotations by which Vault's agent injector brings files that a shell can read as its environment, as YAML. */}}
{{- define "temporal-worker.vaultAnnotations" -}}
{{- $v := .Values.vault -}}
{{- $prefix := "vault.hashicorp.com/" -}}
{{- $all := dict (print $prefix "agent-inject") "true" (print $prefix "role") $v.role -}}
{{- /* The pod has no token of its own; this volume is mounted in the agent alone. */ -}}
{{- $_ := set $all (print $prefix "agent-service-account-token-volume-name") "vault-token" -}}
{{- range $file, $secret := $v.files -}}
{{- $_ := set $all (printf "%sagent-inject-secret-%s" $prefix $file) $secret.path -}}
{{- $data := ternary ".Data.data" ".Data" (contains "/data/" $secret.path) -}}
{{- $lines := list (printf "{{- with secret %q -}}" $secret.path) -}}
{{- range $name, $key := $secret.env -}}
{{- /* In single quotes a shell takes all as it is but a single quote. A key that is not there is an error, and the agent says so. */ -}}
{{- $lines = append $lines (printf `export %s='{{ index %s %q | replaceAll "'" "'\\''" }}'` $name $data $key) -}}
{{- end -}}
{{- $_ := set $all (printf "%sagent-inject-template-%s" $prefix $file) (printf "%s\n" (append $lines "{{- end }}" | join "\n")) -}}
{{- end -}}
{{- /* The injector puts its own init container last, unless told otherwise. */ -}}
{{- if .Values.verifySecrets.enabled }}{{ $_ := set $all (print $prefix "agent-init-first") "true" }}{{ end -}}
{{- range $name, $value := $v.annotations }}{{ $_ := set $all (print $prefix $name) $value }}{{ end -}}
{{- $all | toYaml -}}
{{- end }}

{{/* What is refused, because it would end in a worker that does not start, or that starts with other secrets than meant. */}}
{{- define "temporal-worker.check" -}}
{{- $v := .Values -}}
{{- if and $v.vault.enabled $v.secrets.local -}}
{{- fail "vault.enabled and secrets.local exclude each other: the secrets come from Vault or from this machine, not from both" -}}
{{- end -}}
{{- if and $v.vault.enabled (not $v.vault.files) -}}
{{- fail "vault.enabled is true but vault.files is empty: give FILE: {path: PATH, env: {NAME: KEY}}" -}}
{{- end -}}
{{- if and $v.vault.enabled (not $v.command) -}}
{{- fail "vault.enabled needs command: the files of Vault are read before it, and what the image starts is not known here" -}}
{{- end -}}
{{- if and $v.vault.enabled $v.verifySecrets.enabled (eq (get $v.vault.annotations "agent-init-first" | default "true") "false") -}}
{{- fail "verifySecrets needs Vault's agent before it: take agent-init-first out of vault.annotations" -}}
{{- end -}}
{{- include "temporal-worker.checkVariables" . -}}
{{- end }}

{{/* Probes by name, as YAML: the one that is given, or what health makes. A worker without either has none. */}}
{{- define "temporal-worker.probes" -}}
{{- $v := .Values -}}
{{- $startup := dict "periodSeconds" 1 "timeoutSeconds" 5 "failureThreshold" 120 -}}
{{- $readiness := dict "periodSeconds" 10 "timeoutSeconds" 5 "failureThreshold" 3 -}}
{{- $liveness := dict "periodSeconds" 30 "timeoutSeconds" 10 "failureThreshold" 3 -}}
{{- $ready := $v.health.readyPath | default $v.health.path -}}
{{- range list (list "startupProbe" $startup $v.health.path) (list "readinessProbe" $readiness $ready) (list "livenessProbe" $liveness $v.health.path) -}}
{{- $name := index . 0 -}}
{{- if index $v $name }}
{{ dict $name (index $v $name) | toYaml }}
{{- else if $v.health.enabled }}
{{ dict $name (merge (dict "httpGet" (dict "path" (index . 2) "port" "health")) (index . 1)) | toYaml }}
{{- end -}}
{{- end -}}
{{- end }}
