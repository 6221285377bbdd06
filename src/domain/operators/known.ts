import { groupOf, type KubeObject } from '../kube.ts'

/** An operator: what acts on resources of these API groups. */
export interface Operator {
  /** What people call it. */
  readonly called: string
  /** API groups; one that begins with a dot stands for all that end so. */
  readonly groups: readonly string[]
  /**
   * What its workload is called in its own manifests and charts, the usual one first: its name, alone or after a release's, a
   * naming label, or the last part of its image's name.
   */
  readonly workloads: readonly [string, ...string[]]
  readonly kind?: 'StatefulSet' | 'DaemonSet'
}

const flux = (name: string, ...groups: readonly string[]): Operator => ({
  called: `Flux ${name}`,
  groups,
  workloads: [name],
})

/** Those whose own words forge knows how to read, and a few more that make workloads. */
const OPERATORS: readonly Operator[] = [
  {
    called: 'CloudNativePG operator',
    groups: ['postgresql.cnpg.io'],
    workloads: ['cnpg-controller-manager', 'cloudnative-pg'],
  },
  flux('helm-controller', 'helm.toolkit.fluxcd.io'),
  flux('kustomize-controller', 'kustomize.toolkit.fluxcd.io'),
  flux('source-controller', 'source.toolkit.fluxcd.io'),
  flux('notification-controller', 'notification.toolkit.fluxcd.io'),
  {
    called: 'cert-manager',
    groups: ['cert-manager.io', 'acme.cert-manager.io'],
    workloads: ['cert-manager', 'cert-manager-controller'],
  },
  { called: 'External Secrets operator', groups: ['external-secrets.io'], workloads: ['external-secrets'] },
  {
    called: 'Sealed Secrets controller',
    groups: ['bitnami.com'],
    workloads: ['sealed-secrets-controller', 'sealed-secrets'],
  },
  {
    called: 'Argo CD application controller',
    groups: ['argoproj.io/Application'],
    workloads: ['argocd-application-controller'],
    kind: 'StatefulSet',
  },
  { called: 'Argo Rollouts controller', groups: ['argoproj.io/Rollout'], workloads: ['argo-rollouts'] },
  { called: 'Strimzi operator', groups: ['kafka.strimzi.io'], workloads: ['strimzi-cluster-operator'] },
  { called: 'Zalando postgres-operator', groups: ['acid.zalan.do'], workloads: ['postgres-operator'] },
  {
    called: 'Crunchy postgres-operator',
    groups: ['postgres-operator.crunchydata.com'],
    workloads: ['pgo', 'crunchydata/postgres-operator'],
  },
  {
    called: 'RabbitMQ cluster operator',
    groups: ['rabbitmq.com'],
    workloads: ['rabbitmq-cluster-operator', 'rabbitmqoperator/cluster-operator'],
  },
  {
    called: 'Prometheus operator',
    groups: ['monitoring.coreos.com'],
    workloads: ['prometheus-operator', 'kube-prometheus-operator', 'kube-prometheus-stack-operator'],
  },
  { called: 'KEDA operator', groups: ['keda.sh'], workloads: ['keda-operator', 'keda'] },
  { called: 'Velero', groups: ['velero.io'], workloads: ['velero'] },
]

/** Who acts on it; undefined: forge does not know. */
export function operatorOf({ apiVersion, kind }: Pick<KubeObject, 'apiVersion' | 'kind'>): Operator | undefined {
  const group = groupOf(apiVersion)
  return OPERATORS.find(({ groups }) => groups.some((one) => one === group || one === `${group}/${kind}`))
}

const NAMING_LABELS = ['app.kubernetes.io/name', 'app.kubernetes.io/component', 'app']

/** Whether this workload is it. Its webhooks and the like have names that only begin like it. */
export function isOperator({ metadata, spec }: KubeObject, { workloads }: Operator): boolean {
  const labels = NAMING_LABELS.map((label) => metadata.labels?.[label])
  const images = imagesOf(spec).map((image) => image.replace(/@.*$/u, '').replace(/:[^/:]*$/u, ''))
  return workloads.some(
    (name) =>
      metadata.name === name ||
      metadata.name.endsWith(`-${name}`) ||
      labels.includes(name) ||
      images.some((image) => image === name || image.endsWith(`/${name}`)),
  )
}

function imagesOf(spec: unknown): string[] {
  const { template } = (spec ?? {}) as {
    readonly template?: { readonly spec?: { readonly containers?: readonly { readonly image?: string }[] } }
  }
  return (template?.spec?.containers ?? []).flatMap(({ image }) => image ?? [])
}
