import { nameOf, type KubeObject } from '../kube.ts'
import { consumed } from '../manifest/references.ts'
import { componentOf } from '../plan/restarts.ts'
import { workloadIs } from '../workload-kinds.ts'

/** A workload whose pods use keys of a Secret, and the revision of them that it runs. */
export interface Consumer {
  readonly secret: string
  /** `Deployment/app` */
  readonly object: string
  /** As people call it: `app`. */
  readonly workload: string
  /** The helm release that it belongs to. */
  readonly release: string | undefined
  /** Undefined: all. */
  readonly keys: readonly string[] | undefined
  /** What its pod template carries; undefined where its chart does not say (docs/secrets.md, "Revisions"). */
  readonly runs: number | undefined
  /** The newest revision among the keys that it uses. */
  readonly wants: number
}

/** What consumers are told apart by: the revisions in which the keys of a Secret last changed. */
export interface RevisedSecret {
  readonly name: string
  readonly keyRevisions: Readonly<Record<string, number>>
}

const MARK = 'forge.api-forge.io/secret-'
const MARKS = /^forge\.api-forge\.io\/(?:secret|configmap)-/u

/** Long-running workloads among `objects` that use these secrets; a Job or CronJob reads them anew each time. */
export function consumersOf(objects: readonly KubeObject[], secrets: readonly RevisedSecret[]): Consumer[] {
  const known = new Map(secrets.map((secret) => [secret.name, secret]))
  return objects
    .filter(({ kind }) => workloadIs(kind, 'isRolledOut'))
    .flatMap((object) =>
      [...usedKeys(object)].flatMap(([name, keys]): Consumer[] => {
        const secret = known.get(name)
        if (secret === undefined) return []
        const runs = markOf(object, name)
        // A chart that marks its pods, but not with this one, says that they need no restart (a password for initdb).
        if (runs === undefined && isMarked(object)) return []
        return [
          {
            secret: name,
            object: nameOf(object),
            workload: componentOf(object, object.metadata.name),
            release: object.metadata.annotations?.['meta.helm.sh/release-name'],
            keys,
            runs: runs === undefined ? undefined : Number(runs),
            wants: newestOf(secret, keys),
          },
        ]
      }),
    )
}

/** It says what it runs, and that is something else than what the Secret holds. */
export function isBehind({ runs, wants }: Consumer): boolean {
  return runs !== undefined && runs !== wants
}

/** The pod template with the numbers of `secrets` in the marks that it has; the same object where none changes. */
export function withMarks(object: KubeObject, secrets: readonly RevisedSecret[], rendered?: KubeObject): KubeObject {
  const marks = consumersOf([object], secrets).flatMap(({ secret, runs, wants }): [string, string][] => {
    if (runs === undefined) return []
    // The chart knows best which keys count.
    return [[MARK + secret, (rendered && markOf(rendered, secret)) ?? String(wants)]]
  })
  if (marks.every(([name, value]) => annotationsOf(object)[name] === value)) return object
  const spec = object['spec'] as { template: { metadata: object } }
  const annotations = { ...annotationsOf(object), ...Object.fromEntries(marks) }
  const template = { ...spec.template, metadata: { ...spec.template.metadata, annotations } }
  return { ...object, spec: { ...spec, template } }
}

/** By secret: the keys that its pods use, undefined where one place takes all of them. */
function usedKeys(object: KubeObject): Map<string, readonly string[] | undefined> {
  const secrets = consumed(object).filter(({ kind }) => kind === 'Secret')
  return new Map(secrets.map(({ name, uses }) => [name, uses]))
}

function newestOf({ keyRevisions }: RevisedSecret, keys: readonly string[] | undefined): number {
  const numbers = Object.entries(keyRevisions).flatMap(([key, number]) =>
    (keys?.includes(key) ?? true) ? [number] : [],
  )
  return Math.max(0, ...numbers)
}

function markOf(object: KubeObject, secret: string): string | undefined {
  return annotationsOf(object)[MARK + secret]
}

function isMarked(object: KubeObject): boolean {
  return Object.keys(annotationsOf(object)).some((name) => MARKS.test(name))
}

function annotationsOf(object: KubeObject): Readonly<Record<string, string>> {
  const { template } = (object['spec'] ?? {}) as { template?: { metadata?: { annotations?: Record<string, string> } } }
  return template?.metadata?.annotations ?? {}
}
