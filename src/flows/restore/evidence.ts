import { verdictOf } from '../../domain/journal/entry.ts'
import type { KnownText } from '../../domain/evidence/plan.ts'
import { keyOf } from '../../domain/kube.ts'
import { planBody } from '../../screen/plan.ts'
import type { ForgeError } from '../../errors.ts'
import { hintLine } from '../../hint.ts'
import { describePlan } from '../plan/describe.ts'
import { gatherEvidence, type Evidence } from '../state/evidence.ts'
import type { EvidenceFolder, EvidenceStore } from '../../ports.ts'
import type { Followed } from '../phases/applied.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { within } from '../state/within.ts'
import { JudgedFailure } from '../prove/failure.ts'
import { learnKept } from '../prove/kept-secrets.ts'

/** Room and nodes are asked for: the plan is worth waiting for, but not for long. */
const PLAN_MS = 2000

export interface SavedEvidence extends Evidence {
  /** For what is found later. Undefined: it could not be made. */
  readonly folder: EvidenceFolder | undefined
}

/** What the rollback will destroy: the failing workloads, their pods, logs, events and the manifest. */
export async function saveEvidence(context: Followed, ports: DeployPorts, error: ForgeError): Promise<SavedEvidence> {
  const { cluster, project, number, releases } = context
  const { clock, redactor, evidence } = ports
  const { name: environment, namespace } = project.environment
  await learnKept(context, { ...ports, signal: new AbortController().signal })
  let folder: EvidenceFolder | undefined
  const store: EvidenceStore = { open: async (place) => (folder = await evidence.open(place)) }
  const saved = await gatherEvidence(
    { cluster, logs: cluster, store, clock, redactor },
    {
      project: project.name,
      environment,
      namespace,
      deploy: number,
      failing: failingTargets(context, error, context.follower.now()),
      manifests: releases
        .filter(({ progress }) => progress.upgraded)
        .map(({ release, manifest }) => ({ release: release.name, text: manifest })),
      texts: knownTexts(context),
      computed: async (until) => await changesText(context, { ...ports, signal: until }),
      next: hintLine(error.hint, ports.here),
      verdict: verdictOf(error, error instanceof JudgedFailure ? error.lines : []),
    },
    // Ctrl-C has begun the rollback; evidence is bounded in time by itself.
    new AbortController().signal,
  )
  return { ...saved, folder }
}

/** What forge has heard itself: helm's own words and the logs of Jobs. */
function knownTexts({ heard, releases, charts }: Followed): KnownText[] {
  const helm = releases.flatMap(({ release }) => {
    const lines = heard.helm.get(release.name)
    return lines === undefined ? [] : [`$ helm upgrade ${release.name}`, ...lines]
  })
  return [
    ...(helm.length === 0
      ? []
      : [{ file: 'helm.txt', about: `what helm ${charts.version} said`, text: helm.join('\n') }]),
    ...[...heard.jobs].map(([pod, lines]) => {
      const text = lines.map((line) => line.text).join('\n')
      return { file: `logs/${pod}.log`, about: `log of ${pod}, of a Job, as it ran`, text }
    }),
  ]
}

/** What the deploy was to change: the plan as `forge plan --full` shows it. */
async function changesText(context: Followed, ports: DeployPorts): Promise<KnownText[]> {
  const { clock, signal } = ports
  const plan = await within(
    clock,
    PLAN_MS,
    signal,
    async (until) => await describePlan(context, { ...ports, signal: until }),
  )
  const text = planBody(plan, { width: undefined, full: true, now: clock.now(), saved: undefined }).join('\n')
  return [{ file: 'changes.txt', about: 'what the deploy was to change', text }]
}

/** The one that ended the deploy first, then all that are not ready. */
function failingTargets(
  { stages, follower }: Followed,
  error: ForgeError,
  at: number,
): Followed['stages'][number]['targets'] {
  const first = error instanceof JudgedFailure ? [error.failed.target] : []
  const seen = new Set(first.map(keyOf))
  const waiting = stages
    .flatMap(({ targets }) => targets)
    .filter((target) => !seen.has(keyOf(target)) && follower.judge.verdict(target, at).state !== 'ready')
  return [...first, ...waiting]
}
