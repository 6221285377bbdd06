import { bytesOfBase64 } from '../base64.ts'
import { nameOf, type KubeObject } from '../kube.ts'
import { judgeServer, judgeValidity, type ChainReading, type KeyReading } from '../secrets/certificate.ts'

/** A Secret that an Ingress names for its hosts. */
export interface NamedForTls {
  readonly ingress: KubeObject
  readonly namespace: string
  readonly secret: string
  readonly hosts: readonly string[]
}

export function namedForTls(objects: readonly KubeObject[], home: string): NamedForTls[] {
  return objects
    .filter(({ kind, apiVersion }) => kind === 'Ingress' && apiVersion.startsWith('networking.k8s.io/'))
    .flatMap((ingress) => {
      const { tls = [] } = (ingress['spec'] ?? {}) as {
        readonly tls?: readonly { readonly secretName?: string; readonly hosts?: readonly string[] }[]
      }
      const { namespace = home } = ingress.metadata
      // Without a name the controller has a certificate of its own.
      return tls.flatMap(({ secretName = '', hosts = [] }) =>
        secretName === '' ? [] : [{ ingress, namespace, secret: secretName, hosts }],
      )
    })
}

/** What is wrong with the Secret for these hosts, each as a sentence. `read`: what its PEM texts say. */
export function judgeTls(
  { ingress, hosts }: NamedForTls,
  secret: KubeObject,
  read: { readonly chain: (pem: string) => ChainReading; readonly key: (pem: string) => KeyReading },
  now: number,
): string[] {
  const name = nameOf(secret)
  const [certificate, key] = [pemIn(secret, 'tls.crt'), pemIn(secret, 'tls.key')]
  if (certificate === undefined || key === undefined) {
    const lacking = [...(certificate === undefined ? ['tls.crt'] : []), ...(key === undefined ? ['tls.key'] : [])]
    return [`${name}, which ${nameOf(ingress)} names for TLS, has no ${lacking.join(' and no ')}`]
  }
  const chain = read.chain(certificate)
  if ('problem' in chain) return [`${name} ${chain.problem}`]
  const { faults, warnings } = judgeValidity(chain.certificates, now)
  const served = judgeServer(chain, read.key(key), hosts)
  return [...faults, ...served, ...warnings].map((text) => `${name}, for ${nameOf(ingress)}: ${text}`)
}

/** One text of a Secret, as it is rendered or stored. */
export function pemIn({ data, stringData }: KubeObject, key: string): string | undefined {
  const plain = (stringData as Record<string, unknown> | undefined)?.[key]
  if (typeof plain === 'string') return plain
  const packed = (data as Record<string, unknown> | undefined)?.[key]
  const bytes = typeof packed === 'string' ? bytesOfBase64(packed) : undefined
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes)
}
