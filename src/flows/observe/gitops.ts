import { gitopsOwned, OWNER_GROUPS, ownerName, TOOL_NAMES, type GitopsOwned } from '../../domain/gitops.ts'
import { keyOf, placedName, refOf, resourceName, type ApiResource, type KubeObject } from '../../domain/kube.ts'
import { isBundledDefinition } from '../../domain/manifest/parse.ts'
import { showPosition } from '../../domain/config/position.ts'
import type { SecretPlan } from '../../domain/secrets/model.ts'
import { forge, kubectl, type Hint } from '../../hint.ts'
import type { Project } from '../../domain/config/model.ts'
import { found, refuse, type Check, type Finding, type Refusal } from '../phases/findings.ts'
import type { Observed } from '../phases/observed.ts'
import type { Compared } from '../phases/planned.ts'
import { readLive } from './live.ts'

/** `managedBy` of the environment: E_GITOPS_OWNED for whatever writes. */
export function managedRefusal({ environment }: Pick<Project, 'environment'>): Refusal[] {
  const { name, managedBy, at } = environment
  if (managedBy === undefined) return []
  const message = `environment ${name} is managed by ${TOOL_NAMES[managedBy]} (managedBy): forge writes nothing there`
  const details = { hint: forge('plan', '--env', name), where: showPosition(at) }
  return [{ ...refuse('E_GITOPS_OWNED', message, details), inPlan: [message] }]
}

/** The same of a run: to whom collects all that is found it is how the environment is meant, and nothing to mend. */
export function managedFindings(project: Pick<Project, 'environment'>, isCollected: boolean): readonly Finding[] {
  const refusals = managedRefusal(project)
  return isCollected ? refusals.map(({ error }) => found(error.message)) : refusals
}

/**
 * Before anything is made: a namespace that is to be written into, and a release that Flux installed. Its marks are in helm's
 * record, and count where the live objects still bear them. No request where no record has any.
 */
export const checkGitopsFound: Check<Observed> = async (known, { signal }) => {
  const { facts, releases, project } = known
  if (project.environment.managedBy !== undefined) return []
  const marked = releases.map(({ previous }) => ({
    rendered: [],
    previous: previous.filter(({ object }) => gitopsOwned([object]).length > 0),
  }))
  const isMarked = marked.some(({ previous }) => previous.length > 0)
  const live = isMarked ? await readLive({ ...known, releases: marked }, { signal }) : new Map<string, KubeObject>()
  const namespaces = facts.namespaces.flatMap(({ object }) => object ?? [])
  return gitopsRefusal(gitopsOwned([...namespaces, ...live.values()]), project.environment.namespace, facts.resources)
}

/** The objects that helm would write or delete, the Secrets that forge would, and helm's own records. */
export const checkGitopsOwned: Check<Compared> = (known) => {
  const { facts, live, project, secretPlans, releases } = known
  if (project.environment.managedBy !== undefined) return []
  const objects = releases.flatMap((one) => writtenKeys(one).flatMap((key) => live.get(key) ?? []))
  const records = releases.flatMap(({ history: [newest] }) => newest?.secret ?? [])
  const owned = [...gitopsOwned([...objects, ...records]), ...ownedSecrets(secretPlans)]
  return gitopsRefusal(owned, project.environment.namespace, facts.resources)
}

/** Those that are to be written. */
export function ownedSecrets(plans: readonly SecretPlan[]): GitopsOwned[] {
  return plans.flatMap(({ object, owner }) => (object === undefined || owner === undefined ? [] : [{ object, owner }]))
}

/** What is left out: definitions that helm does not touch. */
function writtenKeys({ rendered, previous, release }: Compared['releases'][number]): string[] {
  const written = rendered.filter((one) => release.crds === 'update' || !isBundledDefinition(one))
  return [...new Set([...written, ...previous].map(({ object }) => keyOf(object)))]
}

/** For a flow without phases: throws the first. */
export function requireWritable([refused]: readonly Refusal[]): void {
  if (refused !== undefined) throw refused.error
}

/** E_GITOPS_OWNED, told by the first object and listing an object of every owner. */
export function gitopsRefusal(
  owned: readonly GitopsOwned[],
  home: string,
  resources: readonly ApiResource[],
): Refusal[] {
  const [first] = owned
  if (first === undefined) return []
  const { object, owner } = first
  const text = (one: GitopsOwned): string => `${placedName(refOf(one.object), home)} belongs to ${ownerName(one.owner)}`
  const details = {
    hint: look(first, resources),
    where: placedName(refOf(object), home),
    chain: [ownerName(owner), `${owner.mark} of ${placedName(refOf(object), home)}`],
    problems: owned.map((one) => ({ message: text(one) })),
  }
  const why = `${TOOL_NAMES[owner.tool]} would take back what forge writes`
  return [
    {
      ...refuse('E_GITOPS_OWNED', `${text(first)}: ${why}`, details),
      inPlan: owned.map((one) => `${text(one)}: a deploy is refused (E_GITOPS_OWNED)`),
    },
  ]
}

/** The owner, where this cluster has it; it may live in another one, and then the object shows its marks. */
function look({ object, owner }: GitopsOwned, resources: readonly ApiResource[]): Hint {
  const { kind, name, namespace } = owner
  const group = OWNER_GROUPS[kind]
  const plural = `${kind.toLowerCase()}s.${group}`
  if (!resources.some((one) => one.kind === kind && one.apiVersion.startsWith(`${group}/`))) {
    const { metadata } = object
    return kubectl(['get', resourceName(object), metadata.name, '-o', 'yaml'], metadata.namespace)
  }
  if (namespace !== undefined) return kubectl(['get', plural, name, '-o', 'yaml'], namespace)
  return kubectl(['get', plural, '--all-namespaces', '--field-selector', `metadata.name=${name}`])
}
