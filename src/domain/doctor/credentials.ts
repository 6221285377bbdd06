/** How a kubeconfig leads to a cluster, and as whom. Times are milliseconds since the epoch. */
export interface CredentialFacts {
  readonly context: string
  readonly server: string
  readonly user: string
  /** When its client certificate ends. Undefined: it has none. */
  readonly certificateEnds?: number
  /** When its token says that it ends. Undefined: it has none, or one that does not say. */
  readonly tokenEnds?: number
  /** The program that gives its credentials. */
  readonly plugin?: { readonly command: string; readonly isThere: boolean; readonly installHint?: string }
}

export interface CredentialRemark {
  readonly state: 'well' | 'ends-soon' | 'unusable'
  readonly text: string
}

const DAY_MS = 86_400_000
/** A certificate is renewed by people, a token often by a program and every hour. */
const SOON_DAYS = 14
const SOON_TOKEN_MS = 600_000

export function judgeCredentials(facts: CredentialFacts, now: number): CredentialRemark[] {
  const { context, server, user, certificateEnds, tokenEnds, plugin } = facts
  return [
    { state: 'well', text: `context ${context}: ${server} as ${user}` },
    ...(certificateEnds === undefined ? [] : [ofCertificate(certificateEnds, user, now)]),
    ...(tokenEnds === undefined ? [] : [ofToken(tokenEnds, user, now)]),
    ...(plugin === undefined ? [] : [ofPlugin(plugin, user)]),
  ]
}

function ofCertificate(ends: number, user: string, now: number): CredentialRemark {
  const what = `the client certificate of ${user}`
  if (ends <= now) return { state: 'unusable', text: `${what} expired on ${day(ends)}` }
  const days = Math.floor((ends - now) / DAY_MS)
  if (days < SOON_DAYS) return { state: 'ends-soon', text: `${what} expires on ${day(ends)}, in ${inDays(days)}` }
  return { state: 'well', text: `client certificate valid until ${day(ends)}` }
}

function ofToken(ends: number, user: string, now: number): CredentialRemark {
  const what = `the token of ${user}`
  if (ends <= now) return { state: 'unusable', text: `${what} expired on ${minute(ends)}` }
  if (ends - now < SOON_TOKEN_MS)
    return { state: 'ends-soon', text: `${what} expires on ${minute(ends)}: a deploy may take longer` }
  return { state: 'well', text: `token valid until ${minute(ends)}` }
}

function ofPlugin({ command, isThere, installHint }: NonNullable<CredentialFacts['plugin']>, user: string) {
  if (isThere) return { state: 'well', text: `credentials from ${command}` } as const
  const help = installHint === undefined ? '' : ` (${installHint.trim().split('\n')[0] ?? ''})`
  return { state: 'unusable', text: `the credential plugin ${command} of ${user} is not there${help}` } as const
}

function inDays(days: number): string {
  if (days === 0) return 'less than a day'
  return days === 1 ? '1 day' : `${days} days`
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}

function minute(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
