import { forge } from '../../hint.ts'
import type { Project, SecretSpec } from '../../domain/config/model.ts'
import type { Source } from '../../domain/sources/sources.ts'
import type { Problem } from '../../domain/config/position.ts'
import type { CodedProblem } from '../../domain/config/problems.ts'
import { judgeServer, judgeValidity, requiredNames } from '../../domain/secrets/certificate.ts'
import { isPlaceholder } from '../../domain/secrets/value.ts'
import { endsInStrayNewline, trimAdvice } from '../../domain/values/newline.ts'
import type { ProjectPorts } from './ports.ts'
import { parseJson } from '../../domain/json.ts'

export interface SecretText {
  readonly key: string
  readonly text: string
  /** As forge.yaml names it. */
  readonly source: Source
  /** The source for people: a file, a variable. */
  readonly shown: string
}

export interface SecretFindings {
  readonly problems: CodedProblem[]
  readonly warnings: Problem[]
}

/** The certificates that clients trust: an issuer that is not among them is one that they refuse. */
export interface Bundle {
  readonly text: string
  readonly shown: string
}

/** What is wrong with values that were read: not usable as what they are to be. Values never get into the messages. */
export function checkSecret(
  spec: SecretSpec,
  texts: readonly SecretText[],
  bundle: Bundle | undefined,
  project: Project,
  ports: ProjectPorts,
): SecretFindings {
  const around: Surroundings = { spec, texts, bundle, project, ports, findings: { problems: [], warnings: [] } }
  for (const text of texts) {
    if (isCertificate(text)) checkCertificate(text, around)
    else if (isKey(text)) checkKey(text, around)
    else if (text.key === '.dockerconfigjson') checkDockerConfig(text, around)
    else checkPlain(text, around)
  }
  return around.findings
}

interface Surroundings {
  readonly spec: SecretSpec
  readonly texts: readonly SecretText[]
  readonly bundle: Bundle | undefined
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

function checkCertificate(own: SecretText, around: Surroundings): void {
  const { spec, bundle, ports, findings } = around
  const { key, text, shown } = own
  const chain = ports.certificates.chain(text)
  if ('problem' in chain) return say(own, around, `${shown}: ${chain.problem} (secret ${spec.name}, key ${key})`)
  const { faults, warnings } = judgeValidity(chain.certificates, ports.clock.now())
  const all = [...faults, ...(key === 'tls.crt' ? serverFaults(chain, around) : [])]
  if (key === 'tls.crt' && bundle !== undefined && !ports.certificates.leadsTo(text, bundle.text)) {
    const issuer = chain.certificates.at(-1)?.issuer ?? 'nobody'
    all.push(`its issuer ${issuer} is not in ${bundle.shown}, so clients refuse it`)
  }
  for (const fault of all) say(own, around, `${shown}: ${fault}`)
  findings.warnings.push(...warnings.map((warning) => ({ message: `${shown}: ${warning}`, at: own.source.at })))
}

function serverFaults(
  chain: Parameters<typeof judgeServer>[0],
  { spec, texts, project, ports }: Surroundings,
): string[] {
  const key = texts.find((other) => other.key === 'tls.key')
  const reading = key === undefined ? undefined : ports.certificates.key(key.text)
  return judgeServer(chain, reading, requiredNames(spec, project.environment.namespace))
}

function say(own: SecretText, { spec, project, findings }: Surroundings, message: string): void {
  const renewable = spec.generate?.kind === 'certificate' && own.key.startsWith('tls.')
  const env = project.environment.name
  const hint = renewable ? { hint: forge('secrets', 'generate', '--env', env, '--force', spec.name) } : {}
  findings.problems.push({ code: 'E_SECRET_INVALID', message, at: own.source.at, ...hint })
}

function checkKey(own: SecretText, around: Surroundings): void {
  const reading = around.ports.certificates.key(own.text)
  if ('problem' in reading)
    say(own, around, `${own.shown}: ${reading.problem} (secret ${around.spec.name}, key ${own.key})`)
}

function checkDockerConfig(own: SecretText, around: Surroundings): void {
  const value = parseJson(own.text)
  if (typeof value === 'object' && value !== null && 'auths' in value) return
  // The parser's own message would repeat the text.
  say(own, around, `${own.shown}: is not a valid docker configuration with "auths"`)
}

function checkPlain({ key, text, source, shown }: SecretText, { spec, project, findings }: Surroundings): void {
  const use = `key ${key} of secret ${spec.name}`
  const { at } = source
  if (endsInStrayNewline(text) && !(source.kind === 'file' && source.trim === 'none')) {
    const advice = trimAdvice(source)
    const message = `${shown}: ends with a newline, which would become part of ${use}`
    if (advice === undefined) findings.warnings.push({ message, at })
    else findings.problems.push({ code: 'E_SECRET_NEWLINE', message: `${message}; ${advice}`, at })
  }
  const { length, lengthAt: place = spec.at } = spec.keys.find((one) => one.key === key) ?? {}
  if (isPlaceholder(text)) {
    const message = `${shown}: is a placeholder that nobody replaced (${use})`
    const hint = forge('secrets', 'generate', '--env', project.environment.name, '--force', spec.name)
    const help = length !== undefined && source.kind === 'file' ? { hint } : {}
    findings.problems.push({ code: 'E_SECRET_PLACEHOLDER', message, at, ...help })
  } else if (length !== undefined && text.trim().length < length) {
    const wanted = `"generate" says ${length} (${place.file}:${place.line}); make it anew, or say its length there`
    const message = `${shown}: has ${text.trim().length} characters, and ${wanted} (${use})`
    findings.problems.push({ code: 'E_SECRET_INVALID', message, at })
  }
}
