import { stringify } from 'yaml'
import { named, Two, workload, type Manifest } from './generated-workload.ts'
import type { Random } from './random.ts'

/** An old stack, a chart of the same app that says much of it otherwise, and what other people have in the namespace. */
export interface GeneratedStack {
  /** A kustomization, by the names of its files. */
  readonly old: Readonly<Record<string, string>>
  readonly chart: readonly Manifest[]
  readonly foreign: readonly Manifest[]
  /** Arguments of kubectl for what was done by hand since. */
  readonly byHand: readonly (readonly string[])[]
}

const APPS = ['api', 'web', 'jobs', 'mail']

export function generateStack(random: Random): GeneratedStack {
  const two = new Two(random)
  const apps = APPS.filter(() => two.maybe(0.6))
  const parts = (apps.length === 0 ? ['api'] : apps).map((name) => app(name, two))
  const around = [settings(two), extras(two)]
  const all = [...parts, ...around]
  const old = all.flatMap((one) => one.old)
  const generators = all.flatMap((one) => one.generated ?? [])
  const kustomization = {
    resources: ['all.yaml'],
    ...(generators.length === 0 ? {} : { configMapGenerator: generators }),
    ...(two.maybe(0.5) ? { labels: [{ pairs: { team: 'shop' } }] } : {}),
  }
  return {
    old: {
      'kustomization.yaml': stringify(kustomization),
      'all.yaml': old.map((one) => `---\n${stringify(one)}`).join(''),
    },
    chart: all.flatMap((one) => one.chart),
    foreign: foreign(),
    byHand: parts.flatMap(({ name, kind }) => byHand(name, kind, two)),
  }
}

interface Part {
  readonly old: readonly Manifest[]
  readonly chart: readonly Manifest[]
  readonly generated?: readonly Manifest[]
}

/** A workload with its Service, its settings, its account and what goes with it. */
function app(name: string, two: Two): Part & { readonly name: string; readonly kind: string } {
  const labels = { app: name }
  const kind = two.one(['Deployment', 'Deployment', 'StatefulSet'])
  const [account, ownAccount] = [two.maybe(0.3), two.maybe(0.4)]
  const config = two.maybe(0.6)
  const draw = (image: string, accountName: string | undefined, configName: string | undefined): Manifest =>
    workload({ kind, name, labels, image, account: accountName, config: configName }, two)
  const accountOf = (suffix: string): Manifest => named('v1', 'ServiceAccount', `${name}${suffix}`, {})
  const old = draw(`${name}:1`, account ? name : undefined, config ? `${name}-env` : undefined)
  const chart = draw(
    `{{ .Values.registry }}${name}:1`,
    ownAccount ? `${name}-chart` : undefined,
    config ? name : undefined,
  )
  const data = (): Manifest => ({ data: two.some({ A: '1', B: two.one(['1', '2']), C: '3' }) })
  const [, settingsNow] = two.pair(data)
  const [service, serviceNow] = two.pair(() => serviceSpec(labels, two))
  const others = [disruption, network, ingress, cron]
    .filter(() => two.maybe(0.35))
    .map((make) => make(name, labels, two))
  return {
    ...{ name, kind },
    old: [
      old,
      named('v1', 'Service', name, service),
      ...(account ? [accountOf('')] : []),
      ...others.flatMap((one) => one.old),
    ],
    chart: [
      chart,
      named('v1', 'Service', name, serviceNow),
      ...(ownAccount ? [accountOf('-chart')] : []),
      ...(config ? [named('v1', 'ConfigMap', name, settingsNow)] : []),
      ...others.flatMap((one) => one.chart),
    ],
    generated: config ? [{ name: `${name}-env`, literals: ['A=1', `B=${two.one(['1', '2'])}`] }] : [],
  }
}

function serviceSpec(labels: Manifest, two: Two): Manifest {
  return {
    spec: {
      selector: labels,
      ports: [
        { port: 80, targetPort: two.one(['http', 80]), name: two.one(['http', 'web']) },
        ...(two.maybe(0.3) ? [{ port: 81, name: 'admin' }] : []),
      ],
      ...two.some({
        type: two.one(['NodePort', 'ClusterIP']),
        sessionAffinity: two.one(['ClientIP', 'None']),
        publishNotReadyAddresses: true,
      }),
    },
  }
}

type Make = (name: string, labels: Manifest, two: Two) => Part

const disruption: Make = (name, labels, two) => {
  const draw = (): Manifest => {
    return {
      spec: { selector: { matchLabels: labels }, [two.one(['minAvailable', 'maxUnavailable'])]: two.one([1, '50%']) },
    }
  }
  return both('policy/v1', 'PodDisruptionBudget', name, two.pair(draw), two)
}

