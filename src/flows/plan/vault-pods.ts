import { podMakers, type PodMaker } from '../../domain/doctor/pods.ts'
import { nameOf } from '../../domain/kube.ts'
import { needOf, type VaultNeed } from '../../domain/vault/needs.ts'
import { hasAgent, injectorWebhooks, leftOut, WEBHOOK } from '../../domain/vault/webhook.ts'
import { hooksOf } from '../desire/hooks.ts'
import { found, unchecked, type Check, type Finding } from '../phases/findings.ts'
import type { Compared } from '../phases/planned.ts'
import { inParallel } from '../in-parallel.ts'
import { renderedObjects } from './assess.ts'
import { tryInjected } from './pod-trial.ts'
import { DRY_RUNS_AT_ONCE } from './predict.ts'
import { labelsOf } from '../project/namespace-labels.ts'
import { examineNeed, examinerOf } from '../vault/examine.ts'
import { together, uncheckedOf, wrongOf, type Wrong } from '../vault/findings.ts'
import { injectorState, whyNoAgent, WEBHOOKS_HINT } from '../vault/injector.ts'

interface Asking {
  readonly maker: PodMaker
  readonly need: VaultNeed
}

/**
 * What the annotations of rendered pods ask of Vault's agent injector, and of Vault: that they would get an agent, that its role
 * lets them in, that what it reads is there and may be read. Where no pod asks, nothing is asked here.
 */
export const checkVault: Check<Compared> = async (known, ports) => {
  const asking = askingIn(known)
  if (asking.length === 0) return []
  const examiner = await examinerOf(known.project, ports.project)
  const [cluster, examined] = await Promise.all([
    injected(asking, known, ports.signal),
    Promise.all(asking.map(async ({ need }) => await examineNeed(need, examiner))),
  ])
  const vault = examined.flat()
  const findings = [
    ...together([...cluster.wrong, ...wrongOf(vault)]),
    ...cluster.unseen,
    ...uncheckedOf(vault),
    ...asking.flatMap(({ need }) => need.unknown.map(({ what, why }) => unchecked(`${what} (${need.by})`, why))),
  ]
  return findings.length > 0 ? findings : [found('what pods ask of Vault is there, and may be read')]
}

/** Pods of hooks ask as well. */
function askingIn(known: Compared): Asking[] {
  const objects = [...renderedObjects(known), ...known.releases.flatMap(hooksOf).map(({ object }) => object)]
  return podMakers(objects, known.project.environment.namespace).flatMap((maker) => {
    const need = needOf(maker)
    return need === undefined ? [] : [{ maker, need }]
  })
}

interface Cluster {
  readonly wrong: readonly Wrong[]
  readonly unseen: readonly Finding[]
}

const NOTHING: Cluster = { wrong: [], unseen: [] }

/** The truest answer is that of the API server itself, to a dry run of such a pod: it asks the injector as it would later. */
async function injected(asking: readonly Asking[], known: Compared, signal: AbortSignal): Promise<Cluster> {
  const ours = renderedObjects(known).filter(({ kind }) => kind === 'MutatingWebhookConfiguration')
  if (injectorWebhooks(ours).length > 0)
    return {
      wrong: [],
      unseen: [unchecked('whether pods get an agent of Vault', 'this deploy brings the injector itself')],
    }
  const missing = new Set(known.facts.namespaces.filter(({ object }) => object === undefined).map(({ name }) => name))
  const there = asking.filter(({ maker }) => !missing.has(maker.namespace))
  const coming = asking.filter(({ maker }) => missing.has(maker.namespace))
  const tried = await inParallel(there, DRY_RUNS_AT_ONCE, async ({ maker }) => await tryOne(maker, known, signal))
  const all = [...tried, ...(coming.length === 0 ? [] : [await registered(coming, known, signal)])]
  return { wrong: all.flatMap(({ wrong }) => wrong), unseen: all.flatMap(({ unseen }) => unseen) }
}

function wrong({ object }: PodMaker, why: string): Cluster {
  const where = nameOf(object)
  const message = `pods of ${where} would get no agent of Vault: ${why}`
  return { wrong: [{ code: 'E_VAULT_INJECTOR', message, hint: WEBHOOKS_HINT, where }], unseen: [] }
}

function unseen({ object }: PodMaker, why: string): Cluster {
  return { wrong: [], unseen: [unchecked(`whether pods of ${nameOf(object)} get an agent of Vault`, why)] }
}

async function tryOne(maker: PodMaker, { cluster }: Compared, signal: AbortSignal): Promise<Cluster> {
  const { namespace, labels } = maker
  const answer = await tryInjected(cluster, maker, signal)
  if (answer.kind === 'predicted') {
    if (hasAgent(answer.object)) return NOTHING
    return wrong(
      maker,
      (await whyNoAgent(cluster, { namespace, labels }, signal)) ?? 'a dry run of one comes back without',
    )
  }
  if (answer.kind === 'webhook-silent') return answer.message.includes(WEBHOOK) ? wrong(maker, answer.message) : NOTHING
  if (answer.kind === 'invalid' && answer.message.includes(WEBHOOK)) return wrong(maker, answer.message)
  // What else refuses the pods is not the injector's, and told of the pods themselves.
  const state = await injectorState(cluster, signal)
  const why =
    answer.kind === 'not-checked'
      ? answer.why.replace('patch it', 'create pods')
      : 'the API server would refuse them for something else'
  if (state.webhooks === undefined) return unseen(maker, why)
  const left = leftOut(state.webhooks, { namespace, labels, namespaceLabels: undefined })
  const lack = left ?? state.down
  return lack === undefined ? unseen(maker, why) : wrong(maker, lack)
}

/** Of a namespace that this deploy makes it is known what labels it gets. */
async function registered(
  coming: readonly Asking[],
  { cluster, project, facts }: Compared,
  signal: AbortSignal,
): Promise<Cluster> {
  const state = await injectorState(cluster, signal)
  const all = coming.map(({ maker }): Cluster => {
    const { namespace, labels } = maker
    const isHidden = facts.namespaces.find(({ name }) => name === namespace)?.isHidden === true
    if (state.webhooks === undefined) return unseen(maker, 'the registration of webhooks may not be read')
    const own = isHidden ? undefined : labelsOf(namespace, project.releases)
    const lack = leftOut(state.webhooks, { namespace, labels, namespaceLabels: own }) ?? state.down
    if (lack !== undefined) return wrong(maker, lack)
    return !isHidden && state.isKnown ? NOTHING : unseen(maker, `namespace ${namespace} is not there yet`)
  })
  return { wrong: all.flatMap((one) => one.wrong), unseen: all.flatMap((one) => one.unseen) }
}
