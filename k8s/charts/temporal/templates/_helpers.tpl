{{/* The name of an object. Arguments: root, of (frontend, web, ...). */}}
{{- define "temporal.name" -}}
{{- printf "%s-%s" .root.Values.namePrefix .of -}}
{{- end }}

{{/*
Labels of an object. Arguments: root, of (the component; its app.kubernetes.io/name is PREFIX-of).
The chart version may stand here: metadata of these objects never restarts a pod.
*/}}
{{- define "temporal.labels" -}}
{{ include "temporal.podLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- with .root.Values.global.labels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* What an object is. Nothing here may change when the chart's version does. Same arguments. */}}
{{- define "temporal.podLabels" -}}
{{ include "temporal.selector" . }}
app.kubernetes.io/component: {{ .of }}
app.kubernetes.io/part-of: temporal
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end }}

{{/* The selector of a workload: immutable in Kubernetes, so exactly one label that never changes. Same arguments. */}}
{{- define "temporal.selector" -}}
app.kubernetes.io/name: {{ include "temporal.name" . }}
{{- end }}

{{/* Name, namespace and labels. Arguments: root, of (the component), name (default: the component's). */}}
{{- define "temporal.metadata" -}}
name: {{ .name | default (include "temporal.name" .) }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "temporal.labels" . | nindent 2 }}
{{- end }}

{{/* image: and imagePullPolicy: of a container. Arguments: root, image (repository, tag, digest), path (of the value, for the message). */}}
{{- define "temporal.image" -}}
{{- $v := .image -}}
{{- if not (or $v.tag $v.digest) -}}
{{- fail (printf "%s has neither a tag nor a digest, so Kubernetes would run :latest" .path) -}}
{{- end -}}
{{- $registry := .root.Values.global.imageRegistry | default "" | trimSuffix "/" -}}
{{- $host := regexFind "^[^/]+/" $v.repository -}}
{{- $repository := $v.repository -}}
{{- if and $registry (not (regexMatch "^(localhost/|.*[.:])" $host)) }}{{ $repository = printf "%s/%s" $registry $repository }}{{ end -}}
image: {{ ternary (printf "%s@%s" $repository $v.digest) (printf "%s:%s" $repository $v.tag) (not (empty $v.digest)) | quote }}
imagePullPolicy: {{ .root.Values.global.imagePullPolicy }}
{{- end }}

