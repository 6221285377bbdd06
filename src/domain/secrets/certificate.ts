import type { SecretSpec } from '../config/model.ts'

/** What forge has to know of a PEM file to judge it. Times are milliseconds since the epoch. */
export interface CertificateFacts {
  readonly subject: string
  readonly issuer: string
  readonly notBefore: number
  readonly notAfter: number
  /** DNS names and IP addresses of the subject alternative name. */
  readonly hosts: readonly string[]
  readonly isAuthority: boolean
  /** The public key (SubjectPublicKeyInfo) in a form that two equal keys share. */
  readonly publicKey: string
}

export type ChainReading =
  | {
      /** In the order of the file; the first one is the server's. */
      readonly certificates: readonly CertificateFacts[]
      /** `signedBy[i]`: certificate i carries a valid signature of certificate i + 1. */
      readonly signedByNext: readonly boolean[]
    }
  | { readonly problem: string }

export type KeyReading = { readonly publicKey: string } | { readonly problem: string }

export interface CertificateFindings {
  readonly faults: readonly string[]
  readonly warnings: readonly string[]
}

const DAY_MS = 86_400_000
const SOON_DAYS = 30

/** Each certificate on its own: valid now, and for some time. `now`: milliseconds since the epoch. */
export function judgeValidity(certificates: readonly CertificateFacts[], now: number): CertificateFindings {
  const faults: string[] = []
  const warnings: string[] = []
  for (const { subject, notBefore, notAfter } of certificates) {
    const days = Math.floor((notAfter - now) / DAY_MS)
    if (notAfter <= now) faults.push(`certificate ${subject} expired on ${day(notAfter)}`)
    else if (notBefore > now) faults.push(`certificate ${subject} is not valid before ${day(notBefore)}`)
    else if (days < SOON_DAYS) warnings.push(`certificate ${subject} expires on ${day(notAfter)}, in ${days} days`)
  }
  return { faults, warnings }
}

/** The names under which pods of the namespace, and of others, reach a Service. */
export function serviceNames(service: string, namespace: string): string[] {
  return [service, `${service}.${namespace}`, `${service}.${namespace}.svc`]
}

/** What forge puts into a certificate that it makes: the Service's names, localhost (for a port-forward), and `hosts`. */
export function certificateNames(
  { service, generate }: Pick<SecretSpec, 'service' | 'generate'>,
  namespace: string,
): string[] {
  const named = service === undefined ? [] : [...serviceNames(service, namespace), 'localhost']
  const hosts = generate?.kind === 'certificate' ? generate.hosts : []
  return [...new Set([...named, ...hosts.map((host) => host.replaceAll('{namespace}', namespace))])]
}

/** What a certificate must hold, whoever made it. localhost is no name of a Service. */
export function requiredNames(spec: Pick<SecretSpec, 'service' | 'generate'>, namespace: string): string[] {
  const listed = spec.generate?.kind === 'certificate' && spec.generate.hosts.includes('localhost')
  return certificateNames(spec, namespace).filter((name) => name !== 'localhost' || listed)
}

/**
 * A server's chain with its key: the server's certificate first, each signed by the next, the key its own, and every name
 * in it by which clients call the server.
 */
export function judgeServer(
  chain: Exclude<ChainReading, { problem: string }>,
  key: KeyReading | undefined,
  hosts: readonly string[],
): string[] {
  const [server] = chain.certificates
  if (server === undefined) return ['holds no certificate']
  const faults: string[] = []
  if (server.isAuthority && chain.certificates.length > 1)
    faults.push(`begins with the CA ${server.subject}; the server's own certificate must come first`)
  const broken = chain.signedByNext.indexOf(false)
  if (broken >= 0) {
    const [lower, upper] = [chain.certificates[broken]?.subject ?? '', chain.certificates[broken + 1]?.subject ?? '']
    faults.push(
      `certificate ${broken + 1} (${lower}) is not signed by the next one (${upper}); the chain is out of order`,
    )
  }
  if (key !== undefined && 'publicKey' in key && key.publicKey !== server.publicKey)
    faults.push(`certificate ${server.subject} belongs to another key`)
  const lacking = hosts.filter((host) => !server.hosts.some((name) => covers(name, host)))
  if (lacking.length > 0) faults.push(`certificate ${server.subject} does not name ${lacking.join(', ')}`)
  return faults
}

/** A wildcard stands for one label. */
function covers(name: string, host: string): boolean {
  if (name.toLowerCase() === host.toLowerCase()) return true
  return (
    name.startsWith('*.') &&
    host.includes('.') &&
    host.slice(host.indexOf('.')).toLowerCase() === name.slice(1).toLowerCase()
  )
}

function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}
