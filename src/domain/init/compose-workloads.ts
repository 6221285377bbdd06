import { isMap, type PlainMap } from '../config/path.ts'
import type { Problem } from '../config/position.ts'
import { showLine } from '../config/position.ts'
import { composeRefused, readComposeFile, type ComposeFile } from '../images/compose-file.ts'
import { ComposeTexts } from '../images/compose-texts.ts'
import { composeEnvironment, envFilesOf, type EnvContext } from './compose-env.ts'
import { composePorts, composeRun } from './compose-run.ts'
import { KnownSecrets, openly, withoutSecrets } from './compose-secrecy.ts'
import { composeSecrets, composeStorage } from './compose-storage.ts'
import { noteOf, withDataFolder } from './known-images.ts'
import type { Workload } from './model.ts'
import { nameOf } from './names.ts'
import { composeResources } from './compose-resources.ts'

export interface Composed {
  /** `name` of the file. */
  readonly project?: string
  readonly workloads: readonly Workload[]
  readonly warnings: readonly Problem[]
}

/** Taken over, or without a meaning for pods, which are always started again and always find each other. */
const READ = new Set([
  ...[
    'image',
    'build',
    'command',
    'entrypoint',
    'working_dir',
    'environment',
    'env_file',
    'ports',
    'expose',
    'volumes',
  ],
  ...['tmpfs', 'secrets', 'healthcheck', 'stop_grace_period', 'user', 'deploy', 'scale', 'depends_on', 'profiles'],
  ...['restart', 'networks', 'container_name', 'pull_policy', 'cpus', 'mem_limit', 'mem_reservation'],
])

interface Service {
  readonly key: string
  readonly name: string
  readonly raw: PlainMap
  readonly texts: ComposeTexts
  readonly image: string
}

/** Files that services name beside the compose file, from its folder. */
export function filesNamedIn({ services }: ComposeFile): string[] {
  return [...new Set(Object.values(services).flatMap((raw) => (isMap(raw) ? envFilesOf(raw) : [])))]
}

/** Each service as a Deployment. Throws E_IMAGE_COMPOSE with the line of what cannot be read. */
export function composeWorkloads(text: string, file: string, project: string, context: EnvContext): Composed {
  const compose = readComposeFile(text, file)
  const { whole, services: all, places } = compose
  const lookup = (name: string): string | undefined => context.dotenv[name]
  const warnings: Problem[] = []
  const names = Object.keys(all)
  if (names.length === 0) throw composeRefused(`${file} has no services`, places.of(['services']))
  const once = runOnce(all)
  const services = names.flatMap((key): Service[] => {
    const raw = isMap(all[key]) ? all[key] : {}
    const at = places.keyOf(['services', key])
    const why = whyLeftOut(raw, once.has(key))
    if (why !== undefined) warnings.push({ message: `service ${key} is left out: ${why}`, at })
    if (why !== undefined) return []
    const fail: ComposeTexts['fail'] = (path, message) =>
      composeRefused(
        `service ${key} of ${file} ${message}`,
        path.length === 0 ? at : places.of(['services', key, ...path]),
      )
    const texts = new ComposeTexts(lookup, fail)
    return [{ key, name: nameOf(key), raw, texts, image: imageOf(key, raw, project, texts) }]
  })
  requireOneEach(services, compose)
  const environments = services.map(({ name, raw, texts }) => composeEnvironment(name, raw, texts, context))
  const known = new KnownSecrets(context.dotenv, environments)
  const ports = new Map(services.map(({ key, raw, image, texts }) => [key, composePorts(raw, image, texts)]))
  const shared = isMap(whole['secrets']) ? whole['secrets'] : {}
  const workloads = services.map((service, at): Workload => {
    const { key, name, raw, texts, image } = service
    const where = places.keyOf(['services', key])
    const environment = environments[at] ?? { env: {}, secretEnv: {}, envFiles: [] }
    const taken = {
      ...{ name, image, from: `service ${key} of ${showLine(where)}`, ports: ports.get(key) ?? [] },
      ...(raw['build'] === undefined ? {} : { build: { compose: file, service: key } }),
      ...openly(composeRun(raw, image, texts), known, texts),
      ...withoutSecrets(name, environment, known),
      ...composeStorage(raw, texts),
      secretFiles: composeSecrets(raw, shared, texts),
      ...composeResources(raw, texts),
      waitFor: waitsOf(service, services, ports),
    }
    const env = withDataFolder(
      image,
      taken.env,
      taken.volumes.map(({ path }) => path),
    )
    noteTheRest(service, taken.ports.length === 0)
    const left = texts.notes.map((note): Problem => ({ message: `service ${key}: ${note}`, at: where }))
    warnings.push(...left)
    return { ...taken, env, left }
  })
  const named = new ComposeTexts(lookup, (path, message) => composeRefused(`${file} ${message}`, places.of(path)))
  const own = named.text(whole['name'], ['name'])
  for (const key of ['include', 'configs'].filter((one) => whole[one] !== undefined))
    warnings.push({ message: `${key} is left out`, at: places.keyOf([key]) })
  return { ...(own === undefined ? {} : { project: own }), workloads, warnings }
}

