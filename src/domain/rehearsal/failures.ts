import { ForgeError } from '../../errors.ts'
import { again, againWithout, type Hint } from '../../hint.ts'
import { nearest, suggestion } from '../config/nearest.ts'
import type { KubeObject } from '../kube.ts'
import { join } from '../plan/field-path.ts'
import type { KeptValue } from '../plan/preserved.ts'
import { markPath } from '../manifest/restart-marks.ts'
import { FAILURE_KINDS, type FailureKind, type WishedFailure } from './model.ts'

/** Of a pod, or of a claim (docs/sandbox.md, "Failures"). */
export const FAIL = 'sandbox.forge.api-forge.io/fail'

/** When forge can tell of it: with what it sees first, when it has lasted for a grace, or when a stage's time is up. */
export type Wait = 'at once' | 'grace' | 'stage'

const WAITS: Partial<Record<FailureKind, Wait>> = {
  'image-network': 'grace',
  // Its Secret is of nobody, so that something may still make it.
  'config-error': 'grace',
  unschedulable: 'grace',
  provisioning: 'grace',
  'never-ready': 'stage',
  flapping: 'stage',
}

export function waitsFor(kind: FailureKind): Wait {
  return WAITS[kind] ?? 'at once'
}

const TOLD: Readonly<Record<FailureKind, string>> = {
  'image-pull': 'E_IMAGE_PULL',
  'image-denied': 'E_IMAGE_PULL',
  'image-network': 'E_IMAGE_PULL',
  'crash-loop': 'E_CRASH_LOOP',
  init: 'E_INIT_FAILED',
  oom: 'E_OOM_KILLED',
  start: 'E_CONTAINER_START',
  liveness: 'E_PROBE_FAILING',
  'never-ready': 'E_PROBE_FAILING',
  flapping: 'E_PROBE_FAILING',
  'config-error': 'E_CONTAINER_CONFIG',
  unschedulable: 'E_UNSCHEDULABLE',
  job: 'E_JOB_FAILED',
  provisioning: 'E_VOLUME',
}

/** A Job has its own budget, its backoffLimit: what lets its pods end is told as the end of the Job. */
const ENDS_JOBS: ReadonlySet<FailureKind> = new Set(['crash-loop', 'init', 'oom'])

/** The codes of which one must be told, where such a failure happens at that workload. */
export function expectedCodes(kind: FailureKind, { kind: workload }: Pick<KubeObject, 'kind'>): readonly string[] {
  if (workload !== 'Job') return [TOLD[kind]]
  if (ENDS_JOBS.has(kind)) return ['E_JOB_FAILED']
  // Its pod ends a moment later, and where nothing is tried again the Job with it.
  return kind === 'start' ? [TOLD.start, 'E_JOB_FAILED'] : [TOLD[kind]]
}

/** What lets the pods of a workload fail that are made from now on. `container`: absent, it is the first one. */
export function podFailure(kind: FailureKind, container: string | undefined): KeptValue[] {
  const way = kind === 'init' ? 'crash-loop' : kind
  return [{ path: markPath(FAIL), value: container === undefined ? way : `${way}:${container}` }]
}

/** The same for a claim, or for those that a template of a StatefulSet makes (`template`: its name). */
export function claimFailure(template?: string): KeptValue[] {
  const root = template === undefined ? '' : `spec.volumeClaimTemplates[${template}].`
  return [{ path: join(`${root}metadata.annotations`, FAIL), value: 'provisioning' }]
}

/** `--fail app=crash-loop`, each once. Throws E_USAGE. */
export function parseWishes(texts: readonly string[]): WishedFailure[] {
  return [...new Set(texts)].map((text) => {
    const [, component = '', kind = ''] = /^(.*)=([^=]*)$/su.exec(text.trim()) ?? []
    const instead = (fixed: string): Hint => again(...texts.flatMap((one) => ['--fail', one === text ? fixed : one]))
    if (component === '') {
      const named = text.replaceAll('=', '')
      throw new ForgeError('E_USAGE', `--fail is COMPONENT=KIND, as in app=crash-loop, not "${text}"`, {
        // What a component is called is known once there is a plan.
        hint:
          /^\s*=/u.test(text) || named.trim() === ''
            ? againWithout(['--fail'], '--all')
            : instead(`${named}=crash-loop`),
      })
    }
    const known = FAILURE_KINDS.find((one) => one === kind)
    if (known !== undefined) return { component, kind: known }
    throw new ForgeError('E_USAGE', `--fail ${text}: there is no failure "${kind}"${suggestion(kind, FAILURE_KINDS)}`, {
      hint: instead(`${component}=${nearest(kind, FAILURE_KINDS) ?? 'crash-loop'}`),
    })
  })
}
