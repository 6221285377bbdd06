{{/* Which Deployments of servers there are: component, the services that it runs, path of its values. */}}
{{- define "temporal.servers" -}}
{{- if eq .Values.mode "single" -}}
- { of: server, values: single, services: [frontend, history, matching, worker] }
{{- else -}}
- { of: frontend, values: frontend, services: [frontend] }
- { of: history, values: history, services: [history] }
- { of: matching, values: matching, services: [matching] }
- { of: worker, values: worker, services: [worker] }
{{- end -}}
{{- end }}

{{/* The component whose pods run a service. Arguments: root, service. */}}
{{- define "temporal.runs" -}}
{{- ternary "server" .service (eq .root.Values.mode "single") -}}
{{- end }}

{{/* Ports of a service: grpc (0: it has none), membership, health (what its gRPC health service is asked for). */}}
{{- define "temporal.ports" -}}
frontend: { grpc: 7233, membership: 6933, health: temporal.api.workflowservice.v1.WorkflowService }
history: { grpc: 7234, membership: 6934, health: temporal.api.workflowservice.v1.HistoryService }
matching: { grpc: 7235, membership: 6935, health: temporal.api.workflowservice.v1.MatchingService }
worker: { grpc: 0, membership: 6939, health: "" }
{{- end }}

{{/*
How a server is asked whether it serves. With TLS kubelet cannot ask, because it has no certificate: then an open port must do. The
worker has no port for questions. Nor is a history server asked that may own no shard beside the others and the one that it replaces:
it says that it does not serve until it owns one (acquireShards in service/history/shard), so an upgrade would not go on. With 16
shards for each that is one upgrade in millions. Argument: root, service.
*/}}
{{- define "temporal.probe" -}}
{{- $port := index (include "temporal.ports" . | fromYaml) .service -}}
{{- $history := .root.Values.history -}}
{{- $few := lt (int64 .root.Values.server.numHistoryShards) (mul 16 (add 1 (int64 $history.replicas))) -}}
{{- if not $port.grpc -}}
tcpSocket: { port: ring-{{ .service }} }
{{- else if or .root.Values.tls.enabled (and (eq .service "history") $few) -}}
tcpSocket: { port: grpc-{{ .service }} }
{{- else -}}
grpc: { port: {{ $port.grpc }}, service: {{ $port.health }} }
{{- end -}}
{{- end }}

{{- define "temporal.serverEnv" -}}
{{- $db := .root.Values.database -}}
{{- $tls := .root.Values.tls -}}
- name: SERVICES
  value: {{ join "," .services | quote }}
- name: NUM_HISTORY_SHARDS
  value: {{ .root.Values.server.numHistoryShards | int64 | toString | quote }}
- name: LOG_LEVEL
  value: {{ .root.Values.server.logLevel | quote }}
# All interfaces: probes and clients come in on the pod's address; the servers find each other by the address that is told to all.
- name: BIND_ON_IP
  value: 0.0.0.0
- name: TEMPORAL_BROADCAST_ADDRESS
  valueFrom: { fieldRef: { fieldPath: status.podIP } }
- name: TEMPORAL_ALLOW_NO_AUTH
  value: "true"
- name: DB
  value: postgres12
- name: DBNAME
  value: {{ $db.name | quote }}
- name: VISIBILITY_DBNAME
  value: {{ $db.visibilityName | quote }}
- name: SQL_MAX_CONNS
  value: {{ $db.maxConnections | int64 | toString | quote }}
- name: SQL_MAX_IDLE_CONNS
  value: {{ $db.maxConnections | int64 | toString | quote }}
- name: SQL_VIS_MAX_CONNS
  value: {{ $db.visibilityMaxConnections | int64 | toString | quote }}
- name: SQL_VIS_MAX_IDLE_CONNS
  value: {{ $db.visibilityMaxConnections | int64 | toString | quote }}
{{ include "temporal.databaseEnv" .root }}
{{- if eq .root.Values.visibility.store "elasticsearch" }}
{{- $url := urlParse .root.Values.visibility.elasticsearch.url }}
{{- $host := splitList ":" $url.host }}
- name: ENABLE_ES
  value: "true"
- name: ES_SCHEME
  value: {{ $url.scheme | quote }}