function whyLeftOut(raw: PlainMap, isOnce: boolean): string | undefined {
  if (Array.isArray(raw['profiles']) && raw['profiles'].length > 0)
    return 'it has a profile, so compose starts it only when asked'
  return isOnce
    ? 'others wait for its end (service_completed_successfully); make it a Job, or a hook of the chart'
    : undefined
}

/** Services for whose end others wait: a Deployment would start them again and again. */
function runOnce(services: PlainMap): ReadonlySet<string> {
  return new Set(
    Object.values(services).flatMap((raw) => {
      const needs = isMap(raw) && isMap(raw['depends_on']) ? raw['depends_on'] : {}
      const isEnd = (one: unknown): boolean => isMap(one) && one['condition'] === 'service_completed_successfully'
      return Object.entries(needs).flatMap(([name, one]) => (isEnd(one) ? [name] : []))
    }),
  )
}

function imageOf(key: string, raw: PlainMap, project: string, texts: ComposeTexts): string {
  if (raw['extends'] !== undefined) throw texts.fail(['extends'], 'extends another one, which forge does not follow')
  const image = texts.setText(raw['image'], ['image'])
  if (image !== undefined) return image
  if (raw['build'] === undefined) throw texts.fail([], 'has neither an image nor a build section')
  return `${project}-${nameOf(key)}:local`
}

function requireOneEach(services: readonly Service[], { places }: ComposeFile): void {
  const twice = services.find(({ name }, at) => services.findIndex((one) => one.name === name) !== at)
  const first = services.find(({ name }) => name === twice?.name)
  if (twice === undefined || first === undefined) return
  const message = `services ${first.key} and ${twice.key} would both be called ${twice.name} in Kubernetes`
  throw composeRefused(message, places.keyOf(['services', twice.key]))
}

function waitsOf(
  { raw }: Service,
  services: readonly Service[],
  ports: ReadonlyMap<string, Workload['ports']>,
): Workload['waitFor'] {
  const needs = raw['depends_on']
  const keys = Array.isArray(needs) ? needs.map(String) : isMap(needs) ? Object.keys(needs) : []
  return keys.flatMap((key) => {
    const name = services.find((one) => one.key === key)?.name
    const port = ports.get(key)?.find(({ protocol }) => protocol === 'TCP')
    return name === undefined || port === undefined ? [] : [{ name, port: port.number }]
  })
}

function noteTheRest({ raw, texts, key, name, image }: Service, isSilent: boolean): void {
  const known = noteOf(image)
  if (known !== undefined && raw['build'] === undefined) texts.note(known)
  const unread = Object.keys(raw).filter((one) => !READ.has(one) && !one.startsWith('x-'))
  for (const one of unread) texts.note(`${one} is left out`)
  if (isSilent) texts.note('has no ports, so nothing can reach it; `expose` names some')
  if (name !== key) texts.note(`is called ${name} in Kubernetes; others reach it under that name`)
}