const network: Make = (name, labels, two) => {
  const ingress = (): Manifest => two.some({ ingress: [{ ports: [{ port: two.one([80, 81]) }] }], egress: [{}] })
  const draw = (): Manifest => ({
    spec: { podSelector: { matchLabels: labels }, policyTypes: ['Ingress'], ...ingress() },
  })
  return both('networking.k8s.io/v1', 'NetworkPolicy', name, two.pair(draw), two)
}

const ingress: Make = (name, _labels, two) => {
  const draw = (): Manifest => {
    const backend = { service: { name, port: two.one<Manifest>([{ number: 80 }, { name: 'http' }]) } }
    const paths = [{ path: two.one(['/', '/a']), pathType: 'Prefix', backend }]
    return { spec: { rules: [{ host: 'shop.example', http: { paths } }], ...two.some({ ingressClassName: 'nginx' }) } }
  }
  return both('networking.k8s.io/v1', 'Ingress', name, two.pair(draw), two)
}

const cron: Make = (name, _labels, two) => {
  const draw = (): Manifest => {
    const containers = [{ name: 'clean', image: two.one(['clean:1', 'clean:2']) }]
    const job = { spec: { template: { spec: { restartPolicy: two.one(['Never', 'OnFailure']), containers } } } }
    const more = two.some({ concurrencyPolicy: 'Forbid', successfulJobsHistoryLimit: 1 })
    return { spec: { schedule: two.one(['0 3 * * *', '0 4 * * *']), suspend: true, jobTemplate: job, ...more } }
  }
  return both('batch/v1', 'CronJob', `${name}-clean`, two.pair(draw), two)
}

/** One that only one side has now and then. */
function both(
  apiVersion: string,
  kind: string,
  name: string,
  [old, chart]: readonly [Manifest, Manifest],
  two: Two,
): Part {
  const side = two.one(['both', 'both', 'both', 'old', 'chart'])
  return {
    old: side === 'chart' ? [] : [named(apiVersion, kind, name, old)],
    chart: side === 'old' ? [] : [named(apiVersion, kind, name, chart)],
  }
}

function settings(two: Two): Part {
  const texts = (): Manifest => ({
    stringData: two.some({ A: 'not-so-secret-1', B: two.one(['not-so-2', 'not-so-3']) }),
    ...two.some({ type: 'Opaque' }),
  })
  return both('v1', 'Secret', 'keys', two.pair(texts), two)
}

function extras(two: Two): Part {
  const group = 'rbac.authorization.k8s.io'
  const rules = (): Manifest => ({
    rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: two.one([['get'], ['get', 'list']]) }],
  })
  const subjects = (): Manifest => ({
    roleRef: { apiGroup: group, kind: 'Role', name: 'reader' },
    subjects: [
      {
        kind: 'ServiceAccount',
        name: two.one(['default', 'other']),
        ...two.some({ namespace: '{{ .Release.Namespace }}' }),
      },
    ],
  })
  const role = two.pair(rules)
  const [, bound] = two.pair(subjects)
  const before = { ...bound, subjects: [{ kind: 'ServiceAccount', name: 'default' }] }
  return {
    old: [named(`${group}/v1`, 'Role', 'reader', role[0]), named(`${group}/v1`, 'RoleBinding', 'reader', before)],
    chart: [named(`${group}/v1`, 'Role', 'reader', role[1]), named(`${group}/v1`, 'RoleBinding', 'reader', bound)],
  }
}

function byHand(name: string, kind: string, two: Two): readonly (readonly string[])[] {
  return [
    ['set', 'env', `${kind}/${name}`, 'BY_HAND=1'],
    // A pod more of a set is a claim more, which no chart of fewer takes over.
    ...(kind === 'Deployment' ? [['scale', `deployment/${name}`, '--replicas=2']] : []),
    ['annotate', `${kind}/${name}`, 'who=me'],
    ['rollout', 'restart', `${kind}/${name}`],
    ['label', 'service', name, 'who=me'],
    ['annotate', 'service', name, 'who=me'],
    ['patch', 'service', name, '--patch', '{"spec":{"sessionAffinity":"ClientIP"}}'],
  ].filter(() => two.maybe(0.25))
}

/** Of other people: nobody may touch them, whatever they share with the stack. */
function foreign(): readonly Manifest[] {
  const labels = { app: 'theirs' }
  const containers = [{ name: 'a', image: 'theirs:1' }]
  return [
    named('apps/v1', 'Deployment', 'theirs', {
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
    }),
    named('v1', 'Service', 'theirs', { spec: { selector: labels, ports: [{ port: 80 }] } }),
    named('v1', 'ConfigMap', 'theirs', { data: { A: '1' } }, { labels: { app: 'api', team: 'shop' } }),
    named('v1', 'Secret', 'theirs', { stringData: { A: 'not-so-secret-9' } }),
  ]
}
