import type { GenerateSpec, Project, SecretSpec } from '../domain/config/model.ts'
import { certificateNames } from '../domain/secrets/certificate.ts'
import { ForgeError } from '../errors.ts'
import { forge, program, sequence } from '../hint.ts'
import type { CertificatePair } from '../ports.ts'
import type { GeneratePorts, SecretFiles } from './secrets-files.ts'

/** For which secret of which project, and where the files are. */
interface Making {
  readonly spec: SecretSpec
  readonly project: Project
  readonly ports: GeneratePorts
  readonly files: SecretFiles
}

type CertificateSpec = GenerateSpec & { kind: 'certificate' }

const ROOT_DAYS = 3650
const INTERMEDIATE_DAYS = 1825

/**
 * A root CA, an intermediate that it signs and a bundle of both in the CA's folder, then the server's certificate (its
 * chain after it) and key where the secret reads them. The CA is made once and never forced: other certificates hang on it.
 */
export async function generateCertificates(making: Making, generate: CertificateSpec, force: boolean): Promise<void> {
  const { spec, project, ports, files } = making
  const hosts = certificateNames(spec, project.environment.namespace)
  const server = hosts.length === 0 ? undefined : serverFiles(spec)
  const issuer = await ensureAuthority(generate.ca, making)
  if (server === undefined) return
  const replace = force && !files.knows(server.key)
  const existing = replace ? undefined : await readPair(server, making)
  if (existing !== undefined) return
  const made = await ports.maker.server({ hosts, issuer, now: ports.clock.now(), days: generate.days })
  await files.put(server.key, spec.name, made.key, await files.read(server.key))
  await files.put(
    server.certificate,
    spec.name,
    `${made.certificate}${issuer.certificate}`,
    await files.read(server.certificate),
    false,
  )
}

/** Undefined where only a CA is wanted. */
function serverFiles(spec: SecretSpec): PairFiles | undefined {
  const certificate = sourceFile(spec, 'tls.crt')
  const key = sourceFile(spec, 'tls.key')
  return certificate === undefined || key === undefined ? undefined : { certificate, key }
}

function sourceFile(spec: SecretSpec, key: string): string | undefined {
  const source = spec.keys.find((one) => one.key === key)?.source
  return source?.kind === 'file' ? source.file : undefined
}

async function ensureAuthority(folder: string, making: Making): Promise<CertificatePair> {
  const { spec, project, ports, files } = making
  const names = authorityFiles(folder)
  const now = ports.clock.now()
  const make = async (
    pair: PairFiles,
    title: string,
    issuer: CertificatePair | undefined,
    days: number,
  ): Promise<CertificatePair> => {
    const known = await readAuthority(pair, making)
    if (known !== undefined) return known
    const made = await ports.maker.authority({
      name: `${project.name} ${title}`,
      now,
      days,
      ...(issuer === undefined ? {} : { issuer }),
    })
    await files.put(pair.key, spec.name, made.key, undefined)
    await files.put(pair.certificate, spec.name, made.certificate, undefined, false)
    return made
  }
  // An intermediate that is there signs on its own; its root may be kept elsewhere, as it should be.
  const existing = await readAuthority(names.intermediate, making)
  if (existing === undefined) await refuseLoneBundle(names, making)
  const root = existing === undefined ? await make(names.root, 'root CA', undefined, ROOT_DAYS) : undefined
  const intermediate = existing ?? (await make(names.intermediate, 'intermediate CA', root, INTERMEDIATE_DAYS))
  const rootCertificate = root?.certificate ?? (await files.read(names.root.certificate))
  const bundle = await files.read(names.bundle)
  refuseOther(rootCertificate, names.root.certificate, intermediate, names, ports)
  refuseOther(bundle, names.bundle, intermediate, names, ports)
  if (bundle !== undefined) files.note(names.bundle, spec.name, 'exists', { isPrivate: false })
  else await files.put(names.bundle, spec.name, `${intermediate.certificate}${rootCertificate ?? ''}`, undefined, false)
  return intermediate
}

