{{/*
Rules of each group, as YAML, in the order in which they are told. Needs, beside the worker's own metrics: kube-state-metrics
(worker), Temporal's server (queues), cert-manager or the blackbox exporter (expiry), `forge … --metrics` (deploys).
*/}}
{{- define "temporal-worker.rules.worker" -}}
{{- $t := .Values.monitoring.rules.thresholds -}}
{{- $own := include "temporal-worker.own" . -}}
{{- $mine := dict "namespace" .Release.Namespace "worker" (include "temporal-worker.fullname" .) -}}
{{- $who := printf "%s/%s" .Release.Namespace (include "temporal-worker.fullname" .) -}}
{{- $atRest := include "temporal-worker.unlessAtRest" . -}}
{{- $name := include "temporal-worker.fullname" . -}}
{{- include "temporal-worker.alert" (dict "root" $ "alert" "TemporalWorkerDown" "severity" "critical" "for" $t.downFor "labels" $mine
  "expr" (printf "(kube_deployment_status_replicas_available{%s} == 0) %s" (include "temporal-worker.deployment" .) $atRest)
  "summary" (printf "The Temporal worker %s is down" $who)
  "description" (printf "No pod of Deployment %s has been available for %s: workflows and activities of its task queues wait." $who $t.downFor)
) }}
{{- include "temporal-worker.alert" (dict "root" $ "alert" "TemporalWorkerNoMetrics" "severity" "warning" "for" $t.noMetricsFor "labels" $mine
  "expr" (printf "absent(up{%s} == 1) %s" $own $atRest)
  "summary" (printf "No metrics come from the Temporal worker %s" $who)
  "description" (printf "Prometheus has reached no pod of %s for %s. The other alerts of this worker cannot tell anything meanwhile." $who $t.noMetricsFor)
) }}
{{- range $queue := splitList "," .Values.temporal.taskQueue }}
{{- $queue = trim $queue }}
{{- include "temporal-worker.alert" (dict "root" $ "alert" "TemporalWorkerNoPollers" "severity" "critical" "for" $t.noPollersFor
  "labels" (merge (dict "task_queue" $queue) $mine)
  "expr" (printf "(\n  absent(sum(temporal_num_pollers{%s,task_queue=%q}) > 0)\n  or on () (sum(rate(no_poller_tasks{%s}[5m])) > 0)\n) %s"
    $own $queue (include "temporal-worker.queue" (dict "root" $ "queue" $queue)) $atRest)
  "summary" (printf "Nobody polls the task queue %s" $queue)
  "description" (printf "No pod of %s has polled task queue %s for %s, or Temporal has had tasks for it that nobody asked for." $who $queue $t.noPollersFor)
) }}
{{- end }}
{{- if .Values.autoscaling.enabled }}
{{- $hpa := printf "namespace=%q,horizontalpodautoscaler=%q" .Release.Namespace $name }}
{{- include "temporal-worker.alert" (dict "root" $ "alert" "TemporalWorkerAtMaxReplicas" "severity" "warning" "for" $t.atMaxFor "labels" $mine
  "expr" (printf "(\n  kube_horizontalpodautoscaler_status_current_replicas{%s}\n  >= on (namespace, horizontalpodautoscaler) kube_horizontalpodautoscaler_spec_max_replicas{%s}\n) and on (namespace, horizontalpodautoscaler)\n(kube_horizontalpodautoscaler_status_condition{%s,condition=\"ScalingLimited\",status=\"true\"} == 1)" $hpa $hpa $hpa)
  "summary" (printf "The autoscaler of %s is at its limit" $who)
  "description" (printf "%s has had the most pods that its HorizontalPodAutoscaler may make (%s) for %s, and wants more." $who `{{ $value }}` $t.atMaxFor)
) }}
{{- end }}
{{- end }}