- name: ES_SEEDS
  value: {{ index $host 0 | quote }}
- name: ES_PORT
  value: {{ ternary (last $host) (ternary "443" "80" (eq $url.scheme "https")) (gt (len $host) 1) | quote }}
{{- end }}
- name: DYNAMIC_CONFIG_FILE_PATH
  value: /etc/temporal/dynamic-config/dynamic-config.yaml
{{- if .root.Values.metrics.enabled }}
- name: PROMETHEUS_ENDPOINT
  value: 0.0.0.0:9090
{{- end }}
{{- if $tls.enabled }}
- name: TEMPORAL_TLS_REFRESH_INTERVAL
  value: 5m
- name: TEMPORAL_TLS_REQUIRE_CLIENT_AUTH
  value: {{ $tls.requireClientAuth | quote }}
- name: TEMPORAL_TLS_SERVER_CA_CERT
  value: /run/secrets/internode/ca.crt
- name: TEMPORAL_TLS_SERVER_CERT
  value: /run/secrets/internode/tls.crt
- name: TEMPORAL_TLS_SERVER_KEY
  value: /run/secrets/internode/tls.key
- name: TEMPORAL_TLS_INTERNODE_SERVER_NAME
  value: {{ $tls.internode.serverName | quote }}
- name: TEMPORAL_TLS_FRONTEND_CERT
  value: /run/secrets/frontend/tls.crt
- name: TEMPORAL_TLS_FRONTEND_KEY
  value: /run/secrets/frontend/tls.key
- name: TEMPORAL_TLS_FRONTEND_SERVER_NAME
  value: {{ $tls.frontend.serverName | quote }}
# Clients come with a certificate of the one, Temporal's own worker with one of the other.
- name: TEMPORAL_TLS_CLIENT1_CA_CERT
  value: /run/secrets/frontend/ca.crt
- name: TEMPORAL_TLS_CLIENT2_CA_CERT
  value: /run/secrets/internode/ca.crt
{{- end }}
{{- end }}

{{/* The init container in which a server waits for its schema. */}}
{{- define "temporal.waitForSchema" -}}
- name: {{ ternary (printf "wait-for-%s" (include "temporal.name" (dict "root" . "of" "schema"))) "wait-for-schema" .Values.schema.enabled }}
  {{- include "temporal.image" (dict "root" . "image" .Values.adminTools.image "path" "adminTools.image") | nindent 2 }}
  command: [/bin/sh, -ec]
  args:
    - |
      {{- include "temporal.script" (dict "root" . "names" (list "sql-tool" "wait" "wait-for-schema")) | nindent 6 }}
  env:
    - name: FORGE_WAIT_SECONDS
      value: {{ .Values.schema.waitSeconds | int64 | toString | quote }}
    {{- include "temporal.databaseNames" . | nindent 4 }}
    {{- include "temporal.databaseEnv" . | nindent 4 }}
  securityContext:
    {{- include "temporal.containerSecurity" . | nindent 4 }}
  resources:
    {{- toYaml .Values.schema.resources | nindent 4 }}
  volumeMounts:
    - name: tmp
      mountPath: /tmp
    {{- with include "temporal.databaseMount" . }}
    {{- . | nindent 4 }}
    {{- end }}
{{- end }}

{{/* The image fills in its configuration beside the template: the folder is copied to where it can be written. */}}
{{- define "temporal.copyConfig" -}}
{{- $own := not (empty .root.Values.server.configTemplate) -}}
- name: copy-config
  {{- include "temporal.image" (dict "root" .root "image" .root.Values.server.image "path" "server.image") | nindent 2 }}
  command: [/bin/sh, -ec]
  args:
    - |
      cp -R /etc/temporal/config/. /config/
      {{- if $own }}
      cp /config-template/config_template.yaml /config/config_template.yaml
      {{- end }}
  securityContext:
    {{- include "temporal.containerSecurity" . | nindent 4 }}
  resources:
    {{- toYaml .root.Values.schema.resources | nindent 4 }}
  volumeMounts:
    - name: config
      mountPath: /config
    {{- if $own }}
    - name: config-template
      mountPath: /config-template
      readOnly: true
    {{- end }}
{{- end }}

