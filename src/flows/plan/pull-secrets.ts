import { keyringOf, loginsFor } from '../../domain/images/keyring.ts'
import type { Pulling } from '../../domain/images/pulls.ts'
import { parseReference, wholeName } from '../../domain/images/reference.ts'
import { accountOf, keptSecrets, pullingSpec, type ImageUse } from '../../domain/images/uses.ts'
import { keyOf, nameOf, type KubeObject, type ObjectRef } from '../../domain/kube.ts'
import { makersOf } from '../../domain/secrets/awaited.ts'
import type { ForgeError } from '../../errors.ts'
import { hooksOf } from '../desire/hooks.ts'
import type { Compared } from '../phases/planned.ts'
import { unlessForbidden } from '../unless-forbidden.ts'

/** Reads what a node will pull with, each object once. Throws what keeps the cluster from being read, but for a right that lacks. */
export class PullSecrets {
  readonly #context: Compared
  readonly #signal: AbortSignal
  readonly #read = new Map<string, Promise<KubeObject | string | undefined>>()
  /** What the charts make, hooks among it. */
  readonly #rendered: readonly KubeObject[]
  readonly #previous: ReadonlyMap<string, KubeObject>

  constructor(context: Compared, signal: AbortSignal) {
    this.#context = context
    this.#signal = signal
    const own = context.releases.flatMap(({ rendered }) => rendered.filter(({ hook }) => hook === undefined))
    this.#rendered = [...own, ...context.releases.flatMap(hooksOf)].map(({ object }) => object)
    const previous = context.releases.flatMap((work) => work.previous)
    this.#previous = new Map(previous.map(({ object }) => [keyOf(object), object]))
  }

  /** Of an object that the charts make. Its account's secrets count where it names none itself (ServiceAccount admission). */
  async of({ object, spec, image }: Pick<ImageUse, 'object' | 'spec' | 'image'>): Promise<Pulling> {
    const [key, namespace] = [keyOf(object), object.metadata.namespace ?? this.#home]
    const [live, before] = [this.#context.live.get(key), this.#previous.get(key)]
    const named = keptSecrets(
      spec.imagePullSecrets,
      before === undefined ? undefined : pullingSpec(before)?.imagePullSecrets,
      live === undefined || object.kind === 'Pod' ? undefined : pullingSpec(live)?.imagePullSecrets,
    )
    return await this.#pulling(named, { namespace, image, account: accountOf(spec) })
  }

  /** Of one that runs. */
  async ofLive({ object, spec, image }: Pick<ImageUse, 'object' | 'spec' | 'image'>): Promise<Pulling> {
    const place = { namespace: object.metadata.namespace ?? this.#home, image, account: accountOf(spec) }
    return await this.#pulling(keptSecrets(spec.imagePullSecrets, undefined, undefined), place)
  }

  get #home(): string {
    return this.#context.project.environment.namespace
  }

  async #pulling(
    named: readonly string[],
    { namespace, image, account }: { readonly namespace: string; readonly image: string; readonly account: string },
  ): Promise<Pulling> {
    const given = named.length > 0 ? named : await this.#ofAccount(namespace, account)
    const none = { namespace, secrets: [], account, logins: [], missing: [], unreadable: [] }
    if (typeof given === 'string') return { ...none, unknown: given }
    const read = await Promise.all(given.map(async (name) => [name, await this.#secret(namespace, name)] as const))
    const unread = read.flatMap(([, secret]) => (typeof secret === 'string' ? [secret] : []))
    const there = read.flatMap(([, secret]) => (typeof secret === 'object' ? [secret] : []))
    const { keyring, unreadable } = keyringOf(there)
    const parsed = parseReference(image)
    return {
      namespace,
      secrets: given,
      account: named.length > 0 ? undefined : account,
      logins: 'problem' in parsed ? [] : loginsFor(keyring, wholeName(parsed)),
      missing: read.flatMap(([name, secret]) => (secret === undefined ? [name] : [])),
      unreadable,
      unknown: unread[0],
    }
  }

  /** A text: why it is not known. */
  async #ofAccount(namespace: string, name: string): Promise<readonly string[] | string> {
    const ref = { apiVersion: 'v1', kind: 'ServiceAccount', namespace, name }
    const rendered = this.#find(ref)
    const live = this.#context.live.get(keyOf(ref)) ?? (await this.#get(ref))
    if (typeof live === 'string') return live
    const secretsOf = (object: KubeObject | undefined): readonly { readonly name?: string }[] | undefined =>
      object?.['imagePullSecrets'] as readonly { readonly name?: string }[] | undefined
    return keptSecrets(secretsOf(rendered), secretsOf(this.#previous.get(keyOf(ref))), secretsOf(live))
  }

  /** As this deploy leaves it. A text: why it is not known. */
  async #secret(namespace: string, name: string): Promise<KubeObject | string | undefined> {
    const ref = { apiVersion: 'v1', kind: 'Secret', namespace, name }
    const own = namespace === this.#home ? this.#context.secretPlans.find((one) => one.name === name) : undefined
    const coming = own?.object ?? this.#find(ref)
    if (coming !== undefined) return coming
    const live = await this.#get(ref)
    if (live !== undefined) return live
    const wanted = { namespace, secret: name, key: undefined, by: [] }
    const [maker] = makersOf(wanted, this.#rendered, this.#rendered)
    return maker === undefined ? undefined : `Secret ${name} is made by ${nameOf(maker)} during the deploy`
  }

  #find(ref: ObjectRef): KubeObject | undefined {
    return this.#rendered.find((object) => keyOf(object) === keyOf(ref))
  }

  async #get(ref: ObjectRef): Promise<KubeObject | string | undefined> {
    const reading = this.#read.get(keyOf(ref)) ?? this.#ask(ref)
    this.#read.set(keyOf(ref), reading)
    return await reading
  }

  async #ask(ref: ObjectRef): Promise<KubeObject | string | undefined> {
    const refused: ForgeError[] = []
    const found = await unlessForbidden(this.#context.cluster.get(ref, this.#signal), (why) => void refused.push(why))
    return refused[0]?.message ?? found
  }
}
