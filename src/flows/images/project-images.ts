import { suggestion } from '../../domain/config/nearest.ts'
import { codedError, type CodedProblem } from '../../domain/config/problems.ts'
import type { Image, Project } from '../../domain/config/model.ts'
import { showLine } from '../../domain/config/position.ts'
import { floats, parseReference } from '../../domain/images/reference.ts'
import type { PreparedImage } from '../../domain/images/summary.ts'
import { imagesSummary } from '../../domain/images/summary.ts'
import { unlessItFails } from '../../expected.ts'
import { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import { resolveSecrets } from '../project/secrets.ts'
import type { StepReport } from '../step.ts'
import { isPushed, nodesOf } from './destination.ts'
import { make, makeHere, taggedRef } from './make.ts'
import { AT_ONCE, checkImage, plannedBuilds } from './prepare.ts'
import { sideBySide } from './side-by-side.ts'
import type { PlannedBuild } from './planned-build.ts'
import type { ImagesPorts, ImageWork, LocalNodes } from './work.ts'

/** Of `forge images`: what a deploy would hand to the charts, whatever runs. */
export interface ListedImage {
  readonly name: string
  /** Who makes it. */
  readonly from: 'build' | 'elsewhere'
  readonly ref: string
  /** `local`: its repository names no registry. `unknown`: the registry does not say; `why` is the reason. */
  readonly registry: 'there' | 'absent' | 'unknown' | 'local'
  readonly digest?: string
  readonly why?: string
}

export interface ImagesReport<One = ListedImage | PreparedImage> {
  readonly environment: string
  readonly images: readonly One[]
  readonly warnings: readonly string[]
}

type Ports = Omit<ImagesPorts, 'progress' | 'onLine'>

/** Nothing is built. Throws what is wrong with the sources. */
export async function listImages(
  project: Project,
  names: readonly string[],
  ports: Ports,
): Promise<ImagesReport<ListedImage>> {
  const work = workOf(project, ports)
  const images = chosen(project, names)
  const plans = await plannedBuilds(
    images.filter(({ from }) => from.kind !== 'ref'),
    work,
  )
  const listed = await sideBySide(images, AT_ONCE, ports.signal, async (image, signal) => {
    const refs = refsOf(image, plans.get(image.name))
    return await Promise.all(refs.map(async (ref) => await listedImage(image, ref, { ...ports, signal })))
  })
  return { environment: project.environment.name, images: listed.flat(), warnings: work.warnings }
}

/** One in each place that it goes to. */
function refsOf(image: Image, plan: Pick<PlannedBuild, 'tag'> | undefined): string[] {
  if (image.from.kind === 'ref') return [image.from.ref]
  if (plan === undefined) throw new Error(`image ${image.name} was not planned`)
  return [taggedRef(image, plan), ...(image.also ?? []).map((repository) => `${repository}:${plan.tag}`)]
}

async function listedImage(image: Image, ref: string, { registries, signal }: Ports): Promise<ListedImage> {
  const { name, from } = image
  const common = { name, from: from.kind === 'ref' ? ('elsewhere' as const) : ('build' as const), ref }
  if (from.kind !== 'ref' && !isPushed(image)) return { ...common, registry: 'local' }
  const { is, ...more } = await registries.look(ref, signal)
  return { ...common, registry: is, ...more }
}

/** The same, and E_IMAGE_MISSING for those that a registry does not have. What it does not say is a warning. */
export async function checkImages(
  project: Project,
  names: readonly string[],
  ports: Ports,
): Promise<ImagesReport<ListedImage>> {
  const report = await listImages(project, names, ports)
  const listed = report.images
  const problems = listed.flatMap((image): CodedProblem[] => {
    const at = project.images.find(({ name }) => name === image.name)?.at
    if (image.registry !== 'absent') return []
    const hint = image.from === 'build' ? { hint: forge('images', 'push', '--only', image.name) } : {}
    const message = `image ${image.name}: the registry does not have ${image.ref}`
    return [{ code: 'E_IMAGE_MISSING', message, ...(at === undefined ? {} : { at }), ...hint }]
  })
  const error = codedError(problems, forge('explain', 'E_IMAGE_MISSING'))
  if (error !== undefined) throw error
  return { ...report, warnings: [...report.warnings, ...listed.flatMap(doubtsOf)] }
}

function doubtsOf({ name, ref, from, registry, why }: ListedImage): string[] {
  const parsed = parseReference(ref)
  return [
    ...(registry === 'unknown' ? [`image ${name}: not checked, ${why ?? 'the registry does not say'} (${ref})`] : []),
    ...(registry === 'local' ? [`image ${name}: not checked, its repository names no registry`] : []),
    ...(from === 'elsewhere' && !('problem' in parsed) && floats(parsed)
      ? [`image ${name}: ${ref} floats, so what runs can change without a deploy`]
      : []),
  ]
}

/** `here`: for this machine alone; `registry`; `nodes` of the environment's cluster, by the context that a kubeconfig would choose. */
export type Goal = { readonly is: 'here' | 'registry' } | { readonly is: 'nodes'; readonly context: string | undefined }

/** Makes sure that each image is where it is to be. Throws E_IMAGE_LOAD where no nodes take images from this machine. */
export async function buildProjectImages(
  project: Project,
  { names, goal }: { readonly names: readonly string[]; readonly goal: Goal },
  ports: Ports,
  report: StepReport,
): Promise<ImagesReport<PreparedImage> & { readonly summary: string }> {
  const images = chosen(project, names).filter(({ from }) => from.kind !== 'ref')
  const nodes = goal.is === 'nodes' ? requiredNodes(project, goal.context, ports) : undefined
  // A build may print what it was given.
  await unlessItFails(resolveSecrets(project, ports, ports.redactor), () => undefined)
  const onLine = (line: string, image: string): void => report.line(image, line)
  const work = { ...workOf(project, ports), nodes, progress: (text: string) => report.detail(text), onLine }
  const plans = await plannedBuilds(images, work)
  const made = await sideBySide(images, AT_ONCE, ports.signal, async (image, signal) => {
    const plan = plans.get(image.name)
    if (plan === undefined) throw new Error(`image ${image.name} was not planned`)
    return await (goal.is === 'here' ? makeHere : make)(image, plan, { ...work, signal })
  })
  const summary = made.length === 0 ? 'forge.yaml builds none' : imagesSummary(made)
  return { environment: project.environment.name, images: made, warnings: work.warnings, summary }
}

/** Whoever asks for it says where they go: also what would be pushed. */
function requiredNodes({ environment }: Project, context: string | undefined, ports: Ports): LocalNodes {
  const nodes = nodesOf(environment.cluster, context, ports)
  if (nodes !== undefined) return { ...nodes, takesAll: true }
  const why = environment.cluster.sandbox
    ? 'the nodes of a sandbox are simulated and take none'
    : `context ${context ?? 'unknown'} is not named as kind, k3d and minikube do, and cluster.load says nothing`
  throw new ForgeError('E_IMAGE_LOAD', `environment ${environment.name} takes no images from this machine: ${why}`, {
    hint: forge('images', 'push', '--env', environment.name),
    where: showLine(environment.at),
  })
}

function workOf({ dir }: Project, ports: Ports): ImageWork {
  return { ...ports, dir, warnings: [], progress: () => undefined, onLine: () => undefined }
}

/** Throws E_USAGE for a name that is no image of the project, E_IMAGE_REFERENCE. */
function chosen({ images }: Project, names: readonly string[]): readonly Image[] {
  const known = images.map(({ name }) => name)
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw new ForgeError('E_USAGE', `forge.yaml has no image "${unknown}"${suggestion(unknown, known)}`, {
      hint: forge('images', 'list'),
      where: '--only',
    })
  const found = names.length === 0 ? images : images.filter(({ name }) => names.includes(name))
  found.forEach(checkImage)
  return found
}
