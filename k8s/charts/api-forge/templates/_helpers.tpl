{{/*
Labels of an object. Arguments: root, name, component (default: name).
The chart version may stand here: metadata of these objects never restarts a pod.
*/}}
{{- define "api-forge.labels" -}}
{{ include "api-forge.ownLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- with .root.Values.global.labels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* What an object is. Nothing here may change when the chart's version does. Same arguments. */}}
{{- define "api-forge.ownLabels" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/component: {{ .component | default .name }}
app.kubernetes.io/part-of: api-forge
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end }}

{{/* Labels of a pod: the selector's, and either the chart's own or those of podLabels. Same arguments. */}}
{{- define "api-forge.podLabels" -}}
{{- if hasKey .root.Values.podLabels .name -}}
{{ include "api-forge.selector" .name }}
{{- with index .root.Values.podLabels .name }}
{{ toYaml . }}
{{- end }}
{{- else -}}
{{ include "api-forge.ownLabels" . }}
{{- end }}
{{- end }}

{{/* Name, namespace and labels. Arguments: root, name (of the object), app (its app.kubernetes.io/name; default: name), component. */}}
{{- define "api-forge.metadata" -}}
{{- $app := .app | default .name -}}
name: {{ .name }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "api-forge.labels" (dict "root" .root "name" $app "component" .component) | nindent 2 }}
{{- end }}

{{/* The selector of a workload: immutable in Kubernetes, so exactly one label that never changes. Argument: name. */}}
{{- define "api-forge.selector" -}}
app.kubernetes.io/name: {{ . }}
{{- end }}

{{/*
An image reference. Arguments: root, value, path (of the value, for the message).
An untagged reference would silently run :latest. The global registry is not put before a reference that names its own.
*/}}
{{- define "api-forge.image" -}}
{{- $ref := .value | default "" | trim -}}
{{- if not $ref -}}
{{- fail (printf "%s is empty: give an image reference with a tag or a digest" .path) -}}
{{- else if not (regexMatch "(:[^/:@]+|@[a-z0-9]+:[0-9a-f]{32,})$" $ref) -}}
{{- fail (printf "%s: %q has neither a tag nor a digest, so Kubernetes would run :latest" .path $ref) -}}
{{- end -}}
{{- $registry := .root.Values.global.imageRegistry | default "" | trimSuffix "/" -}}
{{- $host := regexFind "^[^/]+/" $ref -}}
{{- if and $registry (not (regexMatch "^(localhost/|.*[.:])" $host)) -}}
{{- printf "%s/%s" $registry $ref -}}
{{- else -}}
{{- $ref -}}
{{- end -}}
{{- end }}

{{/* image: and imagePullPolicy: of a container. Arguments as above. */}}
{{- define "api-forge.imageFields" -}}
image: {{ include "api-forge.image" . | quote }}
imagePullPolicy: {{ .root.Values.global.imagePullPolicy }}
{{- end }}

{{/* What every pod has in common. Arguments: root, app (its name), uid (also group and fsGroup). */}}
{{- define "api-forge.podFields" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: {{ .uid | int64 }}
  runAsGroup: {{ .uid | int64 }}
  # Files of secrets belong to root; the group makes them readable without making them world-readable.
  fsGroup: {{ .uid | int64 }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- with .root.Values.global.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with index .root.Values.scheduling .app }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Security context of a container. Argument: whether it needs to write to its own root file system. */}}
{{- define "api-forge.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: {{ not . }}
capabilities:
  drop: [ALL]
{{- end }}

{{/*
The data of one ConfigMap, as JSON: what is given, and of needed keys that are not the chart's own file, where it has one.
Arguments: root, name, keys (needed; may be empty).
*/}}
{{- define "api-forge.configMapValues" -}}
{{- $data := dict -}}
{{- range $key := .keys -}}
{{- $file := $key -}}
{{- if and (eq $key "pg_hba.conf") (not $.root.Values.postgresql.tls.enabled) }}{{ $file = "pg_hba.without-tls.conf" }}{{ end -}}
{{- with $.root.Files.Get (printf "files/%s/%s" $.name $file) }}{{ $_ := set $data $key . }}{{ end -}}
{{- end -}}
{{- merge (dict) (index .root.Values.configMaps .name | default dict) $data | toJson -}}
{{- end }}

{{/*
The same, as the lines of a ConfigMap. Arguments: as above, for (who needs it).
Every value is written as a JSON string, which YAML reads back byte for byte.
*/}}
{{- define "api-forge.configMapData" -}}
{{- $data := include "api-forge.configMapValues" . | fromJson -}}
{{- $hint := printf "%s needs it; forge fills it from releases.<name>.configMaps.%s in forge.yaml" .for .name -}}
{{- if not $data -}}
{{- fail (printf "configMaps.%s is missing: %s" .name $hint) -}}
{{- end -}}
{{- range .keys -}}
{{- if not (hasKey $data .) -}}
{{- fail (printf "configMaps.%s[%q] is missing: %s" $.name . $hint) -}}
{{- end -}}
{{- end -}}
{{- range $key, $value := $data }}
{{ $key | toJson }}: {{ $value | toJson }}
{{- end }}
{{- end }}

{{/* A whole ConfigMap. Arguments: as above, component. */}}
{{- define "api-forge.configMap" -}}
apiVersion: v1
kind: ConfigMap
metadata:
  {{- include "api-forge.metadata" (dict "root" .root "name" .name "app" .component) | nindent 2 }}
data:
  {{- include "api-forge.configMapData" . | trim | nindent 2 }}
{{- end }}

{{/* Hash of the keys of a ConfigMap that a pod uses. Arguments: root, name, keys (none: all of them). */}}
{{- define "api-forge.configHash" -}}
{{- $data := include "api-forge.configMapValues" . | fromJson -}}
{{- $used := dict -}}
{{- range $key, $value := $data -}}
{{- if or (not $.keys) (has $key $.keys) -}}
{{- $_ := set $used $key $value -}}
{{- end -}}
{{- end -}}
{{- $used | toJson | sha256sum | trunc 16 -}}
{{- end }}

{{/*
Annotations that restart a pod when, and only when, something that it uses has changed. Arguments: root,
configs (list of name, keys), secrets (list of name, keys, folder). A secret counts by the revision in which one of these
keys last changed, never by its content: a hash of a short password could be guessed.
*/}}
{{- define "api-forge.consumes" -}}
{{- $root := .root -}}
{{- range .configs }}
forge.api-forge.io/configmap-{{ .name }}: {{ include "api-forge.configHash" (dict "root" $root "name" .name "keys" .keys) | quote }}
{{- end }}
{{- $revisions := dict -}}
{{- range $secret := .secrets -}}
{{- $known := index $root.Values.secretRevisions $secret.name | default dict -}}
{{- $latest := index $revisions $secret.name | default 0 -}}
{{- range $secret.keys -}}
{{- $latest = max $latest (index $known . | default 0 | int64) -}}
{{- end -}}
{{- $_ := set $revisions $secret.name $latest -}}
{{- end -}}
{{- range $name, $revision := $revisions }}
forge.api-forge.io/secret-{{ $name }}: {{ $revision | toString | quote }}
{{- end }}
{{- end }}

{{/*
One volume with every secret file of a pod, mounted at /run/secrets. Argument: list of name, keys, folder.
A projected volume instead of subPath mounts, because those never see an update.
*/}}
{{- define "api-forge.secretsVolume" -}}
- name: secrets
  projected:
    defaultMode: 288 # 0440
    sources:
      {{- range $secret := . }}
      - secret:
          name: {{ $secret.name }}
          items:
            {{- range $secret.keys }}
            - key: {{ . }}
              path: {{ with $secret.folder }}{{ . }}/{{ end }}{{ . }}
            {{- end }}
      {{- end }}
{{- end }}

{{/* Keys of a ConfigMap as a volume. Arguments: name (of the volume), configMap, keys, mode (decimal). */}}
{{- define "api-forge.configVolume" -}}
- name: {{ .name }}
  configMap:
    name: {{ .configMap }}
    defaultMode: {{ .mode | default 292 }}
    items:
      {{- range .keys }}
      - key: {{ . }}
        path: {{ . }}
      {{- end }}
{{- end }}

{{/* A volume that is a claim, or an emptyDir where persistence is off. Arguments: name, claim, persistence. */}}
{{- define "api-forge.dataVolume" -}}
- name: {{ .name }}
  {{- if .persistence.enabled }}
  persistentVolumeClaim:
    claimName: {{ .claim }}
  {{- else }}
  emptyDir: {}
  {{- end }}
{{- end }}

{{/* A claim that outlives the release. Arguments: root, name, component, persistence (accessModes, storageClass, size). */}}
{{- define "api-forge.claim" -}}
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  {{- include "api-forge.metadata" (dict "root" .root "name" .name "app" .component) | nindent 2 }}
  annotations:
    helm.sh/resource-policy: keep
spec:
  accessModes: {{ .persistence.accessModes | default (list "ReadWriteOnce") | toJson }}
  {{- with .persistence.storageClass }}
  storageClassName: {{ . }}
  {{- end }}
  resources:
    requests:
      storage: {{ .persistence.size }}
{{- end }}

{{/*
The rules of a wait: a limit, a line that says what is awaited, a line when it is over. Arguments: for (what people call it),
until (a shell condition). FORGE_WAIT_SECONDS is in the environment. Without the trap a shell that is process 1 ignores
SIGTERM, and a pod deleted while it waits would take its whole grace period.
*/}}
{{- define "api-forge.waitScript" -}}
trap 'exit 143' TERM
limit=$(( $(date +%s) + FORGE_WAIT_SECONDS ))
echo "waiting for {{ .for }}, at most $FORGE_WAIT_SECONDS s"
until {{ .until }}; do
  if [ "$(date +%s)" -ge "$limit" ]; then
    echo "gave up after $FORGE_WAIT_SECONDS s: {{ .for }} is not there" >&2
    exit 1
  fi
  sleep 0.5
done
echo "{{ .for }} is there"
{{- end }}

{{/* An init container that waits for a Service to have a ready endpoint. Arguments: root, service, port, seconds, for. */}}
{{- define "api-forge.waitForService" -}}
{{- $for := printf "%s (%s:%v)" .for .service .port -}}
{{- $until := printf "nc -z -w 2 %s %v >/dev/null 2>&1" .service .port -}}
- name: wait-for-{{ .service }}
  {{- include "api-forge.imageFields" (dict "root" .root "value" .root.Values.waits.image "path" "waits.image") | nindent 2 }}
  command: [/bin/sh, -ec]
  args:
    - |
      {{- include "api-forge.waitScript" (dict "for" $for "until" $until) | nindent 6 }}
  env:
    - name: FORGE_WAIT_SECONDS
      value: {{ .seconds | int64 | toString | quote }}
  securityContext:
    {{- include "api-forge.containerSecurity" false | nindent 4 }}
  resources:
    {{- toYaml .root.Values.waits.resources | nindent 4 }}
{{- end }}

{{/* How a client (psql, libpq) reaches PostgreSQL securely. Argument: root. */}}
{{- define "api-forge.pgClientEnv" -}}
{{- if .Values.postgresql.tls.enabled -}}
- name: PGSSLMODE
  value: verify-full
- name: PGSSLROOTCERT
  value: /run/secrets/postgres-ca/ca-bundle.crt
{{- else -}}
- name: PGSSLMODE
  value: disable
{{- end }}
{{- end }}

{{/*
A Job. Arguments: root, name (the base), component, values (backoffLimit, activeDeadlineSeconds), pod (its rendered pod spec), scripts
(hash of what it runs). A Job's template is immutable, so its name carries a hash of it: a changed template or script is a
new Job, which runs; everything else is the same Job, which does not. The two limits are mutable and stand outside the hash.
The Job stays when it is done (no ttlSecondsAfterFinished), else the next deploy would make and run it again.
*/}}
{{- define "api-forge.job" -}}
{{- $labels := include "api-forge.podLabels" (dict "root" .root "name" .name "component" .component) | fromYaml -}}
{{- $hash := list $labels (.pod | fromYaml) .scripts | toJson | sha256sum | trunc 8 -}}
apiVersion: batch/v1
kind: Job
metadata:
  {{- include "api-forge.metadata" (dict "root" .root "name" (printf "%s-%s" .name $hash) "app" .name "component" .component) | nindent 2 }}
spec:
  backoffLimit: {{ .values.backoffLimit }}
  activeDeadlineSeconds: {{ .values.activeDeadlineSeconds }}
  template:
    metadata:
      labels:
        {{- toYaml $labels | nindent 8 }}
    spec:
      {{- .pod | nindent 6 }}
{{- end }}
