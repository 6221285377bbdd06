import { createPrivateKey, randomInt, webcrypto } from 'node:crypto'
import type { CertificatePair, SecretMaker } from '../../ports.ts'

/** Safe in shells, URLs and connection strings; without 0 and O, 1, I and l, which people confuse. */
const ALPHABET = '23456789abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ'
const DAY_MS = 86_400_000
const KEYS = { name: 'ECDSA', namedCurve: 'P-256' } as const
const EC_SIGNING = { name: 'ECDSA', hash: 'SHA-256' } as const
const RSA_SIGNING = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } as const
/** OpenSSL's names → the Web's. */
const CURVES: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' }

export const secretMaker: SecretMaker = {
  // randomInt rejects what would make some letters likelier than others.
  password: (length) => Array.from({ length }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join(''),
  authority: ({ name, issuer, now, days }) => issue({ name, issuer, now, days, hosts: undefined }),
  server: ({ hosts, issuer, now, days }) => issue({ name: hosts[0] ?? 'server', issuer, now, days, hosts }),
}

interface Request {
  readonly name: string
  /** Undefined: self-signed. */
  readonly issuer: CertificatePair | undefined
  readonly now: number
  readonly days: number
  /** Undefined: a CA. */
  readonly hosts: readonly string[] | undefined
}

async function issue({ name, issuer, now, days, hosts }: Request): Promise<CertificatePair> {
  const x509 = await loadX509()
  const keys = await webcrypto.subtle.generateKey(KEYS, true, ['sign', 'verify'])
  const parent = issuer === undefined ? undefined : new x509.X509Certificate(issuer.certificate)
  const signer: IssuerKey =
    issuer === undefined ? { key: keys.privateKey, signing: EC_SIGNING } : await importKey(issuer.key)
  const { keyCertSign, cRLSign, digitalSignature } = x509.KeyUsageFlags
  const authorityUsages: typeof keyCertSign = keyCertSign | cRLSign
  const extensions = [
    new x509.BasicConstraintsExtension(hosts === undefined, undefined, true),
    new x509.KeyUsagesExtension(hosts === undefined ? authorityUsages : digitalSignature, true),
    await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    await x509.AuthorityKeyIdentifierExtension.create(parent?.publicKey ?? keys.publicKey),
    ...(hosts === undefined ? [] : serverExtensions(x509, hosts)),
  ]
  const subject = [{ CN: [name] }]
  const certificate = await x509.X509CertificateGenerator.create({
    subject: new x509.Name(subject).toString(),
    issuer: parent?.subject ?? new x509.Name(subject).toString(),
    publicKey: keys.publicKey,
    signingKey: signer.key,
    signingAlgorithm: signer.signing,
    // A little earlier than now: clocks of nodes differ.
    notBefore: new Date(now - 60_000),
    notAfter: new Date(now + days * DAY_MS),
    extensions,
  })
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return { certificate: `${certificate.toString('pem')}\n`, key: `${x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n` }
}

type X509 = typeof import('@peculiar/x509')

function serverExtensions(x509: X509, hosts: readonly string[]) {
  const names = hosts.map((value) => ({ type: isIp(value) ? ('ip' as const) : ('dns' as const), value }))
  return [
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
    new x509.SubjectAlternativeNameExtension(names),
  ]
}

function isIp(host: string): boolean {
  return /^\d{1,3}(?:\.\d{1,3}){3}$/u.test(host) || host.includes(':')
}

/** Only `forge secrets generate` pays for this import. */
async function loadX509(): Promise<X509> {
  await import('reflect-metadata')
  const x509 = await import('@peculiar/x509')
  return x509
}

/** A CA of somebody else's making may be RSA; forge's own are EC. */
interface IssuerKey {
  readonly key: webcrypto.CryptoKey
  readonly signing: typeof EC_SIGNING | typeof RSA_SIGNING
}

async function importKey(pem: string): Promise<IssuerKey> {
  const key = createPrivateKey(pem)
  const der = key.export({ type: 'pkcs8', format: 'der' })
  if (key.asymmetricKeyType === 'rsa') {
    return { key: await webcrypto.subtle.importKey('pkcs8', der, RSA_SIGNING, false, ['sign']), signing: RSA_SIGNING }
  }
  const namedCurve = CURVES[key.asymmetricKeyDetails?.namedCurve ?? ''] ?? KEYS.namedCurve
  return {
    key: await webcrypto.subtle.importKey('pkcs8', der, { name: 'ECDSA', namedCurve }, false, ['sign']),
    signing: EC_SIGNING,
  }
}