/** Whoever trusts `authority` would refuse every certificate that this intermediate signs. */
function refuseOther(
  authority: string | undefined,
  file: string,
  { certificate }: CertificatePair,
  { intermediate }: ReturnType<typeof authorityFiles>,
  { certificates }: GeneratePorts,
): void {
  if (authority === undefined || certificates.leadsTo(certificate, authority)) return
  const message = `${intermediate.certificate} does not lead to ${file}: they are of different CAs; put back what belongs together`
  throw new ForgeError('E_GENERATE_PAIR', message, {
    hint: program('ls', '-l', file, intermediate.certificate),
    where: intermediate.certificate,
  })
}

/** A bundle without its CA (fetched from the cluster): a new CA's certificates would be refused by all who have the bundle. */
async function refuseLoneBundle(
  { root, intermediate, bundle }: ReturnType<typeof authorityFiles>,
  making: Making,
): Promise<void> {
  const { files } = making
  if (!(await files.has(bundle)) || (await files.has(root.key))) return
  throw halfPair(bundle, intermediate.key, true, making)
}

interface PairFiles {
  readonly certificate: string
  readonly key: string
}

function authorityFiles(folder: string): { root: PairFiles; intermediate: PairFiles; bundle: string } {
  const pair = (name: string): PairFiles => ({ certificate: `${folder}/${name}.crt`, key: `${folder}/${name}.key` })
  return { root: pair('root-ca'), intermediate: pair('intermediate-ca'), bundle: `${folder}/ca-bundle.crt` }
}

/** One that is to sign something: it has to be readable, too. */
async function readAuthority(pair: PairFiles, making: Making): Promise<CertificatePair | undefined> {
  const found = await readPair(pair, making)
  if (found === undefined) return undefined
  const { spec, ports } = making
  const { certificates } = ports
  for (const [file, read] of [
    [pair.certificate, certificates.chain(found.certificate)],
    [pair.key, certificates.key(found.key)],
  ] as const) {
    if (!('problem' in read)) continue
    const message = `${file}, of the CA that is to sign for secret ${spec.name}, ${read.problem}`
    throw new ForgeError('E_SECRET_INVALID', message, { hint: program('ls', '-l', file), where: file })
  }
  return found
}

async function readPair(pair: PairFiles, making: Making): Promise<CertificatePair | undefined> {
  const { spec, files } = making
  const { certificate, key } = pair
  const [certificatePem, keyPem] = [await files.read(certificate), await files.read(key)]
  if (certificatePem === undefined && keyPem === undefined) return undefined
  if (certificatePem === undefined || keyPem === undefined)
    throw halfPair(certificate, key, keyPem === undefined, making)
  refuseMixed(pair, { certificate: certificatePem, key: keyPem }, making)
  files.note(certificate, spec.name, 'exists', { isPrivate: false })
  files.note(key, spec.name, 'exists')
  return { certificate: certificatePem, key: keyPem }
}

/** What cannot be read at all is for the checks of a deploy to say; only forge's own work is meant here. */
function refuseMixed(
  { certificate, key }: PairFiles,
  found: CertificatePair,
  { project: { environment }, ports: { certificates } }: Making,
): void {
  const [chain, own] = [certificates.chain(found.certificate), certificates.key(found.key)]
  if ('problem' in chain || 'problem' in own || chain.certificates[0]?.publicKey === own.publicKey) return
  const message = `${certificate} belongs to another key than ${key}: a run was cut off between the two, or one was replaced; put back what belongs together, or move both away`
  throw new ForgeError('E_GENERATE_PAIR', message, {
    hint: sequence(
      program('mv', certificate, `${certificate}.old`),
      program('mv', key, `${key}.old`),
      forge('secrets', 'generate', '--env', environment.name),
    ),
    where: certificate,
  })
}

function halfPair(certificate: string, key: string, keyMissing: boolean, { project, spec }: Making): ForgeError {
  const [there, gone] = keyMissing ? [certificate, key] : [key, certificate]
  const message = `${there} is there without ${gone}; put the other half back, or move it away so that both are made anew`
  return new ForgeError('E_GENERATE_PAIR', message, {
    hint: sequence(
      program('mv', there, `${there}.old`),
      forge('secrets', 'generate', '--env', project.environment.name, '--only', spec.name),
    ),
    where: there,
  })
}
