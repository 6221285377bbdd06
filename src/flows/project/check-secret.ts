import type { Project, SecretSpec } from '../../domain/config/model.ts'
import type { Position, Problem } from '../../domain/config/position.ts'
import type { CodedProblem } from '../../domain/config/problems.ts'
import { judgeServer, judgeValidity, type CertificateFindings } from '../../domain/secrets/certificate.ts'
import type { ProjectPorts } from './ports.ts'

export interface SecretText {
  readonly key: string
  readonly text: string
  /** Where forge.yaml names the source. */
  readonly at: Position
  /** The source for people: a file, a variable. */
  readonly shown: string
}

export interface SecretFindings {
  readonly problems: CodedProblem[]
  readonly warnings: Problem[]
}

/** What is wrong with values that were read: not usable as what they are to be. Values never get into the messages. */
export function checkSecret(
  spec: SecretSpec,
  texts: readonly SecretText[],
  project: Project,
  ports: ProjectPorts,
): SecretFindings {
  const findings: SecretFindings = { problems: [], warnings: [] }
  for (const text of texts) {
    if (isCertificate(text)) checkCertificate(spec, text, texts, { project, ports, findings })
    else if (isKey(text)) checkKey(spec, text, ports, findings)
    else if (text.key === '.dockerconfigjson') checkDockerConfig(text, findings)
    else checkPlain(text, spec, findings)
  }
  return findings
}

interface Surroundings {
  readonly project: Project
  readonly ports: ProjectPorts
  readonly findings: SecretFindings
}

function isCertificate({ key, text }: SecretText): boolean {
  return key.endsWith('.crt') || text.trimStart().startsWith('-----BEGIN CERTIFICATE-----')
}

function isKey({ key, text }: SecretText): boolean {
  return key === 'tls.key' || /^-----BEGIN [A-Z ]*PRIVATE KEY-----/u.test(text.trimStart())
}

function checkCertificate(
  spec: SecretSpec,
  { key, text, at, shown }: SecretText,
  all: readonly SecretText[],
  around: Surroundings,
): void {
  const { project, ports, findings } = around
  const chain = ports.certificates.chain(text)
  if ('problem' in chain) {
    findings.problems.push({
      code: 'E_SECRET_INVALID',
      message: `${shown}: ${chain.problem} (secret ${spec.name}, key ${key})`,
      at,
    })
    return
  }
  report(judgeValidity(chain.certificates, ports.clock.now()), shown, at, findings)
  if (key !== 'tls.crt') return
  const keyText = all.find((other) => other.key === 'tls.key')
  const hosts = spec.generate?.kind === 'certificate' ? spec.generate.hosts : []
  const names = hosts.map((host) => host.replaceAll('{namespace}', project.environment.namespace))
  report(
    judgeServer(chain, keyText === undefined ? undefined : ports.certificates.key(keyText.text), names),
    shown,
    at,
    findings,
  )
}

function report(
  { faults, warnings }: CertificateFindings,
  shown: string,
  at: Position,
  findings: SecretFindings,
): void {
  findings.problems.push(
    ...faults.map((fault) => ({ code: 'E_SECRET_INVALID' as const, message: `${shown}: ${fault}`, at })),
  )
  findings.warnings.push(...warnings.map((warning) => ({ message: `${shown}: ${warning}`, at })))
}

function checkKey(
  spec: SecretSpec,
  { key, text, at, shown }: SecretText,
  ports: ProjectPorts,
  findings: SecretFindings,
): void {
  const reading = ports.certificates.key(text)
  if ('problem' in reading) {
    findings.problems.push({
      code: 'E_SECRET_INVALID',
      message: `${shown}: ${reading.problem} (secret ${spec.name}, key ${key})`,
      at,
    })
  }
}

function checkDockerConfig({ text, at, shown }: SecretText, findings: SecretFindings): void {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && 'auths' in value) return
  } catch {
    // Told below: the parser's own message would repeat the text.
  }
  findings.problems.push({ code: 'E_SECRET_INVALID', message: `${shown}: is no docker configuration with "auths"`, at })
}

function checkPlain({ key, text, at, shown }: SecretText, spec: SecretSpec, findings: SecretFindings): void {
  if (/^[^\n]*\r?\n+$/u.test(text)) {
    findings.warnings.push({
      message: `${shown}: ends with a newline, which becomes part of key ${key} of secret ${spec.name}`,
      at,
    })
  }
}
