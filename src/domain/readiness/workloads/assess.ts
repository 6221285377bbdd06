import { groupOf, nameOf } from '../../kube.ts'
import { holders, isLeaving, leavingText } from '../../leaving.ts'
import type { RuleContext } from '../symptom.ts'
import type { ObservedObject } from '../object-cache.ts'
import { progressing, type Assess, type Assessment } from './assessment.ts'
import { assessAutoscaler } from './autoscaler.ts'
import { assessBudget } from './budget.ts'
import { assessClaim } from './claim.ts'
import { assessCustom } from './custom.ts'
import { assessDatabase } from './database.ts'
import { assessDefinition } from './definition.ts'
import { assessDaemonSet } from './daemon-set.ts'
import { assessDeployment } from './deployment.ts'
import { assessJob } from './job.ts'
import { assessPod } from './pod.ts'
import { assessPooler } from './pooler.ts'
import { assessQuota } from './quota.ts'
import { assessReplicas } from './replicas.ts'
import { assessSchedule, assessThing } from './thing.ts'
import { assessService } from './service.ts'
import { assessStatefulSet } from './stateful-set.ts'
import { unlessUnattended } from './unattended.ts'

const BY_KIND: Readonly<Record<string, Assess>> = {
  'apps/Deployment': assessDeployment,
  'apps/StatefulSet': assessStatefulSet,
  'apps/DaemonSet': assessDaemonSet,
  'apps/ReplicaSet': assessReplicas,
  '/ReplicationController': assessReplicas,
  'batch/Job': assessJob,
  'batch/CronJob': assessSchedule,
  '/Pod': assessPod,
  '/Service': assessService,
  'apiextensions.k8s.io/CustomResourceDefinition': assessDefinition,
  'postgresql.cnpg.io/Cluster': assessDatabase,
  'postgresql.cnpg.io/Pooler': assessPooler,
  '/PersistentVolumeClaim': assessClaim,
  'policy/PodDisruptionBudget': assessBudget,
  'autoscaling/HorizontalPodAutoscaler': assessAutoscaler,
  '/ResourceQuota': assessQuota,
  '/ConfigMap': assessThing,
  '/Secret': assessThing,
  '/ServiceAccount': assessThing,
  'networking.k8s.io/NetworkPolicy': assessThing,
  'networking.k8s.io/Ingress': assessThing,
}

export function assess(entry: ObservedObject, context: RuleContext): Assessment {
  const { apiVersion, kind } = entry.object
  const judge = BY_KIND[`${groupOf(apiVersion)}/${kind}`] ?? assessCustom
  const assessment = unlessUnattended(entry, judge(entry, context), context)
  // However well it looks, it goes. A Job that has ended may be deleted behind its back.
  if (kind !== 'Job' && isLeaving(entry.object))
    return { ...assessment, progress: progressing(leavingText(entry.object)) }
  const held = kind === 'StatefulSet' ? heldPod(assessment) : undefined
  return held === undefined ? assessment : { ...assessment, progress: progressing(held) }
}

/** The next pod of a StatefulSet has the same name, so it waits for as long as something holds the last one. */
function heldPod({ current, old }: Assessment): string | undefined {
  const pod = [...current, ...old].find(({ object }) => isLeaving(object) && holders(object) !== undefined)
  return pod === undefined ? undefined : `${nameOf(pod.object)} ${leavingText(pod.object)}`
}
