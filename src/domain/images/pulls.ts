import type { KubeObject } from '../kube.ts'
import type { PullLogin } from './keyring.ts'
import { allowedNodes, takesPod } from '../access/placement.ts'
import { hasImage, mayGrow, platformOfNode, runsOn } from './nodes.ts'
import { parseReference, wholeName } from './reference.ts'
import type { ImageUse } from './uses.ts'

/** What the pods of an object pull an image with. */
export interface Pulling {
  readonly namespace: string
  /** Those that they name, or that their ServiceAccount gives them. */
  readonly secrets: readonly string[]
  /** The account that would give them some. Undefined: they name their own. */
  readonly account: string | undefined
  /** Those of the secrets that are for the image. */
  readonly logins: readonly PullLogin[]
  /** Secrets of them that are not there, and that nothing makes. */
  readonly missing: readonly string[]
  /** Secrets of them that are no docker configuration: with one of those kubelet pulls nothing. */
  readonly unreadable: readonly string[]
  /** Why it is not known what they will pull with. */
  readonly unknown: string | undefined
}

/** What a registry said, as far as this decides by it. */
export type Answer =
  | { readonly is: 'there'; readonly platforms?: readonly string[] }
  | { readonly is: 'absent' | 'denied' }
  | { readonly is: 'unknown'; readonly why: string }

/** What the cluster has. */
export interface PullScene {
  /** Undefined: they may not be seen. */
  readonly nodes: readonly KubeObject[] | undefined
  /** Images that the live releases run well. */
  readonly running: ReadonlySet<string>
  /** Repositories of which pods without a login for them run images. */
  readonly open: ReadonlySet<string>
}

export type PullJudgement =
  | { readonly is: 'fine' }
  /** `because`, for a hint. `soft`: why it need not fail, so that it is only a warning. */
  | {
      readonly is: 'wrong'
      readonly because: 'absent' | 'denied' | 'platform'
      readonly why: string
      readonly soft?: string
    }
  | { readonly is: 'remark'; readonly why: string }
  | { readonly is: 'unchecked'; readonly why: string }

const FINE: PullJudgement = { is: 'fine' }

/** Registries for which nodes of a cloud have a login of their own (kubelet's image credential providers of AWS, Google and Azure). */
const CLOUD =
  /^(?:[^/]+\.dkr[.-]ecr(?:-fips)?\.[^/]+\.(?:amazonaws\.com(?:\.cn)?|on\.aws)|(?:[^/]+\.)?gcr\.io|[^/]+\.pkg\.dev|[^/]+\.azurecr\.(?:io|cn|de|us))\//u

/** What is known without a registry; undefined: it has to be asked. */
export function judgeUnasked(use: ImageUse, { nodes, running }: Omit<PullScene, 'open'>): PullJudgement | undefined {
  if (use.policy === 'Always') return undefined
  const allowed = allowedNodes(use.spec, nodes ?? [])
  const told = allowed.map((node) => hasImage(node, use.image))
  if (use.policy === 'Never')
    return told.includes('yes') || running.has(use.image)
      ? FINE
      : { is: 'unchecked', why: 'its pull policy is Never, and no node says that it has it' }
  return told.length > 0 && told.every((one) => one === 'yes') ? FINE : undefined
}

/** What comes of the answer that the pods' own logins were given. */
export function judgeAnswer(use: ImageUse, pulling: Pulling, answer: Answer, scene: PullScene): PullJudgement {
  const [garbled] = pulling.unreadable
  if (garbled !== undefined)
    return wrong(use, 'denied', `Secret ${garbled}, with which its pods pull, holds no docker configuration`, scene)
  switch (answer.is) {
    case 'there':
      return judgePlatforms(use, answer.platforms ?? [], scene)
    case 'unknown':
      // Nothing about it changes.
      return scene.running.has(use.image) ? FINE : { is: 'unchecked', why: `${registryOf(use.image)}: ${answer.why}` }
    case 'absent':
      // Some registries say so of what they do not show to everybody.
      if (pulling.unknown !== undefined) return { is: 'unchecked', why: pulling.unknown }
      return wrong(use, 'absent', 'it does not exist', scene)
    case 'denied':
      return judgeDenied(use, pulling, scene)
  }
}

