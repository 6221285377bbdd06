import { isMap } from '../../config/path.ts'
import { groupOf, type KubeObject } from '../../kube.ts'
import { conditionOf } from '../conditions.ts'
import { statusOf } from '../shapes.ts'
import { NEVER, words, type RuleContext, type Symptom } from '../symptom.ts'
import type { ObservedObject } from '../object-cache.ts'

/** What cert-manager makes for a Certificate, one below the other; each says more than the one above. */
export const ISSUANCE = [
  { apiVersion: 'cert-manager.io/v1', kind: 'CertificateRequest', optional: true },
  { apiVersion: 'acme.cert-manager.io/v1', kind: 'Order', optional: true },
  { apiVersion: 'acme.cert-manager.io/v1', kind: 'Challenge', optional: true },
] as const

export function isCertificate({ apiVersion, kind }: Pick<KubeObject, 'apiVersion' | 'kind'>): boolean {
  return groupOf(apiVersion) === 'cert-manager.io' && kind === 'Certificate'
}

/** Of which issuance a request is: one after `status.revision` of its Certificate. */
const REVISION = 'cert-manager.io/certificate-revision'

/** States of Orders and Challenges that do not change any more (pkg/apis/acme/v1, types_order.go). */
const OVER = ['invalid', 'expired', 'errored']

/** The deepest thing that says why a Certificate is not issued: a challenge, an order, a request. */
export function issuanceSymptoms(entry: ObservedObject, { cache, kubectl, options }: RuleContext): Symptom[] {
  const { status } = entry.object
  const revision = Number((isMap(status) ? status['revision'] : undefined) ?? 0)
  const requests = cache
    .ownedBy(entry.uid, 'CertificateRequest')
    .filter(({ object }) => object.metadata.annotations?.[REVISION] === String(revision + 1))
  const orders = requests.flatMap(({ uid }) => cache.ownedBy(uid, 'Order'))
  const challenges = orders.flatMap(({ uid }) => cache.ownedBy(uid, 'Challenge'))
  const on = [...challenges, ...orders, ...requests].find(({ object }) => saidBy(object) !== undefined)
  const said = on === undefined ? undefined : saidBy(on.object)
  if (on === undefined || said === undefined) return []
  const { apiVersion, kind, metadata } = on.object
  return [
    {
      code: 'E_RESOURCE_STALLED',
      message: `does not get ready: ${words(said.text, 240)}`,
      brief: words(said.text, 80),
      on,
      below: [],
      hint: kubectl(['describe', `${kind.toLowerCase()}.${groupOf(apiVersion)}`, metadata.name]),
      dueAt: said.isOver ? on.bornAt + options.unknownErrorGraceMs : NEVER,
      seq: on.bornSeq,
    },
  ]
}

function saidBy(object: KubeObject): { readonly text: string; readonly isOver: boolean } | undefined {
  const status = isMap(object['status']) ? object['status'] : {}
  if (object.kind === 'CertificateRequest') {
    const { reason = '', message = '', status: is } = conditionOf(statusOf(object).conditions, 'Ready') ?? {}
    const isOver = reason === 'Failed' || reason === 'Denied'
    return is === 'False' && message !== '' ? { text: message, isOver } : undefined
  }
  const { reason, state } = status
  if (typeof reason !== 'string' || reason === '') return undefined
  return { text: reason, isOver: typeof state === 'string' && OVER.includes(state) }
}
