import { certificates } from '../../src/adapters/files/certificates.ts'
import { projectModules } from '../../src/adapters/files/modules.ts'
import { absolutePath } from '../../src/domain/config/file-path.ts'
import type { KubeObject, ObjectRef, KindRef } from '../../src/domain/kube.ts'
import { ForgeError } from '../../src/errors.ts'
import type { VaultAccess, VaultStore } from '../../src/vault-port.ts'
import type { ProjectPorts } from '../../src/flows/project/ports.ts'
import type { Files } from '../../src/ports.ts'
import type { ApplyPorts } from '../../src/flows/secrets-apply.ts'
import { FakeClock } from './fake-clock.ts'
import { forge, hintLine, type HintPlace } from '../../src/hint.ts'
import { HERE } from './hints.ts'

/** Files in memory under /p. `modes` tells with which mode each was written. */
export function memoryFiles(
  initial: Readonly<Record<string, string | Uint8Array>>,
): Files & { contents: Map<string, string | Uint8Array>; modes: Map<string, number | undefined> } {
  const contents = new Map(Object.entries(initial).map(([path, content]) => [absolutePath('/p', path), content]))
  const modes = new Map<string, number | undefined>()
  const bytes = (path: string): Uint8Array | undefined => {
    const content = contents.get(absolutePath('/p', path))
    return typeof content === 'string' ? new TextEncoder().encode(content) : content
  }
  return {
    contents,
    modes,
    resolve: (path) => absolutePath('/p', path),
    read: (path) =>
      Promise.resolve(bytes(path)).then((content) =>
        content === undefined ? undefined : new TextDecoder().decode(content),
      ),
    readBytes: (path) => Promise.resolve(bytes(path)),
    exists: (path) => Promise.resolve(contents.has(absolutePath('/p', path))),
    write: (path, content, mode) => {
      contents.set(absolutePath('/p', path), content)
      modes.set(absolutePath('/p', path), mode)
      return Promise.resolve()
    },
  }
}

export interface Outside {
  readonly env?: Readonly<Record<string, string>>
  readonly commands?: Readonly<Record<string, string>>
  readonly decrypted?: Readonly<Record<string, string>>
  /** What is at each path of Vault. */
  readonly vault?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** How Vault was asked is noted here. */
  readonly asked?: VaultAccess[]
  /** What lives in Vault; undefined: it cannot be asked. */
  readonly store?: VaultStore
  readonly now?: number
}

export function projectPorts(
  files: Files,
  {
    env = {},
    commands = {},
    decrypted = {},
    vault = {},
    asked = [],
    store,
    now = Date.parse('2026-11-20T12:00:00Z'),
  }: Outside = {},
): ProjectPorts {
  return {
    files,
    sources: {
      env: (name) => env[name],
      withhold: () => undefined,
      command: (argv) =>
        answer(
          commands[argv.join(' ')],
          new ForgeError('E_SOURCE_COMMAND', `command ${argv[0] ?? ''} is not installed`, { hint: forge('validate') }),
        ),
      decrypt: (file) =>
        answer(
          decrypted[file],
          new ForgeError('E_SOURCE_SOPS', `sops cannot decrypt ${file}`, { hint: forge('validate') }),
        ),
      vault: (path, access) => {
        asked.push(access)
        return Promise.resolve(
          vault[path] === undefined
            ? { kind: 'missing', what: `Vault has nothing at ${path}` }
            : { kind: 'found', data: vault[path] },
        )
      },
      vaultStore: (access) => {
        asked.push(access)
        return answer(
          store,
          new ForgeError('E_SOURCE_VAULT', 'Vault at https://vault.test cannot be reached (ECONNREFUSED)', {
            hint: forge('validate'),
          }),
        )
      },
      examineVault: () => {
        const unseen = () => Promise.resolve({ kind: 'unseen' as const, why: 'there is no Vault' })
        return Promise.resolve({ where: unseen, role: unseen, policy: unseen, place: unseen })
      },
    },
    modules: projectModules,
    certificates,
    chartFiles: () => Promise.resolve(undefined),
    missingCharts: () => Promise.resolve([]),
    checkouts: () => Promise.resolve([]),
    plain: noPlainFiles,
    clock: { now: () => now },
    signal: new AbortController().signal,
  }
}

const noPlainFiles: ProjectPorts['plain'] = {
  find: () => Promise.resolve([]),
  kustomize: () => Promise.reject(new Error('no kustomize here')),
  chart: () => Promise.reject(new Error('no chart is made')),
}

function answer<T>(found: T | undefined, error: ForgeError): Promise<T> {
  return found === undefined ? Promise.reject(error) : Promise.resolve(found)
}

/** For `forge secrets apply`: a lock that is free, and charts that render nothing. */
export function applyPorts(ports: ProjectPorts, cluster: ReturnType<typeof memoryCluster>): ApplyPorts {
  const charts = { render: () => Promise.resolve(''), defaults: () => Promise.resolve('') }
  const runner = { identity: 'ops@test', pid: 1, command: 'forge secrets apply' }
  return { ...ports, cluster, charts, clock: new FakeClock('2026-11-20T12:00:00Z'), runner, say: () => undefined }
}

/** A cluster that holds the given objects and remembers what is applied. */
export function memoryCluster(objects: readonly KubeObject[]) {
  const key = (ref: { kind: string; name: string; namespace?: string }): string =>
    `${ref.kind}/${ref.namespace ?? ''}/${ref.name}`
  const live = new Map(objects.map((object) => [key({ kind: object.kind, ...object.metadata }), object]))
  const applied: KubeObject[] = []
  const created: KubeObject[] = []
  return {
    live,
    applied,
    created,
    get: (ref: ObjectRef) => Promise.resolve(live.get(key(ref))),
    resources: () => Promise.resolve([]),
    apply: (object: KubeObject) => {
      applied.push(object)
      live.set(key({ kind: object.kind, ...object.metadata }), object)
      return Promise.resolve(object)
    },
    create: (object: KubeObject) => {
      created.push(object)
      live.set(key({ kind: object.kind, ...object.metadata }), object)
      return Promise.resolve(object)
    },
    list: ({ kind }: KindRef, { labelSelector = '' }: { labelSelector?: string }) => {
      const wanted = labelSelector.split(',').map((one) => one.split('='))
      const has = ({ metadata }: KubeObject): boolean =>
        wanted.every(([label = '', value]) =>
          value === undefined
            ? label === '' || metadata.labels?.[label] !== undefined
            : metadata.labels?.[label] === value,
        )
      return Promise.resolve([...live.values()].filter((object) => object.kind === kind && has(object)))
    },
    replace: (object: KubeObject) => {
      live.set(key({ kind: object.kind, ...object.metadata }), object)
      return Promise.resolve(object)
    },
    watch: () => {
      throw new Error('the lock is free: nothing has to be watched')
    },
    delete: (ref: ObjectRef) => Promise.resolve(live.delete(key(ref))),
  }
}

/** What a promise fails with, as code, message and all problems. */
export async function failure(
  promise: Promise<unknown>,
  here: HintPlace = HERE,
): Promise<{ code: string; message: string; problems: string[]; hint: string }> {
  try {
    await promise
  } catch (error) {
    if (!(error instanceof ForgeError)) throw error
    const problems = (error.details.problems ?? []).map(({ message, where }) =>
      where === undefined ? message : `${where}: ${message}`,
    )
    return { code: error.code, message: error.message, problems, hint: hintLine(error.hint, here) }
  }
  throw new Error('it did not fail')
}