{{- define "temporal-worker.rules.work" -}}
{{- $t := .Values.monitoring.rules.thresholds -}}
{{- $own := include "temporal-worker.own" . -}}
{{- $mine := dict "namespace" .Release.Namespace "worker" (include "temporal-worker.fullname" .) -}}
{{- $who := printf "%s/%s" .Release.Namespace (include "temporal-worker.fullname" .) -}}
{{- range list
  (list "TemporalWorkflowsFail" "temporal_workflow_failed" "task_queue, workflow_type" $t.workflowFailures
    "Workflows of type {{ $labels.workflow_type }} fail" "{{ $value | humanize }} workflows of type {{ $labels.workflow_type }} on task queue {{ $labels.task_queue }} have failed")
  (list "TemporalWorkflowTasksFail" "temporal_workflow_task_execution_failed" "task_queue, workflow_type, failure_reason" $t.workflowTaskFailures
    "Workflows of type {{ $labels.workflow_type }} do not get on" "A workflow whose task fails stands still until code is deployed that can go on with it. Of type {{ $labels.workflow_type }} on task queue {{ $labels.task_queue }}, {{ $value | humanize }} tasks have failed ({{ $labels.failure_reason }})")
  (list "TemporalActivitiesFail" "temporal_activity_execution_failed" "task_queue, activity_type" $t.activityFailures
    "Activities of type {{ $labels.activity_type }} fail" "{{ $value | humanize }} attempts of activity {{ $labels.activity_type }} on task queue {{ $labels.task_queue }} have failed")
}}
{{- $counter := include "temporal-worker.counter" (dict "root" $ "name" (index . 1)) }}
{{- include "temporal-worker.alert" (dict "root" $ "alert" (index . 0) "severity" "warning" "labels" $mine
  "expr" (printf "sum by (%s) (increase(%s{%s}[%s])) > %v" (index . 2) $counter $own $t.failureWindow (index . 3))
  "summary" (index . 4)
  "description" (printf "%s within %s (limit: %v)." (index . 5) $t.failureWindow (index . 3))
) }}
{{- end }}
{{- $inSeconds := ternary "" " / 1000" .Values.monitoring.sdk.useSecondsForDurations }}
{{- range $kind := list "activity" "workflow_task" }}
{{- $buckets := include "temporal-worker.buckets" (dict "root" $ "name" (printf "temporal_%s_schedule_to_start_latency" $kind)) }}
{{- include "temporal-worker.alert" (dict "root" $ "alert" "TemporalTasksWait" "severity" "warning" "for" $t.scheduleToStartFor
  "labels" (merge (dict "kind" $kind) $mine)
  "expr" (printf "histogram_quantile(0.95, sum by (le, task_queue) (rate(%s{%s}[5m])))%s > %v" $buckets $own $inSeconds $t.scheduleToStartSeconds)
  "summary" `Tasks of queue {{ $labels.task_queue }} wait for a worker`
  "description" (printf "Of 100 tasks (%s) of queue {{ $labels.task_queue }}, 5 wait {{ $value | humanizeDuration }} or longer until %s begins with them (limit: %vs)." $kind $who $t.scheduleToStartSeconds)
) }}
{{- end }}
{{- range $queue := splitList "," .Values.temporal.taskQueue }}
{{- $queue = trim $queue }}
{{- $of := include "temporal-worker.queue" (dict "root" $ "queue" $queue) }}
{{- range list
  (list "tasks" (printf "sum by (task_type) (approximate_backlog_count{%s}) > %v" $of $t.backlogTasks) "{{ $value | humanize }} tasks ({{ $labels.task_type }}) wait in task queue")
  (list "age" (printf "max by (task_type) (approximate_backlog_age_seconds{%s}) > %v" $of $t.backlogAgeSeconds) "A task ({{ $labels.task_type }}) has waited {{ $value | humanizeDuration }} in task queue")
}}
{{- include "temporal-worker.alert" (dict "root" $ "alert" "TemporalTaskQueueBacklog" "severity" "warning" "for" $t.backlogFor
  "labels" (merge (dict "task_queue" $queue "measure" (index . 0)) $mine)
  "expr" (index . 1)
  "summary" (printf "Work piles up in task queue %s" $queue)
  "description" (printf "%s %s, for %s." (index . 2) $queue $t.backlogFor)
) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "temporal-worker.rules.expiry" -}}
{{- $t := .Values.monitoring.rules.thresholds -}}
{{- $in := list (printf "exported_namespace=%q" .Release.Namespace) (printf "namespace=%q,exported_namespace=\"\"" .Release.Namespace) }}
{{- $certificates := list }}
{{- range $in }}{{ $certificates = append $certificates (printf "certmanager_certificate_expiration_timestamp_seconds{%s}" .) }}{{ end }}
{{- include "temporal-worker.alert" (dict "root" $ "alert" "CertificateExpires" "severity" "warning" "for" "1h" "labels" (dict "namespace" .Release.Namespace)
  "expr" (printf "(min by (name) (%s) - time() < %d)\nor (min by (instance) (probe_ssl_earliest_cert_expiry{namespace=%q}) - time() < %d)"
    (join " or " $certificates) (mul 86400 $t.certificateDays) .Release.Namespace (mul 86400 $t.certificateDays))
  "summary" `Certificate {{ $labels.name }}{{ $labels.instance }} expires`
  "description" (printf "Certificate {{ $labels.name }}{{ $labels.instance }} of namespace %s ends in {{ $value | humanizeDuration }}, and nobody has renewed it." .Release.Namespace)
) }}
{{- range $token := .Values.monitoring.rules.tokens }}
{{- $series := list }}
{{- range $in }}{{ $series = append $series (printf "token_expiration_timestamp_seconds{name=%q,%s}" $token .) }}{{ end }}
{{- $ends := printf "min(%s)" (join " or " $series) }}
{{- include "temporal-worker.alert" (dict "root" $ "alert" "TokenExpires" "severity" "critical" "for" "15m"
  "labels" (dict "namespace" $.Release.Namespace "token" $token)
  "expr" (printf "(%s - time() < %d)\nor absent(%s)" $ends (mul 86400 $t.tokenDays) $ends)
  "summary" (printf "Token %s expires" $token)
  "description" (printf "Token %s of namespace %s ends within %d days, or nobody exports when it does." $token $.Release.Namespace (int $t.tokenDays))
) }}
{{- end }}
{{- end }}

{{- define "temporal-worker.rules.deploys" -}}
{{- $newest := include "temporal-worker.newestDeploy" . }}
{{- range list
  (list "ForgeDeployFailed" "critical" "outcome=\"failed\"" "has failed, and what ran before does not run again")
  (list "ForgeDeployNotReached" "warning" "outcome!=\"failed\"" "did not reach its end ({{ $labels.outcome }}); what ran before runs on")
}}
{{- include "temporal-worker.alert" (dict "root" $ "alert" (index . 0) "severity" (index . 1)
  "expr" (printf "forge_deploy_info{%s}\n* on (job, instance, project, environment) group_left (code) forge_deploy_verdict_info\nand on (job, instance, project, environment) (forge_deploy_success == 0)\nand on (job, instance, project, environment)\n%s" (index . 2) $newest)
  "summary" (printf "forge {{ $labels.command }} of {{ $labels.project }} in {{ $labels.environment }} %s" (index . 3))
  "description" "The last `forge {{ $labels.command }} --env {{ $labels.environment }}` of project {{ $labels.project }} ended as {{ $labels.outcome }} with {{ $labels.code }}. `forge explain {{ $labels.code }}` says what that means."
) }}
{{- end }}
{{- end }}
