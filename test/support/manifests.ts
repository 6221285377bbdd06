import type { Manifest } from './small.ts'

/** Small objects of each kind that a plan must know about. */
export function configMap(name: string, data: Record<string, string>, more: Record<string, unknown> = {}): Manifest {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data, ...more }
}

export function secret(name: string, data: Record<string, string>, type = 'Opaque'): Manifest {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name }, type, stringData: data }
}

interface Web {
  readonly name?: string
  readonly image?: string
  readonly replicas?: number | undefined
  readonly selector?: Record<string, string>
  readonly env?: Record<string, string>
  readonly claim?: string
  /** With a probe its pods need not settle: quicker where many deploys follow each other. */
  readonly probe?: boolean
}

export function web({
  name = 'web',
  image = 'example.test/web:1',
  replicas = 1,
  selector = { app: name },
  env = {},
  claim,
  probe = false,
}: Web = {}): Manifest {
  const container = {
    name: 'web',
    image,
    env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
    ...(claim === undefined ? {} : { volumeMounts: [{ name: 'data', mountPath: '/data' }] }),
    ...(probe ? { readinessProbe: { httpGet: { path: '/', port: 80 } } } : {}),
  }
  const volumes = claim === undefined ? [] : [{ name: 'data', persistentVolumeClaim: { claimName: claim } }]
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      ...(claim === undefined ? {} : { strategy: { type: 'Recreate' } }),
      selector: { matchLabels: selector },
      template: { metadata: { labels: selector }, spec: { containers: [container], volumes } },
    },
  }
}

export function job(name: string, image: string): Manifest {
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image }] } }
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name }, spec: { template } }
}

export function service(name: string, spec: Record<string, unknown> = {}): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { selector: { app: name }, ports: [{ port: 80 }], ...spec },
  }
}

export function claim(name: string, size: string, storageClassName?: string): Manifest {
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: size } } }
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name },
    spec: { ...spec, ...(storageClassName === undefined ? {} : { storageClassName }) },
  }
}

export function statefulSet(name: string, serviceName: string, size = '1Gi', storageClassName?: string): Manifest {
  const labels = { app: name }
  const data = {
    // So that a test which looks at all that Helm manages sees the claims too.
    metadata: { name: 'data', labels: { 'app.kubernetes.io/managed-by': 'Helm' } },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: size } },
      ...(storageClassName === undefined ? {} : { storageClassName }),
    },
  }
  const container = { name: 'main', image: 'example.test/db:1', volumeMounts: [{ name: 'data', mountPath: '/data' }] }
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name },
    spec: {
      serviceName,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
      volumeClaimTemplates: [data],
    },
  }
}

export function autoscaler(target: string, minReplicas = 1): Manifest {
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: target }
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: target },
    spec: { scaleTargetRef, minReplicas, maxReplicas: 9 },
  }
}

interface Version {
  /** `v1` */
  readonly name?: string
  readonly schema: object
  readonly subresources?: object
}

/** The definition of a kind of a test's own, in one version. */
export function definitionOf(group: string, kind: string, version: Version): Manifest {
  const [singular, plural] = [kind.toLowerCase(), `${kind.toLowerCase()}s`]
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural, singular },
      versions: [{ name: 'v1', served: true, storage: true, ...version }],
    },
  }
}

/** `Cup` of `cups`. */
export function kindOf(plural: string): string {
  return plural.replace(/^./u, (first) => first.toUpperCase()).replace(/s$/u, '')
}

/** An object with any fields. */
export const ANYTHING = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }

export function definition(group: string, columns: readonly string[]): Manifest {
  const properties = Object.fromEntries(columns.map((name) => [name, { type: 'string' }]))
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties } } } }
  return definitionOf(group, 'Thing', { schema })
}
