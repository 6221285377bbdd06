import type { Image } from '../../domain/config/model.ts'
import { judgeAnswer, judgeUnasked, repositoryOf, type PullJudgement, type Pulling } from '../../domain/images/pulls.ts'
import { isMap } from '../../domain/config/path.ts'
import { referenceAt } from '../../domain/images/reference.ts'
import { loadHelmYaml } from '../../domain/manifest/yaml.ts'
import { imageUses, runningUses, usedBy, type ImageUse } from '../../domain/images/uses.ts'
import { localCluster } from '../../domain/images/loaders.ts'
import { forge, kubectl, program, type Hint } from '../../hint.ts'
import type { Pullable } from '../../ports.ts'
import { hooksOf } from '../desire/hooks.ts'
import { isPushed } from '../images/destination.ts'
import { inParallel } from '../in-parallel.ts'
import { found, passedOver, refuse, unchecked, warn, type Check, type Finding } from '../phases/findings.ts'
import type { Compared } from '../phases/planned.ts'
import { renderedObjects } from './assess.ts'
import { PullSecrets } from './pull-secrets.ts'

/** More at once only make a registry refuse them. */
const AT_ONCE = 8

interface Told {
  readonly use: ImageUse
  readonly pulling?: Pulling
  readonly judgement: PullJudgement
}

/**
 * Whether the nodes will get every image of the pods that come: its registry is asked with the pull secrets of those pods, and with
 * nobody's login of this machine. E_IMAGE_PULL. A registry that cannot be asked from here stops nothing.
 */
export const checkPulls: Check<Compared> = async (known, { registries, project, signal }) => {
  const { environment } = known.project
  // Simulated nodes pull nothing.
  if (environment.cluster.sandbox) return [found('simulated nodes pull nothing')]
  if (environment.pullCheck === 'skip') return [passedOver('pulls', 'pullCheck: skip in forge.yaml')]
  const uses = await usesOf(known, signal)
  if (uses.length === 0) return []
  // A stranger's checkout does not say whom this machine speaks to.
  if (project.confinement !== undefined)
    return [unchecked('whether the images can be pulled', '--untrusted asks no registry')]
  const running = runningUses(known.live.values())
  const scene = { nodes: known.facts.nodes, running: new Set(running.map(({ image }) => image)) }
  const secrets = new PullSecrets(known, signal)
  // Whoever runs it fits it; and what tells the platforms counts as a pull at Docker Hub.
  const wantsPlatforms = (image: string): boolean => scene.nodes !== undefined && !scene.running.has(image)
  const ask = questions(registries.pull.bind(registries), wantsPlatforms, signal)
  const unasked = uses.flatMap((use): Told[] => {
    const judgement = judgeUnasked(use, scene)
    return judgement === undefined ? [] : [{ use, judgement }]
  })
  const settled = new Set(unasked.map(({ use }) => use))
  const answered = await inParallel(
    uses.filter((use) => !settled.has(use)),
    AT_ONCE,
    async (use) => {
      const pulling = await secrets.of(use)
      return { use, pulling, answer: await ask(use.image, pulling) }
    },
  )
  const denied = answered.flatMap(({ use, answer }) => (answer.is === 'denied' ? [use.image] : []))
  const open = await openRepositories(denied, running, secrets)
  const told = answered.map(({ use, pulling, answer }): Told => {
    return { use, pulling, judgement: judgeAnswer(use, pulling, answer, { ...scene, open }) }
  })
  return findingsOf([...unasked, ...told], known)
}

/** What a plan cannot know is left out: an image that a deploy would build, and one that no registry gets. */
async function usesOf(known: Compared, signal: AbortSignal): Promise<ImageUse[]> {
  const { releases, project, images, imageNotes } = known
  const later = new Set(imageNotes.filter(({ builds }) => builds === true).map(({ name }) => name))
  // Loaded into the nodes of a cluster on this machine.
  const loadsAll = localCluster(project.environment.cluster, known.cluster.context)?.said === true
  const out = project.images.filter(
    (image) => later.has(image.name) || (image.from.kind !== 'ref' && (loadsAll || !isPushed(image))),
  )
  const shown = await Promise.all(
    out.map(async (image) => images.get(image.name) ?? (await chartsOwn(image, known, signal))),
  )
  const leftOut = new Set(shown.flat())
  const hooks = releases.flatMap(hooksOf).map(({ object }) => object)
  return imageUses([...renderedObjects(known), ...hooks]).filter(({ image }) => !leftOut.has(image))
}

/** What stands where an image is handed to, as long as it is not. */
async function chartsOwn({ to }: Image, { releases, charts }: Compared, signal: AbortSignal): Promise<string[]> {
  const refs = to.map(async ({ release: name, path }) => {
    const found = releases.find(({ release }) => release.name === name)
    const given = referenceAt(found?.values, path)
    if (found === undefined || given !== undefined) return given ?? []
    const files = await charts.defaultFiles(found.release.chart, signal)
    const [inner, ...rest] = path
    const within = (file: string, at: typeof path): string[] => {
      const { value } = loadHelmYaml(files.find((one) => one.name === file)?.text ?? '')
      return isMap(value) ? [referenceAt(value, at) ?? ''] : []
    }
    return [...within('values.yaml', path), ...within(`charts/${String(inner)}/values.yaml`, rest)]
  })
  return (await Promise.all(refs)).flat()
}

