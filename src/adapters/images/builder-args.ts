import { familiar, parseReference } from '../../domain/images/reference.ts'
import type { BuilderName, ImageBuild } from '../../domain/images/build.ts'
import type { BuiltName } from '../../ports.ts'

/** What a build is given beside its own settings. */
export interface BuildPlace {
  /** Of the Dockerfile. */
  readonly dockerfile: string
  /** Files by the id of the secret. */
  readonly secretFiles: Readonly<Record<string, string>>
  readonly ref: string
}

/** The command line of a build that ends with an image called `ref` here; `passing`: in buildx's cache is enough. */
export function buildCommand(name: BuilderName, image: ImageBuild, place: BuildPlace, passing = false): string[] {
  return [...opening(name, image, place.ref, passing), ...settings(name, image, place), image.context]
}

/** buildx builds once more, all of it from its cache, and sends the result: so it knows what each platform has. */
export function buildxPush(image: ImageBuild, place: BuildPlace, { to }: BuiltName, metadataFile: string): string[] {
  const sent = ['--push', '--tag', to, '--metadata-file', metadataFile]
  return ['buildx', 'build', ...sent, ...settings('buildx', image, place), image.context]
}

/** The command line that pushes what `buildCommand` made; buildx has its own. */
export function pushCommand(
  name: BuilderName,
  { platforms }: ImageBuild,
  { ref, to }: BuiltName,
  digestFile: string,
): string[] {
  if (name === 'docker') return ['push', to]
  const flags = ['--digestfile', digestFile, ...(isOnThisMachine(to) ? ['--tls-verify=false'] : [])]
  if (platforms.length > 1) return ['manifest', 'push', '--all', ...flags, ref, `docker://${to}`]
  return ['push', ...flags, ref, ...(to === ref ? [] : [`docker://${to}`])]
}

/** Writes an image of one platform into a file as `docker save` does, whichever builder made it. */
export function saveCommand(name: BuilderName, ref: string, file: string): string[] {
  switch (name) {
    case 'buildx':
    case 'docker':
      return ['save', '--output', file, ref]
    case 'podman':
      return ['save', '--format', 'docker-archive', '--output', file, ref]
    case 'buildah':
      return ['push', ref, `docker-archive:${file}:${ref}`]
  }
}

function opening(name: BuilderName, { platforms, bases }: ImageBuild, ref: string, passing: boolean): string[] {
  switch (name) {
    case 'buildx':
      // An image of several platforms has no place in docker's own store; it stays in the builder's cache.
      return ['buildx', 'build', ...(platforms.length === 1 && !passing ? ['--load', '--tag', ref] : [])]
    case 'docker':
      // It has no way to be told which; at least not the one of an earlier day.
      return ['build', ...(Object.keys(bases).length > 0 ? ['--pull'] : []), '--tag', ref]
    case 'podman':
    case 'buildah': {
      const isOne = platforms.length === 1
      // Without it each run builds all anew. With it one platform is given what another has (seen with buildah 1.28).
      const layers = name === 'buildah' && isOne ? ['--layers'] : []
      return ['build', ...layers, isOne ? '--tag' : '--manifest', ref]
    }
  }
}

function settings(name: BuilderName, image: ImageBuild, { dockerfile, secretFiles }: BuildPlace): string[] {
  const { target, platforms, args, contexts, bases, labels, ssh, cacheFrom, cacheTo, ignoreFile } = image
  // docker finds it itself, and knows no such flag.
  const ownIgnore = name === 'buildah' || name === 'podman'
  return [
    ...['--file', dockerfile],
    ...(ownIgnore && ignoreFile !== undefined ? ['--ignorefile', ignoreFile] : []),
    ...(target === undefined ? [] : ['--target', target]),
    ...['--platform', platforms.join(',')],
    ...buildArgFlags(args),
    ...Object.entries({ ...baseContexts(name, bases), ...contexts }).flatMap(([id, at]) => [
      '--build-context',
      `${id}=${at}`,
    ]),
    ...Object.entries(secretFiles).flatMap(([id, file]) => ['--secret', `id=${id},src=${file}`]),
    ...Object.entries(labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]),
    ...ssh.flatMap((one) => ['--ssh', one]),
    ...cacheFrom.flatMap((one) => ['--cache-from', one]),
    ...cacheTo.flatMap((one) => ['--cache-to', one]),
  ]
}

/** What is in the tag is what is built from, whatever a registry has by then. BuildKit knows an image by its familiar name. */
function baseContexts(name: BuilderName, bases: ImageBuild['bases']): Record<string, string> {
  if (name === 'docker') return {}
  return Object.fromEntries(
    Object.entries(bases).flatMap(([base, pinned]) => {
      const parsed = parseReference(base)
      const short = 'problem' in parsed ? base : familiar(parsed)
      return [...new Set([base, short])].map((id) => [id, `docker-image://${pinned}`] as const)
    }),
  )
}

/** Names that the builder itself listens to; a build argument of such a name goes as an argument. */
const OWN =
  /^(?:PATH|HOME|USER|SHELL|LANG|TERM|TMPDIR|REGISTRY_AUTH_FILE|SSH_.*|GIT_.*|DOCKER_.*|BUILDKIT_.*|BUILDX_.*|BUILDAH_.*|CONTAINERS?_.*|XDG_.*|STORAGE_.*|LC_.*|LD_.*)$/u

/** Values travel in the environment: a process's arguments can be read by everybody on the machine. */
function buildArgFlags(args: ImageBuild['args']): string[] {
  return Object.entries(args).flatMap(([name, value]) => ['--build-arg', OWN.test(name) ? `${name}=${value}` : name])
}

export function buildArgEnv(args: ImageBuild['args']): Record<string, string> {
  return Object.fromEntries(Object.entries(args).filter(([name]) => !OWN.test(name)))
}

/** What docker alone cannot do, which everybody has whose buildx is missing. */
export function tooMuchForDocker({ platforms, contexts, cacheTo, secrets, ssh }: ImageBuild): string | undefined {
  if (platforms.length > 1) return 'several platforms'
  if (Object.keys(contexts).length > 0) return 'additional contexts'
  if (Object.keys(secrets).length > 0) return 'secrets'
  if (ssh.length > 0) return 'ssh'
  return cacheTo.length > 0 ? 'cacheTo' : undefined
}

/** A registry of this machine may do without TLS, as docker has it too. */
export function isOnThisMachine(ref: string): boolean {
  const parsed = parseReference(ref)
  return !('problem' in parsed) && parsed.host !== undefined && isLoopback(parsed.host)
}

/** `localhost:5000` and the like. */
export function isLoopback(host: string): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?$/u.test(host)
}
