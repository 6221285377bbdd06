import { judgeTls, namedForTls, pemIn, type NamedForTls } from '../../domain/doctor/tls.ts'
import { nameOf, type KubeObject } from '../../domain/kube.ts'
import { makersOf, type Wanted } from '../../domain/secrets/awaited.ts'
import { judgeValidity } from '../../domain/secrets/certificate.ts'
import { kubectl } from '../../hint.ts'
import { found, passedOver, warn, type Check, type Finding } from '../phases/findings.ts'
import type { Compared } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { renderedObjects } from '../plan/assess.ts'
import { liveMakers } from '../plan/live-makers.ts'
import { unlessForbidden } from '../unless-forbidden.ts'

type Ports = Pick<DeployPorts, 'project' | 'signal'>

/** Certificates that the charts bring. Those that forge.yaml names are looked at with the secrets. */
export const checkCertificates: Check<Compared> = (known, { project: { certificates, clock } }) => {
  const objects = renderedObjects(known)
  const named = new Set(namedForTls(objects, '').map(({ secret }) => secret))
  const secrets = objects.filter(({ kind, type }) => kind === 'Secret' && type === 'kubernetes.io/tls')
  const wrong = secrets.flatMap((object): Finding[] => {
    const pem = pemIn(object, 'tls.crt')
    // Those of Ingresses are judged with what these need.
    if (pem === undefined || named.has(object.metadata.name)) return []
    const chain = certificates.chain(pem)
    const where = nameOf(object)
    const hint = kubectl(['describe', 'secret', object.metadata.name], object.metadata.namespace)
    if ('problem' in chain) return [warn(`${where} ${chain.problem}`, { hint, where })]
    const { faults, warnings } = judgeValidity(chain.certificates, clock.now())
    return [...faults, ...warnings].map((text) => warn(`${where}: ${text}`, { hint, where }))
  })
  return secrets.length === 0 || wrong.length > 0 ? wrong : [found('certificates of the charts are valid')]
}

/** Secrets that Ingresses name: there, for these hosts, and valid. What a controller makes may come later. */
export const checkIngressCertificates: Check<Compared> = async (known, ports) => {
  const home = known.project.environment.namespace
  const named = namedForTls(renderedObjects(known), home)
  const findings = (await Promise.all(named.map(async (one) => await judged(one, known, ports)))).flat()
  if (named.length === 0 || findings.length > 0) return findings
  return [found(named.length === 1 ? 'the Ingress has its certificate' : 'the Ingresses have their certificates')]
}

async function judged(one: NamedForTls, known: Compared, ports: Ports): Promise<Finding[]> {
  const { secret, namespace, ingress, hosts } = one
  const what = `certificate of ${nameOf(ingress)} (Secret/${secret})`
  const answer = await secretOf(one, known, ports)
  if (answer === undefined) return [passedOver(what, `you may not get secrets in ${namespace}`)]
  const where = nameOf(ingress)
  if (answer.object !== undefined) {
    const { certificates, clock } = ports.project
    const read = { chain: certificates.chain.bind(certificates), key: certificates.key.bind(certificates) }
    const hint = kubectl(['describe', 'secret', secret], namespace)
    return judgeTls(one, answer.object, read, clock.now()).map((text) => warn(text, { hint, where }))
  }
  // What forge itself makes is judged with its secrets, and where it cannot be had that is said there.
  const { environment, secrets } = known.project
  if (namespace === environment.namespace && secrets.some(({ name }) => name === secret)) return []
  const maker = await makerOf({ namespace, secret, key: undefined, by: [where] }, known, ports)
  if (maker === 'some') return []
  if (maker === 'unknown') return [passedOver(what, 'whether something makes it may not be looked at')]
  const forHosts = hosts.length === 0 ? '' : ` for ${hosts.join(', ')}`
  const text = `${where} names Secret/${secret} for TLS, which is not there: there is no certificate${forHosts}`
  return [warn(text, { hint: kubectl(['get', 'secrets'], namespace), where })]
}

/** As the charts or forge will write it, else as it is. Undefined: it may not be read. */
async function secretOf(
  { secret: name, namespace }: NamedForTls,
  known: Compared,
  { signal }: Ports,
): Promise<{ readonly object: KubeObject | undefined } | undefined> {
  const home = known.project.environment.namespace
  const rendered = renderedObjects(known).find(
    ({ kind, metadata }) => kind === 'Secret' && metadata.name === name && (metadata.namespace ?? home) === namespace,
  )
  const own = namespace === home ? known.secretPlans.find((plan) => plan.name === name)?.object : undefined
  if (rendered !== undefined || own !== undefined) return { object: rendered ?? own }
  const live = known.cluster.get({ apiVersion: 'v1', kind: 'Secret', namespace, name }, signal)
  return await unlessForbidden(live.then((object) => ({ object })))
}

async function makerOf(wanted: Wanted, known: Compared, ports: Ports): Promise<'some' | 'none' | 'unknown'> {
  const rendered = renderedObjects(known)
  if (makersOf(wanted, rendered, rendered).length > 0) return 'some'
  const live = await liveMakers(known, [wanted], rendered, ports)
  if (live.makersOf(wanted).length > 0) return 'some'
  return live.mayHide(wanted) ? 'unknown' : 'none'
}
