import type { Image } from '../../src/domain/config/model.ts'
import type { ForgeError } from '../../src/errors.ts'
import { prepareImages, type PreparedImages } from '../../src/flows/images/prepare.ts'
import type { ImagesPorts, ImagesRequest } from '../../src/flows/images/work.ts'
import type { Builder, BuiltName, ImageBuild, NodeImages, Pullable, Registered } from '../../src/ports.ts'
import { memoryFiles, projectPorts } from './project-ports.ts'

export const at = { file: 'forge.yaml', line: 30, column: 3 }
export const never = new AbortController().signal
export const DIGEST = `sha256:${'d'.repeat(64)}`
export const OTHER = `sha256:${'e'.repeat(64)}`
export const REPOSITORY = 'ghcr.io/acme/app'

/** Stands in for a builder on the port: what it was asked to do, and what it answers. */
export class FakeBuilder implements Builder {
  readonly asked: string[] = []
  readonly builds: ImageBuild[] = []
  fails: Partial<Record<'build' | 'push', ForgeError>> = {}
  digest: string | undefined = DIGEST
  /** Whose file it saves. */
  nodes: FakeNodes | undefined
  /** Called while it builds. */
  during: (ref: string, signal: AbortSignal) => Promise<void> = () => Promise.resolve()

  async find(): Promise<string> {
    return await Promise.resolve('buildah')
  }

  async build(image: ImageBuild, ref: string, onLine: (line: string) => void, signal: AbortSignal): Promise<void> {
    this.asked.push(`build ${ref}`)
    this.builds.push(image)
    onLine('STEP 1: FROM scratch')
    await this.during(ref, signal)
    if (this.fails.build !== undefined) throw this.fails.build
  }

  async save(_image: ImageBuild, ref: string, use: (file: string) => Promise<void>): Promise<void> {
    this.asked.push(`save ${ref}`)
    this.nodes?.save(ref)
    await use('/tmp/image.tar')
  }

  async push(_image: ImageBuild, { ref, to }: BuiltName): Promise<string | undefined> {
    this.asked.push(ref === to ? `push ${ref}` : `push ${ref} to ${to}`)
    return await (this.fails.push === undefined ? Promise.resolve(this.digest) : Promise.reject(this.fails.push))
  }
}

/** Nodes that have what is loaded into them, unless they lose it. */
export class FakeNodes implements NodeImages {
  readonly what = 'kind cluster dev'
  readonly has = new Map<string, Set<string>>([
    ['one', new Set()],
    ['two', new Set()],
  ])
  loses: string | undefined
  #saved = ''

  save(ref: string): void {
    this.#saved = ref
  }

  async lacking(ref: string): Promise<string[]> {
    return await Promise.resolve([...this.has].flatMap(([node, refs]) => (refs.has(ref) ? [] : [node])))
  }

  async load(): Promise<void> {
    for (const [node, refs] of this.has) if (node !== this.loses) refs.add(this.#saved)
    await Promise.resolve()
  }
}

/** What a registry answers, one after the other; the last one again and again. */
export class FakeRegistry {
  readonly asked: string[] = []
  /** What it says of these, always. */
  knows: Readonly<Record<string, Registered>> = {}
  answers: Registered[] = [{ is: 'absent' }, { is: 'absent' }, { is: 'there', digest: DIGEST }]

  /** No test of builds comes so far. */
  async pull(): Promise<Pullable> {
    return await Promise.resolve({ is: 'unknown', why: 'nobody asks' })
  }

  async look(ref: string): Promise<Registered> {
    this.asked.push(ref)
    const known = this.knows[ref]
    if (known !== undefined) return await Promise.resolve(known)
    return await Promise.resolve((this.answers.length > 1 ? this.answers.shift() : this.answers[0]) as Registered)
  }
}

export interface Told {
  readonly builder: FakeBuilder
  readonly registry: FakeRegistry
  readonly lines: string[]
  readonly result: Promise<PreparedImages>
}

export const SOURCES = {
  kind: 'build',
  context: '.',
  dockerfile: 'docker/Dockerfile',
  ...{ args: [], secrets: [], platforms: [], ssh: [], cacheFrom: [], cacheTo: [] },
} as const

export const app: Image = {
  name: 'app',
  from: SOURCES,
  repository: REPOSITORY,
  to: [
    { release: 'api', path: ['app', 'image'], at },
    { release: 'api', path: ['worker', 'image'], at },
  ],
  at,
}

export interface Scene {
  readonly files?: Record<string, string>
  readonly env?: Record<string, string>
  readonly builder?: FakeBuilder
  readonly registry?: FakeRegistry
  readonly signal?: AbortSignal
}

export function prepare(images: readonly Image[], request: Partial<ImagesRequest> = {}, scene: Scene = {}): Told {
  const { builder = new FakeBuilder(), registry = new FakeRegistry() } = scene
  const lines: string[] = []
  const ports = portsOf({ ...scene, builder, registry }, lines)
  const whole: ImagesRequest = {
    images,
    environment: 'prod',
    dir: '/p',
    target: 'cluster',
    skipBuild: false,
    previousValues: new Map(),
    ...request,
  }
  return { builder, registry, lines, result: prepareImages(whole, ports) }
}

/** Files in memory, stand-ins for builder and registry; what is said goes to `lines`. */
export function portsOf(scene: Scene, lines: string[] = []): ImagesPorts {
  const { files = {}, env = {}, builder = new FakeBuilder(), registry = new FakeRegistry(), signal = never } = scene
  const all: Record<string, string> = { '/p/docker/Dockerfile': 'FROM scratch', '/p/main.ts': '', ...files }
  return {
    ...projectPorts(memoryFiles(all), { env }),
    signal,
    builder,
    registries: registry,
    contexts: {
      isFolder: async (folder: string) =>
        await Promise.resolve(Object.keys(all).some((name) => name.startsWith(`${folder}/`))),
      files: async (folder: string) =>
        await Promise.resolve(
          Object.entries(all)
            .filter(([name]) => name.startsWith(`${folder}/`))
            .map(([path, digest]) => ({ kind: 'file' as const, path, digest, isExecutable: false })),
        ),
      origin: async () => await Promise.resolve({ commit: 'a'.repeat(40), address: 'https://example.org/p.git' }),
      commit: async ({ ref = '' }) =>
        await Promise.resolve(ref === 'gone' ? { problem: 'it is gone' } : { commit: 'c'.repeat(40) }),
    },
    nodeImages: () => new FakeNodes(),
    platform: 'linux/amd64',
    redactor: { add: (value: string) => void lines.push(`secret ${value}`) },
    progress: (text: string) => void lines.push(text),
    onLine: (line: string, image: string) => void lines.push(`${image}: ${line}`),
  }
}

/** `repository:sha-…` as a run finds it. */
export async function taggedBy(image: Image, scene: Scene = {}): Promise<string> {
  const ref = (await prepare([image], {}, scene).result).refs.get(image.name) ?? ''
  return ref.split('@')[0] ?? ''
}