function judgeDenied(use: ImageUse, pulling: Pulling, scene: PullScene): PullJudgement {
  if (pulling.unknown !== undefined) return { is: 'unchecked', why: pulling.unknown }
  const repository = repositoryOf(use.image)
  const why = `its registry ${deniedText(pulling, registryOf(use.image))}`
  if (CLOUD.test(`${repository}/`))
    return { is: 'unchecked', why: `${why}; the nodes may have a login of their own, as that cloud gives them` }
  const found = wrong(use, 'denied', why, scene)
  return found.soft !== undefined || !scene.open.has(repository)
    ? found
    : { ...found, soft: 'pods without a login run images of this repository now: the nodes may have one' }
}

function deniedText({ secrets, logins, missing }: Pulling, host: string): string {
  const named = [...new Set(logins.map(({ secret }) => secret))]
  if (named.length > 0) return `refuses the login of ${secretsText(named)}`
  const wants = 'wants a login (or has no such image)'
  if (secrets.length === 0) return `${wants}, and its pods have no pull secret`
  return missing.length > 0
    ? `${wants}, and the pull secret of its pods, ${secretsText(missing)}, does not exist`
    : `${wants}, and the pull secret of its pods, ${secretsText(secrets)}, has none for ${host}`
}

function secretsText(names: readonly string[]): string {
  return `Secret ${names.join(' and Secret ')}`
}

function wrong(
  { image, spec, policy }: ImageUse,
  because: 'absent' | 'denied',
  why: string,
  { nodes, running }: PullScene,
): PullJudgement & { readonly is: 'wrong' } {
  const told = policy === 'Always' ? [] : allowedNodes(spec, nodes ?? []).map((node) => hasImage(node, image))
  const soft = running.has(image)
    ? 'the live release has it already; a pod that comes to another node would not start'
    : told.includes('yes')
      ? 'some nodes have it; on the others no pod of it would start'
      : told.includes('unknown')
        ? 'only nodes that were given it by hand can run it'
        : undefined
  return { is: 'wrong', because, why, ...(soft === undefined ? {} : { soft }) }
}

function judgePlatforms(
  use: ImageUse,
  platforms: readonly string[],
  { nodes = [], running }: PullScene,
): PullJudgement {
  const allowed = allowedNodes(use.spec, nodes)
  const known = allowed.map((node) => ({ node, platform: platformOfNode(node) }))
  if (platforms.length === 0 || running.has(use.image) || known.some(({ platform }) => platform === undefined))
    return FINE
  const others = known.filter(({ platform = '' }) => !runsOn(platforms, platform))
  if (others.length === 0) return FINE
  const built = `it is built for ${platforms.join(', ')}`
  const theirs = [...new Set(others.map(({ platform = '' }) => platform))].toSorted().join(', ')
  if (others.length === known.length) {
    const where =
      known.length === 1 ? `the node is ${theirs}` : `the ${known.length} nodes that its pods may run on are ${theirs}`
    const soft = mayGrow(nodes) ? { soft: 'another node may come' } : {}
    return { is: 'wrong', because: 'platform', why: `${built}, and ${where}`, ...soft }
  }
  const strange = others.filter(({ node }) => takesPod(node, use.spec))
  if (strange.length === 0) return FINE
  const names = strange.map(({ node }) => node.metadata.name)
  const more = names.length > 3 ? ` and ${names.length - 3} more` : ''
  return { is: 'remark', why: `${built}, and its pods may come to ${names.slice(0, 3).join(', ')}${more} (${theirs})` }
}

/** `docker.io/library/redis` */
export function repositoryOf(image: string): string {
  const parsed = parseReference(image)
  return 'problem' in parsed ? image : wholeName(parsed)
}

function registryOf(image: string): string {
  return repositoryOf(image).split('/')[0] ?? ''
}
