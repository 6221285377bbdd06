import { groupOf } from '../../kube.ts'
import { conditionOf, type Condition } from '../conditions.ts'
import { NEVER, words, ALWAYS_FRESH, type RuleContext, type Symptom } from '../symptom.ts'
import { conditionMark } from '../marks.ts'
import type { JudgeOptions } from '../model.ts'
import type { ObservedObject } from '../object-cache.ts'

/** How long what is wrong may last. `now`: its controller does not try again; `stage`: it does, or another object is to come. */
export type Window =
  'now' | 'stage' | keyof Pick<JudgeOptions, 'controllerGraceMs' | 'missingGraceMs' | 'unknownErrorGraceMs'>

interface Rule {
  /** API groups, or `group/Kind`. */
  readonly of: readonly string[]
  /** The condition that says so, and how. */
  readonly type: string
  readonly status: 'True' | 'False'
  /** Undefined: whatever reason. */
  readonly reasons?: readonly string[]
  readonly window: Window
}

const HELM = ['helm.toolkit.fluxcd.io']
const KUSTOMIZE = ['kustomize.toolkit.fluxcd.io']
const SOURCES = ['source.toolkit.fluxcd.io']
const CERT = ['cert-manager.io', 'acme.cert-manager.io']
const SECRETS = ['external-secrets.io']
const GATEWAY = ['gateway.networking.k8s.io']

/**
 * What controllers say when something is wrong, by their own words: api/v2/condition_types.go of Flux's helm-controller, internal/
 * controller of its kustomize- and source-controller, pkg/controller/certificates of cert-manager, apis/externalsecrets/v1 of External
 * Secrets, pkg/controller of Sealed Secrets, apis/v1 of the Gateway API. The first that fits is told. Flux tries again, and its
 * condition Ready comes and goes with each attempt; Released, FetchFailed and Healthy stay.
 */
const RULES: readonly Rule[] = [
  // Each of these windows only where it does not try again: with a retry that is left it is Reconciling, without one Stalled.
  { of: HELM, type: 'Remediated', status: 'True', window: 'controllerGraceMs' },
  { of: HELM, type: 'Remediated', status: 'False', window: 'controllerGraceMs' },
  { of: HELM, type: 'TestSuccess', status: 'False', window: 'controllerGraceMs' },
  { of: HELM, type: 'Released', status: 'False', window: 'controllerGraceMs' },
  { of: HELM, type: 'Ready', status: 'False', reasons: ['ValuesError', 'ChartMutateError'], window: 'missingGraceMs' },
  { of: HELM, type: 'Ready', status: 'False', window: 'stage' },
  { of: KUSTOMIZE, type: 'Healthy', status: 'False', window: 'controllerGraceMs' },
  {
    of: KUSTOMIZE,
    type: 'Ready',
    status: 'False',
    reasons: ['BuildFailed', 'PruneFailed', 'ReconciliationFailed', 'HealthCheckFailed'],
    window: 'controllerGraceMs',
  },
  { of: KUSTOMIZE, type: 'Ready', status: 'False', window: 'stage' },
  { of: SOURCES, type: 'FetchFailed', status: 'True', window: 'missingGraceMs' },
  { of: SOURCES, type: 'BuildFailed', status: 'True', window: 'missingGraceMs' },
  { of: SOURCES, type: 'SourceVerified', status: 'False', window: 'controllerGraceMs' },
  { of: SOURCES, type: 'Ready', status: 'False', window: 'stage' },
  // The next attempt is an hour away (pkg/controller/certificates/trigger).
  {
    of: CERT,
    type: 'Issuing',
    status: 'False',
    reasons: ['Failed', 'Denied', 'InvalidRequest'],
    window: 'unknownErrorGraceMs',
  },
  {
    of: ['cert-manager.io/Issuer', 'cert-manager.io/ClusterIssuer'],
    type: 'Ready',
    status: 'False',
    window: 'missingGraceMs',
  },
  { of: ['cert-manager.io/Certificate'], type: 'Ready', status: 'False', window: 'stage' },
  { of: SECRETS, type: 'Ready', status: 'False', window: 'missingGraceMs' },
  { of: ['bitnami.com/SealedSecret'], type: 'Synced', status: 'False', window: 'unknownErrorGraceMs' },
  { of: GATEWAY, type: 'Accepted', status: 'False', window: 'controllerGraceMs' },
  { of: GATEWAY, type: 'ResolvedRefs', status: 'False', window: 'missingGraceMs' },
  { of: GATEWAY, type: 'Programmed', status: 'False', window: 'stage' },
  { of: ['monitoring.coreos.com'], type: 'Reconciled', status: 'False', window: 'controllerGraceMs' },
  { of: ['rabbitmq.com'], type: 'ReconcileSuccess', status: 'False', window: 'controllerGraceMs' },
  { of: ['kafka.strimzi.io'], type: 'NotReady', status: 'True', window: 'stage' },
  { of: ['keda.sh'], type: 'Ready', status: 'False', window: 'missingGraceMs' },
]