{{/* The Deployment of a server. Arguments: root, of, services, values, path (of its values). */}}
{{- define "temporal.server" -}}
{{- $v := .values -}}
{{- $root := .root -}}
{{- $auto := $v.autoscaling | default (dict "enabled" false) -}}
{{- $first := index .services 0 -}}
{{- $ports := include "temporal.ports" . | fromYaml -}}
{{- $probe := include "temporal.probe" (dict "root" .root "service" $first) -}}
{{- $more := dict -}}
{{- if .root.Values.dynamicConfig.restart -}}
{{- $_ := set $more "forge.api-forge.io/configmap-dynamic-config" (toJson .root.Values.dynamicConfig.values | sha256sum | trunc 16) -}}
{{- end -}}
{{- with .root.Values.server.configTemplate }}{{ $_ := set $more "forge.api-forge.io/configmap-config" (. | sha256sum | trunc 16) }}{{ end -}}
{{- $annotations := include "temporal.podAnnotations" (dict "root" .root "values" $v "more" $more "secrets" (include "temporal.storeSecrets" .root | fromYamlArray)) -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "temporal.metadata" . | nindent 2 }}
spec:
  {{- if not $auto.enabled }}
  replicas: {{ $v.replicas }}
  {{- end }}
  revisionHistoryLimit: 3
  # The new pod waits for the schema in an init container; until it is ready the old one serves.
  progressDeadlineSeconds: {{ add .root.Values.schema.waitSeconds 300 }}
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxSurge: 1
      maxUnavailable: 0
  selector:
    matchLabels:
      {{- include "temporal.selector" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "temporal.podLabels" . | nindent 8 }}
      {{- with $annotations }}
      annotations:
        {{- . | nindent 8 }}
      {{- end }}
    spec:
      {{- include "temporal.podFields" (dict "root" .root "of" .of "values" $v "uid" 1000 "spread" true) | nindent 6 }}
      terminationGracePeriodSeconds: {{ $v.terminationGracePeriodSeconds }}
      initContainers:
        {{- include "temporal.waitForSchema" .root | nindent 8 }}
        {{- include "temporal.copyConfig" . | nindent 8 }}
      containers:
        - name: {{ .of }}
          {{- include "temporal.image" (dict "root" .root "image" .root.Values.server.image "path" "server.image") | nindent 10 }}
          command: [/bin/sh, -ec]
          args:
            - |
              {{- include "temporal.script" (dict "root" .root "names" (list "server")) | nindent 14 }}
          env:
            {{- include "temporal.serverEnv" . | nindent 12 }}
            {{- with concat .root.Values.server.extraEnv $v.extraEnv }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
          ports:
            {{- range .services }}
            {{- $port := index $ports . }}
            {{- if $port.grpc }}
            - { name: grpc-{{ . }}, containerPort: {{ $port.grpc }}, protocol: TCP }
            {{- end }}
            - { name: ring-{{ . }}, containerPort: {{ $port.membership }}, protocol: TCP }
            {{- if eq . "frontend" }}
            - { name: http-frontend, containerPort: 7243, protocol: TCP }
            {{- end }}
            {{- end }}
            {{- if .root.Values.metrics.enabled }}
            - { name: metrics, containerPort: 9090, protocol: TCP }
            {{- end }}
          startupProbe:
            {{- $probe | nindent 12 }}
            periodSeconds: 1
            timeoutSeconds: 3
            failureThreshold: 300
          readinessProbe:
            {{- $probe | nindent 12 }}
            periodSeconds: 5
            timeoutSeconds: 3
            failureThreshold: 3
          livenessProbe:
            {{- $probe | nindent 12 }}
            periodSeconds: 15
            timeoutSeconds: 5
            failureThreshold: 6
          {{- if $v.preStopSleepSeconds }}
          lifecycle:
            # Clients keep using an endpoint for a moment after it has been withdrawn.
            preStop:
              sleep:
                seconds: {{ $v.preStopSleepSeconds }}
          {{- end }}
          securityContext:
            {{- include "temporal.containerSecurity" . | nindent 12 }}
          resources:
            {{- toYaml $v.resources | nindent 12 }}
          volumeMounts:
            {{- include "temporal.serverMounts" .root | nindent 12 }}
      volumes:
        {{- include "temporal.serverVolumes" .root | nindent 8 }}
{{- end }}
