import { readsOf } from './go-template.ts'
import { withoutSlashes } from './path.ts'

/** Where the agent's annotations begin. */
const PREFIX = 'vault.hashicorp.com/'

/** What a pod asks of Vault's agent injector, by the annotations of its template. */
export interface Injection {
  /** Of the login; undefined where an agent's own configuration says it. */
  readonly role: string | undefined
  /** `auth/kubernetes` */
  readonly authPath: string
  readonly method: string
  readonly namespace: string | undefined
  /** An address of Vault other than the injector's own. */
  readonly address: string | undefined
  readonly files: readonly InjectedFile[]
  /** Its agent ends with the start of the pod: what changes later is never seen by it. */
  readonly isOnce: boolean
  /** A ConfigMap says what the agent does, instead of annotations: nothing is known of it here. */
  readonly configMap: string | undefined
}

export interface InjectedFile {
  /** `internal-api` of `agent-inject-secret-internal-api` */
  readonly name: string
  readonly reads: readonly InjectedRead[]
  /** Its template is a file of the image: what it reads besides cannot be known. */
  readonly isUnknown: boolean
}

export interface InjectedRead {
  /** As the annotations have it: `secret/data/shop/app`. */
  readonly path: string
  readonly keys: readonly string[]
  /** The engine makes it when it is read. */
  readonly isMade: boolean
}

/** Undefined where the pod asks for no agent. */
export function injectionOf(annotations: Readonly<Record<string, string>>): Injection | undefined {
  const say = (name: string): string | undefined => annotations[PREFIX + name]
  if (!isTrue(say('agent-inject'))) return undefined
  return {
    role: say('role'),
    authPath: withoutSlashes(say('auth-path') ?? 'auth/kubernetes'),
    method: say('auth-type') ?? 'kubernetes',
    namespace: say('namespace'),
    address: say('service'),
    files: namesOf(annotations).map((name) => fileOf(name, say)),
    isOnce: isTrue(say('agent-pre-populate-only')),
    configMap: say('agent-configmap'),
  }
}

function namesOf(annotations: Readonly<Record<string, string>>): string[] {
  const names = Object.keys(annotations).flatMap((key) => {
    const [, name] = /^vault\.hashicorp\.com\/agent-inject-(?:secret|template)-(?!file-)(.+)$/u.exec(key) ?? []
    return name === undefined ? [] : [name]
  })
  return [...new Set(names)].toSorted()
}

function fileOf(name: string, say: (name: string) => string | undefined): InjectedFile {
  const template = say(`agent-inject-template-${name}`)
  const path = say(`agent-inject-secret-${name}`)
  const reads = template === undefined ? [] : readsOf(template)
  // Where a template says what is read, the path of the secret is a name and nothing more.
  const own = path === undefined || path === '' || reads.length > 0 ? [] : [{ path, keys: [], isMade: false }]
  return { name, reads: [...reads, ...own], isUnknown: say(`agent-inject-template-file-${name}`) !== undefined }
}

/** As the injector reads a boolean (Go's strconv.ParseBool). */
function isTrue(text: string | undefined): boolean {
  return text !== undefined && ['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)
}