interface Group {
  readonly of?: string
  readonly conditions: readonly Condition[]
}

/** What a controller reports as wrong; nothing of an older spec. */
export function reportedSymptoms(entry: ObservedObject, groups: readonly Group[], context: RuleContext): Symptom[] {
  const { apiVersion, kind, metadata } = entry.object
  const { generation = 0 } = metadata
  const group = groupOf(apiVersion)
  const rules = RULES.filter(({ of }) => of.includes(group) || of.includes(`${group}/${kind}`))
  for (const rule of rules) {
    for (const { of, conditions } of groups) {
      const condition = conditionOf(conditions, rule.type)
      if (condition === undefined || !isBroken(condition, rule, generation)) continue
      const isTriedAgain =
        rule.window === 'controllerGraceMs' && HELM.includes(group) && isReconciling(conditions, generation)
      const window = isTriedAgain ? 'stage' : rule.window
      return [symptomOf(entry, { rule: { ...rule, window }, condition, of }, context)]
    }
  }
  return []
}

/** While it runs an action, and (ProgressingWithRetry) between two attempts: internal/reconcile/atomic_release.go of helm-controller. */
function isReconciling(conditions: readonly Condition[], generation: number): boolean {
  const found = conditionOf(conditions, 'Reconciling')
  return found?.status === 'True' && (found.observedGeneration ?? generation) >= generation
}

function isBroken(condition: Condition, { status, reasons }: Rule, generation: number): boolean {
  if (condition.status !== status || (condition.observedGeneration ?? generation) < generation) return false
  return reasons === undefined || reasons.includes(condition.reason ?? '')
}

interface Found {
  readonly rule: Rule
  readonly condition: Condition
  readonly of: string | undefined
}

function symptomOf(entry: ObservedObject, { rule, condition, of }: Found, context: RuleContext): Symptom {
  const { type, status, reason = '', message = '' } = condition
  const told = message.trim() === '' ? (reason === '' ? `${type} is ${status}` : reason) : message
  const said = of === undefined ? told : `${of}: ${told}`
  return notReady(entry, { said, window: rule.window, mark: conditionMark(condition) }, context)
}

/** `mark`: of the state that says so. */
export function notReady(
  entry: ObservedObject,
  { said, window, mark: name }: { readonly said: string; readonly window: Window; readonly mark: string },
  { kubectl, options }: RuleContext,
): Symptom {
  const { apiVersion, kind, metadata } = entry.object
  const mark = entry.marks.get(name)
  return {
    code: 'E_RESOURCE_STALLED',
    message: `does not get ready: ${words(said, 240)}`,
    brief: words(said, 80),
    on: entry,
    below: [],
    hint: kubectl(['describe', `${kind.toLowerCase()}.${groupOf(apiVersion)}`, metadata.name]),
    dueAt: window === 'now' ? 0 : window === 'stage' ? NEVER : (mark?.at ?? entry.bornAt) + options[window],
    seq: mark?.seq ?? ALWAYS_FRESH,
  }
}
