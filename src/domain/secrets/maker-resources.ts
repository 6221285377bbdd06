import { isMap } from '../config/path.ts'
import { groupOf, type KubeObject } from '../kube.ts'
import type { Evidence, Wanted } from './awaited.ts'

/** Where one Secret is made, as the spec of a resource says it. */
interface Stated {
  readonly name: unknown
  /** It adds to a Secret that somebody else makes. */
  readonly addsOnly?: boolean
  readonly anywhere?: boolean
}

type States = (object: KubeObject) => readonly Stated[]

/** Kinds that say which Secrets they make, and make no others. */
const STATED = new Map<string, States>([
  ['cert-manager.io/Certificate', (one) => [{ name: at(one, 'spec', 'secretName') }]],
  ['cert-manager.io/Issuer', (one) => [{ name: at(one, 'spec', 'acme', 'privateKeySecretRef', 'name') }]],
  [
    'cert-manager.io/ClusterIssuer',
    (one) => [{ name: at(one, 'spec', 'acme', 'privateKeySecretRef', 'name'), anywhere: true }],
  ],
  ['external-secrets.io/ExternalSecret', (one) => [externalSecret(at(one, 'spec'), one.metadata.name)]],
  [
    'external-secrets.io/ClusterExternalSecret',
    (one) => {
      const name = at(one, 'spec', 'externalSecretName') ?? one.metadata.name
      return [{ ...externalSecret(at(one, 'spec', 'externalSecretSpec'), name), anywhere: true }]
    },
  ],
  [
    'bitnami.com/SealedSecret',
    (one) => [{ name: at(one, 'spec', 'template', 'metadata', 'name') ?? one.metadata.name }],
  ],
  [
    'secrets-store.csi.x-k8s.io/SecretProviderClass',
    (one) => listAt(one, 'spec', 'secretObjects').map((each) => ({ name: at(each, 'secretName') })),
  ],
  ['onepassword.com/OnePasswordItem', (one) => [{ name: one.metadata.name }]],
  [
    'isindir.github.com/SopsSecret',
    (one) => listAt(one, 'spec', 'secretTemplates').map((each) => ({ name: at(each, 'name') })),
  ],
  ['secrets.hashicorp.com/VaultStaticSecret', destination],
  ['secrets.hashicorp.com/VaultDynamicSecret', destination],
  ['secrets.hashicorp.com/VaultPKISecret', destination],
  ['secrets.hashicorp.com/HCPVaultSecretsApp', destination],
])

/** Groups and kinds that read Secrets and make none that a pod of somebody else could want. */
const READERS = new Set([
  ...['monitoring.coreos.com', 'traefik.io', 'traefik.containo.us', 'networking.istio.io', 'security.istio.io'],
  ...['cilium.io', 'keda.sh', 'kyverno.io', 'apiextensions.crossplane.io', 'acme.cert-manager.io'],
  ...[
    'cert-manager.io/CertificateRequest',
    'external-secrets.io/SecretStore',
    'external-secrets.io/ClusterSecretStore',
  ],
  ...['external-secrets.io/PushSecret', 'secrets.hashicorp.com/VaultAuth', 'secrets.hashicorp.com/VaultConnection'],
])

/** Fields that name what is read. */
const READ = /^(?:valueFrom|envFrom|imagePullSecrets?|secretKeyRef|secretRef|existingSecret|volumes)$/u

/** A controller that makes a certificate for whatever names a Secret for it. */
const ISSUERS = ['cert-manager.io/issuer', 'cert-manager.io/cluster-issuer', 'kubernetes.io/tls-acme']

/** What an object that is no program makes: a custom resource by its spec or name, any other by its annotations. */
export function resourceEvidence(object: KubeObject, wanted: Wanted): Evidence | undefined {
  const { apiVersion, kind, metadata } = object
  const group = groupOf(apiVersion)
  const isHere = metadata.namespace === undefined || metadata.namespace === wanted.namespace
  const stated = STATED.get(`${group}/${kind}`)
  if (stated !== undefined) return stated(object).some((one) => makes(one, isHere, wanted)) ? 'says' : undefined
  if (isHere && isAnnotated(object, wanted.secret)) return 'says'
  if (!isCustom(object) || READERS.has(group) || READERS.has(`${group}/${kind}`)) return undefined
  if (writes(object['spec'], wanted, isHere)) return 'names'
  return isHere && isPartOf(metadata.name, wanted.secret) ? 'may' : undefined
}

/** Of a group with a controller of its own. */
export function isCustom({ apiVersion }: Pick<KubeObject, 'apiVersion'>): boolean {
  const group = groupOf(apiVersion)
  return group.includes('.') && !group.endsWith('.k8s.io')
}

/** Those whose absence from a look at the cluster says something. */
export function saysWhatItMakes({ apiVersion, kind }: Pick<KubeObject, 'apiVersion' | 'kind'>): boolean {
  return STATED.has(`${groupOf(apiVersion)}/${kind}`)
}

function makes(
  { name, addsOnly = false, anywhere = false }: Stated,
  isHere: boolean,
  { secret, key }: Wanted,
): boolean {
  return name === secret && (isHere || anywhere) && (key !== undefined || !addsOnly)
}

function externalSecret(spec: unknown, otherwise: unknown): Stated {
  const policy = at(spec, 'target', 'creationPolicy')
  return {
    name: policy === 'None' ? undefined : (at(spec, 'target', 'name') ?? otherwise),
    addsOnly: policy === 'Merge',
  }
}

/** Vault's operator makes the Secret only where it is told to. */
function destination(one: KubeObject): readonly Stated[] {
  return [{ name: at(one, 'spec', 'destination', 'name'), addsOnly: at(one, 'spec', 'destination', 'create') !== true }]
}

/** A certificate for an Ingress or Gateway, or (OpenShift) for whatever names a Secret in an annotation. */
function isAnnotated(object: KubeObject, secret: string): boolean {
  const { annotations = {} } = object.metadata
  if (Object.entries(annotations).some(([name, value]) => value === secret && /secret-name$/u.test(name))) return true
  if (!ISSUERS.some((name) => Object.hasOwn(annotations, name))) return false
  const ingress = listAt(object, 'spec', 'tls').map((one) => at(one, 'secretName'))
  const gateway = listAt(object, 'spec', 'listeners')
    .flatMap((one) => listAt(one, 'tls', 'certificateRefs'))
    .map((one) => at(one, 'name'))
  return [...ingress, ...gateway].includes(secret)
}

/** It names the Secret where it may mean to write it: not in a selector of one key, nor in a field that is read everywhere. */
function writes(value: unknown, wanted: Wanted, isHere: boolean): boolean {
  if (value === wanted.secret) return isHere
  if (Array.isArray(value)) return value.some((one) => writes(one, wanted, isHere))
  if (!isMap(value)) return false
  if (value['name'] === wanted.secret && typeof value['key'] === 'string') return false
  const here = typeof value['namespace'] === 'string' ? value['namespace'] === wanted.namespace : isHere
  return Object.entries(value).some(([name, inner]) => !READ.test(name) && writes(inner, wanted, here))
}

/** Operators name what they make after the resource: `db-app`, `db-pguser-app`, `app.db.credentials`. */
function isPartOf(resource: string, secret: string): boolean {
  return `-${secret.replaceAll('.', '-')}-`.includes(`-${resource.replaceAll('.', '-')}-`)
}

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, name) => (isMap(inner) ? inner[name] : undefined), value)
}

function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = at(value, ...path)
  return Array.isArray(found) ? (found as unknown[]) : []
}
