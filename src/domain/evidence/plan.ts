import type { JournalVerdict } from '../journal/model.ts'
import { nameOf, type KubeObject, type ObjectRef } from '../kube.ts'
import { manifestYaml, objectYaml, type Mask } from './objects.ts'
import { claimsOf, failingPods, familyOf, logSources } from './pods.ts'

export interface EvidenceSubject {
  readonly namespace: string
  /** The workloads that failed. */
  readonly failing: readonly ObjectRef[]
  /** What was seen last of them, their pods and what lies between. */
  readonly objects: readonly KubeObject[]
  readonly verdict: JournalVerdict
  /** The command that helps, complete. */
  readonly next: string
  /** What helm applied, by release. */
  readonly manifests: readonly { readonly release: string; readonly text: string }[]
  /** What is known already, such as what helm said: `file` is relative and may have one folder in it. */
  readonly texts?: readonly KnownText[]
}

export interface KnownText {
  readonly file: string
  readonly about: string
  readonly text: string
}

/** One file of the evidence: written as it is, or still to be asked for. */
export type Piece = { readonly file: string; readonly about: string } & (
  | { readonly kind: 'text'; readonly text: () => string }
  | { readonly kind: 'events'; readonly namespace: string }
  | {
      readonly kind: 'log'
      readonly namespace: string
      readonly pod: string
      readonly container: string
      readonly previous: boolean
    }
)

/** So many pods are told in full before what is common to all of them; the others come last. */
const FIRST_PODS = 3

/** What is worth keeping, most relevant first. `gaps`: what there is nothing to ask for, and why. */
export function planEvidence(subject: EvidenceSubject, mask: Mask): { pieces: Piece[]; gaps: string[] } {
  const { roots, owned } = familyOf(subject.failing, subject.objects)
  const pods = failingPods([...roots, ...owned])
  const claims = new Set(pods.flatMap(claimsOf))
  const others = owned.filter((object) => object.kind !== 'Pod' && !isRetired(object))
  const volumes = subject.objects.filter(
    ({ kind, metadata }) => kind === 'PersistentVolumeClaim' && claims.has(metadata.name),
  )
  const { namespace: home } = subject
  const away = namespacesOf(subject).filter((namespace) => namespace !== home)
  const yaml = (object: KubeObject): Piece => objectPiece(object, home, mask)
  const missing = subject.failing.filter((ref) => !roots.some((root) => nameOf(root) === nameOf(ref)))
  return {
    pieces: [
      {
        kind: 'text',
        file: 'verdict.txt',
        about: 'what failed, and why',
        text: () => mask.text(verdictText(subject.verdict, subject.next)),
      },
      { kind: 'events', namespace: home, file: 'events.txt', about: `events of namespace ${home}, oldest first` },
      ...away.map((namespace): Piece => {
        const about = `events of namespace ${namespace}, oldest first`
        return { kind: 'events', namespace, file: `events.${namespace}.txt`, about }
      }),
      ...(subject.texts ?? []).map(({ text, ...piece }): Piece => {
        return { ...piece, kind: 'text', text: () => mask.text(text) }
      }),
      ...roots.filter(({ kind }) => kind !== 'Pod').map(yaml),
      ...pods.slice(0, FIRST_PODS).flatMap((pod) => podPieces(pod, home, mask)),
      ...others.map(yaml),
      ...subject.manifests.map(({ release, text }): Piece => {
        return {
          kind: 'text',
          file: `manifests/${release}.yaml`,
          about: `what helm applied for ${release}`,
          text: () => manifestYaml(text, mask),
        }
      }),
      ...volumes.map(yaml),
      ...pods.slice(FIRST_PODS).flatMap((pod) => podPieces(pod, home, mask)),
    ],
    gaps: [
      ...missing.map((ref) => `${nameOf(ref)}: not seen in the cluster`),
      ...pods.flatMap((pod) =>
        logSources(pod).never.map((container) => `log of ${pod.metadata.name}, ${container}: it never started`),
      ),
    ],
  }
}

/** A Deployment keeps its last ten ReplicaSets; those without pods explain nothing. */
function isRetired(object: KubeObject): boolean {
  const { kind, spec, status } = object as {
    kind: string
    spec?: { replicas?: number }
    status?: { replicas?: number }
  }
  return kind === 'ReplicaSet' && spec?.replicas === 0 && (status?.replicas ?? 0) === 0
}

function objectPiece(object: KubeObject, home: string, mask: Mask): Piece {
  const file = `objects/${inFiles(object, home)}${object.kind.toLowerCase()}-${object.metadata.name}.yaml`
  return { kind: 'text', file, about: nameOf(object), text: () => objectYaml(object, mask) }
}

function podPieces(pod: KubeObject, home: string, mask: Mask): Piece[] {
  const { name, namespace = home } = pod.metadata
  const logs = logSources(pod).sources.map(({ container, previous }): Piece => {
    const file = `logs/${inFiles(pod, home)}${name}.${container}${previous ? '.previous' : ''}.log`
    const about = `log of ${name}, ${container}${previous ? ', the run before' : ''}`
    return { kind: 'log', file, about, namespace, pod: name, container, previous }
  })
  return [objectPiece(pod, home, mask), ...logs]
}

/** The environment's own first, then those of what failed. */
export function namespacesOf({ namespace, failing }: Pick<EvidenceSubject, 'namespace' | 'failing'>): string[] {
  return [...new Set([namespace, ...failing.flatMap((ref) => ref.namespace ?? [])])]
}

/** Two namespaces may have an object of one name. */
function inFiles({ metadata: { namespace } }: KubeObject, home: string): string {
  return namespace === undefined || namespace === home ? '' : `${namespace}.`
}

function verdictText({ code, message, chain, where, log }: JournalVerdict, next: string): string {
  return [
    message,
    code,
    ...(chain.length > 0 ? [`why     ${chain.join(' → ')}`] : []),
    ...(where === undefined ? [] : [`where   ${where}`]),
    `next    ${next}`,
    ...(log.length > 0 ? ['', ...log] : []),
  ].join('\n')
}

export interface Gathered {
  readonly piece: Pick<Piece, 'file' | 'about'>
  /** Why it is not there. */
  readonly missing?: string
}

/** The file that says what there is, what is not, and why. */
export function indexText(title: string, gathered: readonly Gathered[], gaps: readonly string[]): string {
  const there = gathered.filter(({ missing }) => missing === undefined)
  const not = gathered.flatMap(({ piece, missing }) => (missing === undefined ? [] : [`${piece.about}: ${missing}`]))
  const width = Math.max(0, ...there.map(({ piece }) => piece.file.length))
  return [
    title,
    '',
    ...there.map(({ piece }) => `${piece.file.padEnd(width)}  ${piece.about}`),
    ...(not.length + gaps.length > 0 ? ['', 'Not here:', ...[...not, ...gaps].map((line) => `- ${line}`)] : []),
    '',
  ].join('\n')
}
