import { randomBytes, randomInt, randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { foundAfter, type Coming, type Identity } from '../../domain/plan/coming.ts'
import type { KubeObject } from '../../domain/kube.ts'
import { removeFolder, temporaryFolder } from '../files/temporary.ts'
import type { Look } from '../kubernetes/look.ts'
import { bugOf } from '../../errors.ts'
import { isExpected } from '../../expected.ts'

/** An API server for the lookups of one render: the real one, as it will be once some objects are written. */
export interface StandIn {
  /** The options that lead helm there. */
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Those of the coming objects that were looked up so far. */
  readonly asked: () => readonly KubeObject[]
  close(): Promise<void>
}

/**
 * helm talks to it without TLS and without credentials, on loopback: what it asks goes on as forge's own request, with all that
 * the user's kubeconfig says (plugins, proxies, certificates). The way to it is in a file that only the user can read. It
 * passes reads on, and nothing else.
 */
export async function openStandIn(look: Look, coming: readonly Coming[], signal: AbortSignal): Promise<StandIn> {
  const folder = await temporaryFolder('lookup')
  const asked = new Set<Coming>()
  let bug: Error | undefined
  const door = `/${randomBytes(24).toString('hex')}`
  const server = createServer((request, answer) => {
    serve(request, { look, coming, asked, door, signal, identity }).then(
      (found) => reply(answer, found),
      // helm says it, and then there is no render to go by.
      (error: unknown) => {
        if (!isExpected(error)) bug ??= bugOf(error)
        reply(answer, { status: 502, type: 'text/plain', text: String(error) })
      },
    )
  })
  const identity = strangeIdentity()
  const close = async (): Promise<void> => {
    server.close()
    server.closeAllConnections()
    await removeFolder(folder)
    if (bug !== undefined) throw bug
  }
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const file = join(folder, 'kubeconfig')
    await writeFile(file, JSON.stringify(kubeconfig(`http://127.0.0.1:${port}${door}`)), { mode: 0o600 })
    return {
      args: ['--kubeconfig', file, '--kube-context', NAME],
      // What kinds there are is remembered by address, and this one will not come again.
      env: { KUBECACHEDIR: join(folder, 'cache') },
      asked: () => [...asked].map(({ object }) => object),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

const NAME = 'forge'

function kubeconfig(server: string): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': NAME,
    contexts: [{ name: NAME, context: { cluster: NAME, user: NAME } }],
    clusters: [{ name: NAME, cluster: { server } }],
    users: [{ name: NAME, user: {} }],
  }
}

/** Another one each time: where it shows in a render, that depends on what nobody knows before. */
function strangeIdentity(): Identity {
  const creationTimestamp = new Date(randomInt(1, 2 ** 31) * 1000).toISOString().replace('.000', '')
  return { uid: randomUUID(), resourceVersion: String(randomInt(1, 2 ** 31)), creationTimestamp }
}

interface Visit {
  readonly look: Look
  readonly coming: readonly Coming[]
  readonly asked: Set<Coming>
  readonly door: string
  readonly signal: AbortSignal
  readonly identity: Identity
}

interface Reply {
  readonly status: number
  readonly type: string
  readonly text: string
}

async function serve({ method, url = '', headers }: IncomingMessage, visit: Visit): Promise<Reply> {
  const { look, door, signal } = visit
  // Other users of the machine reach the port too.
  if (!url.startsWith(`${door}/`)) return { status: 403, type: 'text/plain', text: '' }
  if (method !== 'GET') return { status: 405, type: 'text/plain', text: 'forge only looks' }
  const path = url.slice(door.length)
  const found = await look(path, jsonOf(headers.accept), signal)
  const place = placeOf(path)
  if (place === undefined) return found
  return place.name === undefined ? listed(found, place, visit) : one(found, place, visit)
}

function reply(answer: ServerResponse, { status, type, text }: Reply): void {
  answer.writeHead(status, { 'content-type': type }).end(text)
}

/** What is looked at as text on its way is asked for as text. */
function jsonOf(accept = ''): string {
  const kinds = accept.split(',').filter((kind) => kind.includes('json'))
  return kinds.length === 0 ? 'application/json' : kinds.join(',')
}

interface Place {
  readonly kind: string
  readonly namespace: string | undefined
  readonly name: string | undefined
}

const KINDS: Readonly<Record<string, string>> = { secrets: 'Secret', configmaps: 'ConfigMap' }

/** Of a read of Secrets or ConfigMaps; undefined: of something else. */
function placeOf(path: string): Place | undefined {
  const { pathname } = new URL(path, 'http://127.0.0.1')
  const [, namespace, kinds = '', name] =
    /^\/api\/v1\/(?:namespaces\/([^/]+)\/)?([^/]+)(?:\/([^/]+))?$/u.exec(pathname) ?? []
  const kind = KINDS[kinds]
  return kind === undefined ? undefined : { kind, namespace, name }
}

function one(found: Reply, place: Place, { coming, asked, identity }: Visit): Reply {
  const known = coming.find(({ object: { kind, metadata } }) => {
    return kind === place.kind && metadata.name === place.name && metadata.namespace === place.namespace
  })
  if (known === undefined || ![200, 404].includes(found.status)) return found
  asked.add(known)
  const live = found.status === 200 ? (JSON.parse(found.text) as KubeObject) : undefined
  return told(foundAfter(known, live, identity))
}

/** In the order in which the API server lists: by namespace and name. */
function listed(found: Reply, place: Place, { coming, asked, identity }: Visit): Reply {
  const own = coming.filter(({ object: { kind, metadata } }) => {
    return kind === place.kind && (place.namespace === undefined || metadata.namespace === place.namespace)
  })
  if (own.length === 0 || found.status !== 200) return found
  const list = JSON.parse(found.text) as { readonly items?: readonly KubeObject[] | null }
  const items = new Map((list.items ?? []).map((item) => [orderOf(item), item]))
  for (const known of own) {
    asked.add(known)
    items.set(orderOf(known.object), foundAfter(known, items.get(orderOf(known.object)), identity))
  }
  const inOrder = [...items].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item)
  return told({ ...list, items: inOrder })
}

function orderOf({ metadata: { namespace = '', name } }: KubeObject): string {
  return `${namespace}/${name}`
}

function told(value: unknown): Reply {
  return { status: 200, type: 'application/json', text: JSON.stringify(value) }
}