{{- define "temporal.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default .Values.namePrefix -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end }}

{{/* Where a pod runs: what the component says, else what is said for all. Arguments: root, of, values (scheduling), spread (bool). */}}
{{- define "temporal.scheduling" -}}
{{- $own := .values.scheduling -}}
{{- $all := .root.Values.global -}}
{{- with $own.nodeSelector | default $all.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $own.tolerations | default $all.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $own.affinity | default $all.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $own.priorityClassName | default $all.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- $selector := dict "matchLabels" (include "temporal.selector" . | fromYaml) -}}
{{- $spread := list -}}
{{- if .spread }}{{ $spread = $own.topologySpreadConstraints | default $all.topologySpreadConstraints }}{{ end -}}
{{- with $spread }}
topologySpreadConstraints:
  {{- range . }}
  - {{ merge (dict) . (dict "labelSelector" $selector) | toJson }}
  {{- end }}
{{- end }}
{{- end }}

{{/* What every pod has in common. Arguments: root, of, values (its scheduling), uid (also group and fsGroup), spread, account (default: the chart's). */}}
{{- define "temporal.podFields" -}}
serviceAccountName: {{ .account | default (include "temporal.serviceAccountName" .root) }}
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
{{- with include "temporal.scheduling" . | trim }}
{{ . }}
{{- end }}
{{- end }}

{{- define "temporal.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* Shell scripts out of files/, as one argument of a shell, without their comments. Arguments: root, names. */}}
{{- define "temporal.script" -}}
{{- $text := "" -}}
{{- range .names }}{{ $text = printf "%s%s" $text ($.root.Files.Get (printf "files/%s.sh" .)) }}{{ end -}}
{{- regexReplaceAll "(?m)^ *#.*\n" $text "" | trim -}}
{{- end }}

{{/*
Annotations of a pod: its own, and one for each Secret, by the revision in which a key that it uses last changed, never by its
content: a hash of a short password could be guessed. Arguments: root, values (podAnnotations), secrets (list of name, keys), more (map).
*/}}
{{- define "temporal.podAnnotations" -}}
{{- $made := dict -}}
{{- range $secret := .secrets -}}
{{- $known := index $.root.Values.secretRevisions $secret.name | default dict -}}
{{- $name := printf "forge.api-forge.io/secret-%s" $secret.name -}}
{{- $latest := index $made $name | default "0" | int64 -}}
{{- range $secret.keys }}{{ $latest = max $latest (index $known . | default 0 | int64) }}{{ end -}}
{{- $_ := set $made $name ($latest | toString) -}}
{{- end -}}
{{- with merge (dict) .values.podAnnotations (.more | default dict) $made }}{{ toYaml . }}{{ end -}}
{{- end }}

{{/*
A Job. Arguments: root, of, values (backoffLimit, activeDeadlineSeconds, podAnnotations), pod (its rendered pod spec), hook (bool).
A Job's template is immutable, so its name carries a hash of it: a changed template is a new Job, which runs; everything else is
the same Job, which does not. The two limits are mutable and stand outside the hash. The Job stays when it is done (no
ttlSecondsAfterFinished), else the next deploy would make and run it again.
*/}}
{{- define "temporal.job" -}}
{{- $labels := include "temporal.podLabels" . | fromYaml -}}
{{- $hash := list $labels .values.podAnnotations (.pod | fromYaml) | toJson | sha256sum | trunc 8 -}}
{{- $name := include "temporal.name" . -}}
apiVersion: batch/v1
kind: Job
metadata:
  {{- include "temporal.metadata" (dict "root" .root "of" .of "name" (ternary $name (printf "%s-%s" $name $hash) (.hook | default false))) | nindent 2 }}
  {{- if .hook }}
  annotations:
    helm.sh/hook: pre-install,pre-upgrade
    helm.sh/hook-delete-policy: before-hook-creation
  {{- end }}
spec:
  backoffLimit: {{ .values.backoffLimit }}
  activeDeadlineSeconds: {{ .values.activeDeadlineSeconds }}
  template:
    metadata:
      labels:
        {{- toYaml $labels | nindent 8 }}
      {{- with .values.podAnnotations }}
      annotations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      {{- .pod | nindent 6 }}
{{- end }}

{{/* A PodDisruptionBudget. Arguments: root, of, values (podDisruptionBudget, replicas, autoscaling). */}}
{{- define "temporal.disruptionBudget" -}}
{{- $v := .values.podDisruptionBudget -}}
{{- if $v.enabled -}}
{{- $auto := .values.autoscaling | default (dict "enabled" false "minReplicas" 0) -}}
{{- $lowest := ternary $auto.minReplicas .values.replicas $auto.enabled | int -}}
{{- if and $v.minAvailable $v.maxUnavailable -}}
{{- fail (printf "%s.podDisruptionBudget: minAvailable and maxUnavailable exclude each other, give one" .path) -}}
{{- end -}}
{{- if and $v.minAvailable (ge (int $v.minAvailable) $lowest) -}}
{{- fail (printf "%s.podDisruptionBudget.minAvailable is %v with %d replicas: no node could be drained; give fewer, or maxUnavailable" .path $v.minAvailable $lowest) -}}
{{- end -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "temporal.metadata" . | nindent 2 }}
spec:
  {{- if $v.minAvailable }}
  minAvailable: {{ $v.minAvailable }}
  {{- else }}
  maxUnavailable: {{ $v.maxUnavailable | default 1 }}
  {{- end }}
  # A pod that is not ready serves nobody, and must not block a drain.
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "temporal.selector" . | nindent 6 }}
{{- end }}
{{- end }}

{{/* An HPA for a Deployment whose replicas field is then left out. Arguments: root, of, autoscaling. */}}
{{- define "temporal.autoscaler" -}}
{{- $v := .autoscaling -}}
{{- if $v.enabled -}}
{{- if gt (int $v.minReplicas) (int $v.maxReplicas) -}}
{{- fail (printf "%s.autoscaling: minReplicas (%v) is greater than maxReplicas (%v)" .of $v.minReplicas $v.maxReplicas) -}}
{{- end -}}
{{- if not (or $v.targetCPUUtilizationPercentage $v.targetMemoryUtilizationPercentage) -}}
{{- fail (printf "%s.autoscaling.enabled is true but no target is set: give targetCPUUtilizationPercentage" .of) -}}
{{- end -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  {{- include "temporal.metadata" . | nindent 2 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ include "temporal.name" . }}
  minReplicas: {{ $v.minReplicas }}
  maxReplicas: {{ $v.maxReplicas }}
  metrics:
    {{- range $resource, $target := dict "cpu" $v.targetCPUUtilizationPercentage "memory" $v.targetMemoryUtilizationPercentage }}
    {{- with $target }}
    - type: Resource
      resource:
        name: {{ $resource }}
        target:
          type: Utilization
          averageUtilization: {{ . }}
    {{- end }}
    {{- end }}
{{- end }}
{{- end }}

{{/*
Annotations of a Service of type LoadBalancer: those with which MetalLB gives frontend and web one address, then its own.
Arguments: root, values (loadBalancer: annotations).
*/}}
{{- define "temporal.loadBalancerAnnotations" -}}
{{- $shared := .root.Values.loadBalancer -}}
{{- $generations := list -}}
{{- if has $shared.metallb (list "metallb.io" "both") }}{{ $generations = append $generations "metallb.io" }}{{ end -}}
{{- if has $shared.metallb (list "metallb.universe.tf" "both") }}{{ $generations = append $generations "metallb.universe.tf" }}{{ end -}}
{{- $made := dict -}}
{{- range $generations -}}
{{- if $shared.address }}{{ $_ := set $made (printf "%s/loadBalancerIPs" .) $shared.address }}{{ end -}}
{{- if $shared.sharingKey }}{{ $_ := set $made (printf "%s/allow-shared-ip" .) $shared.sharingKey }}{{ end -}}
{{- end -}}
{{- with merge (dict) .values.loadBalancer.annotations $made }}{{ toYaml . }}{{ end -}}
{{- end }}

{{/* A Service of type LoadBalancer. Arguments: root, of, values (loadBalancer: port, annotations), port (its name, here and in the pod), backend (whose pods). */}}
{{- define "temporal.loadBalancer" -}}
{{- $shared := .root.Values.loadBalancer -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "temporal.metadata" (dict "root" .root "of" .of "name" (printf "%s-lb" (include "temporal.name" .))) | nindent 2 }}
  {{- with include "temporal.loadBalancerAnnotations" . }}
  annotations:
    {{- . | nindent 4 }}
  {{- end }}
spec:
  type: LoadBalancer
  {{- with $shared.class }}
  loadBalancerClass: {{ . }}
  {{- end }}
  externalTrafficPolicy: {{ $shared.externalTrafficPolicy }}
  {{- with $shared.sourceRanges }}
  loadBalancerSourceRanges:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  selector:
    {{- include "temporal.selector" (dict "root" .root "of" .backend) | nindent 4 }}
  ports:
    - name: {{ .port }}
      port: {{ .values.loadBalancer.port }}
      targetPort: {{ .port }}
      protocol: TCP
{{- end }}
