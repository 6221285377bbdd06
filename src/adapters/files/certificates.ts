import { createPrivateKey, createPublicKey, X509Certificate, type KeyObject } from 'node:crypto'
import type { CertificateFacts, ChainReading, KeyReading } from '../../domain/secrets/certificate.ts'
import type { Certificates } from '../../ports.ts'
import { expected } from '../../expected.ts'

const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/gu

export const certificates: Certificates = { chain: readChain, leadsTo, key: readKey }

function readChain(pem: string): ChainReading {
  const blocks = pem.match(BLOCK) ?? []
  if (blocks.length === 0) return { problem: 'holds no PEM certificate' }
  try {
    const parsed = blocks.map((block) => new X509Certificate(block))
    const signedByNext = parsed.slice(0, -1).map((certificate, index) => {
      const next = parsed[index + 1]
      return next !== undefined && certificate.checkIssued(next) && certificate.verify(next.publicKey)
    })
    return { certificates: parsed.map(factsOf), signedByNext }
  } catch (error) {
    expected(error)
    return { problem: 'holds a certificate that cannot be parsed' }
  }
}

function leadsTo(chain: string, bundle: string): boolean {
  try {
    const [certificates, authorities] = [parseAll(chain), parseAll(bundle)]
    return certificates.some((one) =>
      authorities.some(
        (authority) =>
          one.fingerprint256 === authority.fingerprint256 ||
          (one.checkIssued(authority) && one.verify(authority.publicKey)),
      ),
    )
  } catch (error) {
    expected(error)
    return false
  }
}

function parseAll(pem: string): X509Certificate[] {
  return (pem.match(BLOCK) ?? []).map((block) => new X509Certificate(block))
}

function factsOf(certificate: X509Certificate): CertificateFacts {
  return {
    subject: nameOf(certificate.subject),
    issuer: nameOf(certificate.issuer),
    notBefore: certificate.validFromDate.getTime(),
    notAfter: certificate.validToDate.getTime(),
    hosts: hostsOf(certificate.subjectAltName),
    isAuthority: certificate.ca,
    publicKey: fingerprint(certificate.publicKey),
  }
}

/** `CN=postgres` of a distinguished name in several lines. */
function nameOf(name: string): string {
  return name.split('\n').find((line) => line.startsWith('CN=')) ?? name.replaceAll('\n', ', ')
}

function hostsOf(alternative: string | undefined): string[] {
  return [...(alternative ?? '').matchAll(/(?:DNS|IP Address):([^,\s]+)/gu)].map(([, host = '']) => host)
}

function readKey(pem: string): KeyReading {
  try {
    return { publicKey: fingerprint(createPublicKey(createPrivateKey(pem))) }
  } catch (error) {
    expected(error)
    // The reason of OpenSSL helps nobody, and may quote the file.
    const encrypted = /ENCRYPTED/u.test(pem)
    return {
      problem: encrypted
        ? 'holds a private key that is encrypted; a server needs it in the clear'
        : 'holds no private key that can be parsed',
    }
  }
}

function fingerprint(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'der' }).toString('base64')
}