/** Each question once. */
function questions(
  pull: (
    ref: string,
    question: { logins: Pulling['logins']; platforms: boolean },
    signal: AbortSignal,
  ) => Promise<Pullable>,
  wantsPlatforms: (image: string) => boolean,
  signal: AbortSignal,
): (image: string, pulling: Pulling) => Promise<Pullable> {
  const asked = new Map<string, Promise<Pullable>>()
  return async (image, { logins }) => {
    const key = JSON.stringify([image, logins])
    const asking = asked.get(key) ?? pull(image, { logins, platforms: wantsPlatforms(image) }, signal)
    asked.set(key, asking)
    return await asking
  }
}

/** Those of the denied images' repositories of which pods run images without a login for them. */
async function openRepositories(
  denied: readonly string[],
  running: readonly ImageUse[],
  secrets: PullSecrets,
): Promise<ReadonlySet<string>> {
  const wanted = new Set(denied.map(repositoryOf))
  const open = new Set<string>()
  for (const use of running.filter(({ image }) => wanted.has(repositoryOf(image)))) {
    const { logins, unknown } = await secrets.ofLive(use)
    if (logins.length === 0 && unknown === undefined) open.add(repositoryOf(use.image))
  }
  return open
}

function findingsOf(told: readonly Told[], { project }: Compared): Finding[] {
  const isStrict = project.environment.pullCheck !== 'warn'
  const wrong = told.flatMap((one) => (one.judgement.is === 'wrong' ? [{ ...one, judgement: one.judgement }] : []))
  const isRefused = ({ judgement }: (typeof wrong)[number]): boolean => isStrict && judgement.soft === undefined
  const [refused, soft] = [wrong.filter(isRefused), wrong.filter((one) => !isRefused(one))]
  const problems = grouped(refused, ({ use, judgement }) => `${use.image} ${judgement.why}`).map((some) => {
    const [{ use }] = some
    return {
      message: sentence(some),
      hint: hintFor(some[0], project),
      where: `${use.object.kind}/${use.object.metadata.name}`,
    }
  })
  const [first, ...others] = problems
  return [
    ...grouped(soft, ({ use, judgement }) => `${use.image} ${judgement.why}`).map((some) => {
      const { soft: but } = some[0].judgement
      return warn(`${sentence(some)}${but === undefined ? '' : `; ${but}`}`)
    }),
    ...told.flatMap(({ use, judgement }) =>
      judgement.is === 'remark' ? [warn(`${usedBy(use)} runs image ${use.image}: ${judgement.why}`)] : [],
    ),
    ...uncheckedOf(told),
    ...(first === undefined
      ? []
      : [refuse('E_IMAGE_PULL', first.message, { ...first, exit: 3, ...(others.length === 0 ? {} : { problems }) })]),
  ]
}

type Wrong = Told & { readonly judgement: PullJudgement & { readonly is: 'wrong' } }

function sentence([first, ...more]: readonly [Wrong, ...Wrong[]]): string {
  const others = more.map(({ use }) => usedBy(use)).join(', ')
  const also = more.length === 0 ? '' : ` (neither can ${others})`
  return `${usedBy(first.use)} cannot pull image ${first.use.image}: ${first.judgement.why}${also}`
}

/** One line for a registry that cannot be asked, however many images it has. */
function uncheckedOf(told: readonly Told[]): Finding[] {
  const some = told.flatMap(({ use, judgement }) =>
    judgement.is === 'unchecked' ? [{ image: use.image, why: judgement.why }] : [],
  )
  return grouped(some, ({ why }) => why).map((group) => {
    const images = [...new Set(group.map(({ image }) => image))]
    const more = images.length > 3 ? ` and ${images.length - 3} more` : ''
    return unchecked(`whether the nodes can pull ${images.slice(0, 3).join(', ')}${more}`, group[0].why)
  })
}

function grouped<T>(items: readonly T[], key: (item: T) => string): [T, ...T[]][] {
  return [...Map.groupBy(items, key).values()] as [T, ...T[]][]
}

function hintFor({ use, pulling, judgement }: Wrong, { images, environment }: Compared['project']): Hint {
  const { image } = use
  if (judgement.because === 'platform') return kubectl(['get', 'nodes', '--label-columns', 'kubernetes.io/arch'])
  if (judgement.because === 'absent') {
    const isOurs = images.some(({ from }) => from.kind === 'ref' && from.ref === image)
    return isOurs
      ? forge('images', 'check', '--env', environment.name)
      : program('docker', 'buildx', 'imagetools', 'inspect', image)
  }
  const { namespace, secrets = [], account } = pulling ?? {}
  if (secrets.length > 0) return kubectl(['get', 'secret', ...secrets], namespace)
  return kubectl(['get', 'serviceaccount', account ?? 'default', '--output', 'yaml'], namespace)
}
