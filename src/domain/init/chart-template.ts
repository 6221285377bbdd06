import type { Port, Workload } from './model.ts'
import { valueName } from './names.ts'

/** `templates/web.yaml`: all objects of one workload. `claims`: those that are made here. */
export function workloadTemplate(chart: string, workload: Workload, claims: readonly string[]): string {
  const { name, from, left, ports, envFiles } = workload
  const head = [
    `# ${from}`,
    ...(left.length === 0 ? [] : ['# What is not as it was there:']),
    ...left.map(({ message }) => `#   ${oneLine(message)}`),
  ]
  const parts = [
    [...head.map(literal), ...deployment(chart, workload)],
    ...(ports.length === 0 ? [] : [service(chart, name, ports)]),
    ...claims.map((claim) => claimLines(chart, name, claim)),
    ...envFiles.map(({ configMap, file }) => configMapLines(chart, name, configMap, file)),
  ]
  return `${parts.map((lines) => lines.join('\n')).join('\n---\n')}\n`
}

/** Each once: a container may mount a claim in several places. */
export function claimsOf(volumes: Workload['volumes']): string[] {
  return [...new Set(volumes.map(({ claim }) => claim))]
}

export const valuesOf = (name: string): string => `.Values.${valueName(name)}`

function deployment(chart: string, workload: Workload): string[] {
  const { name, volumes, ports, waitFor } = workload
  return [
    'apiVersion: apps/v1',
    'kind: Deployment',
    ...metadata(chart, name, name),
    'spec:',
    `  replicas: {{ ${valuesOf(name)}.replicas }}`,
    ...(volumes.length === 0 ? [] : ['  strategy: { type: Recreate } # two pods cannot share its volume']),
    '  selector:',
    '    matchLabels:',
    ...selector(name).map((line) => `      ${line}`),
    '  template:',
    '    metadata:',
    '      labels:',
    `        {{- include "${chart}.labels" (list . "${name}") | nindent 8 }}`,
    '    spec:',
    '      automountServiceAccountToken: false',
    '      enableServiceLinks: false',
    ...(workload.graceSeconds === undefined ? [] : [`      terminationGracePeriodSeconds: ${workload.graceSeconds}`]),
    '      securityContext:',
    `        {{- include "${chart}.podSecurity" ${valuesOf(name)}.user | nindent 8 }}`,
    ...(ports.some(({ number }) => number < 1024)
      ? [
          '        sysctls: # a port below 1024, without root',
          '          - { name: net.ipv4.ip_unprivileged_port_start, value: "0" }',
        ]
      : []),
    ...(waitFor.length === 0 ? [] : ['      initContainers:']),
    ...waitFor.map(
      ({ name: other, port }) => `        {{- include "${chart}.waitFor" (list . "${other}" ${port}) | nindent 8 }}`,
    ),
    '      containers:',
    ...container(chart, workload).map((line) => `        ${line}`),
    ...podVolumes(workload),
  ]
}

function container(chart: string, workload: Workload): string[] {
  const { name, command, args, workingDir, ports } = workload
  return [
    `- name: ${name}`,
    `  image: {{ ${valuesOf(name)}.image | quote }}`,
    ...(command === undefined ? [] : [`  command: ${list(command, unexpanded)}`]),
    ...(args === undefined ? [] : [`  args: ${list(args, unexpanded)}`]),
    ...(workingDir === undefined ? [] : [`  workingDir: ${literal(JSON.stringify(workingDir))}`]),
    ...(ports.length === 0 ? [] : ['  ports:']),
    ...ports.map(
      (port) => `    - { name: ${portName(port)}, containerPort: ${port.number}, protocol: ${port.protocol} }`,
    ),
    ...environment(workload),
    ...probe(workload),
    '  resources:',
    `    {{- toYaml ${valuesOf(name)}.resources | nindent 12 }}`,
    '  securityContext:',
    `    {{- include "${chart}.containerSecurity" . | nindent 12 }}`,
    ...mounts(workload),
  ]
}

function environment({ name, env, secretEnv, envFiles }: Workload): string[] {
  const secrets = Object.keys(secretEnv)
  const hasPlain = Object.keys(env).length > 0
  return [
    ...(envFiles.length === 0 ? [] : ['  envFrom:']),
    ...envFiles.map(({ configMap }) => `    - configMapRef: { name: ${configMap} }`),
    ...(hasPlain || secrets.length > 0 ? ['  env:'] : []),
    ...(hasPlain
      ? [
          `    {{- range $name, $value := ${valuesOf(name)}.env }}`,
          '    - { name: {{ $name }}, value: {{ $value | quote }} }',
          '    {{- end }}',
        ]
      : []),
    ...secrets.map(
      (key) => `    - { name: ${key}, valueFrom: { secretKeyRef: { name: ${secretName(name)}, key: ${key} } } }`,
    ),
  ]
}

/** The Secret with variables, or files, of a workload. */
export function secretName(name: string, what: 'secrets' | 'files' = 'secrets'): string {
  return `${name}-${what}`
}

function probe({ probe: healthcheck, httpPath, ports }: Workload): string[] {
  const port = ports.find(({ protocol }) => protocol === 'TCP')
  const settings = [
    ...(healthcheck?.period === undefined ? [] : [`    periodSeconds: ${healthcheck.period}`]),
    ...(healthcheck?.timeout === undefined ? [] : [`    timeoutSeconds: ${healthcheck.timeout}`]),
  ]
  if (healthcheck !== undefined)
    return ['  readinessProbe:', `    exec: { command: ${list(healthcheck.command)} }`, ...settings]
  if (port === undefined) return []
  const asked = httpPath === undefined ? 'tcpSocket: { ' : `httpGet: { path: ${JSON.stringify(httpPath)}, `
  return ['  readinessProbe:', `    ${asked}port: ${portName(port)} }`]
}

function mounts({ volumes, scratch, secretFiles }: Workload): string[] {
  const lines = [
    // A volume may have a folder lost+found, and some programs want theirs empty.
    ...volumes.map(({ claim, path, readOnly }) =>
      flow({ name: claim, mountPath: path, subPath: 'data', ...(readOnly ? { readOnly } : {}) }),
    ),
    ...scratch.map((path, at) => flow({ name: `scratch-${at + 1}`, mountPath: path })),
    ...(Object.keys(secretFiles).length > 0
      ? [flow({ name: 'secret-files', mountPath: '/run/secrets', readOnly: true })]
      : []),
  ]
  return lines.length === 0 ? [] : ['  volumeMounts:', ...lines.map((line) => `    - ${line}`)]
}

function podVolumes({ name, volumes, scratch, secretFiles }: Workload): string[] {
  const lines = [
    ...claimsOf(volumes).map((claim) => `{ name: ${claim}, persistentVolumeClaim: { claimName: ${claim} } }`),
    ...scratch.map((_, at) => `{ name: scratch-${at + 1}, emptyDir: {} }`),
    ...(Object.keys(secretFiles).length > 0
      ? [`{ name: secret-files, secret: { secretName: ${secretName(name, 'files')} } }`]
      : []),
  ]
  return lines.length === 0 ? [] : ['      volumes:', ...lines.map((line) => `        - ${line}`)]
}

function service(chart: string, name: string, ports: readonly Port[]): string[] {
  return [
    'apiVersion: v1',
    'kind: Service',
    ...metadata(chart, name, name),
    'spec:',
    '  selector:',
    ...selector(name).map((line) => `    ${line}`),
    '  ports:',
    ...ports.map(
      (port) =>
        `    - { name: ${portName(port)}, port: ${port.number}, targetPort: ${portName(port)}, protocol: ${port.protocol} }`,
    ),
  ]
}

function claimLines(chart: string, name: string, claim: string): string[] {
  return [
    'apiVersion: v1',
    'kind: PersistentVolumeClaim',
    ...metadata(chart, name, claim),
    '  annotations:',
    '    helm.sh/resource-policy: keep # uninstalling leaves the data',
    'spec:',
    '  accessModes: [ReadWriteOnce]',
    '  resources:',
    '    requests:',
    `      storage: {{ ${valuesOf(name)}.storage.${valueName(claim)} }}`,
  ]
}

function configMapLines(chart: string, name: string, configMap: string, file: string): string[] {
  return [
    literal(`# From ${oneLine(file)}, by configMaps of forge.yaml.`),
    'apiVersion: v1',
    'kind: ConfigMap',
    ...metadata(chart, name, configMap),
    'data:',
    `  {{- toYaml (index .Values.configMaps "${configMap}" | default dict) | nindent 2 }}`,
  ]
}

function metadata(chart: string, component: string, name: string): string[] {
  return [
    'metadata:',
    `  name: ${name}`,
    '  labels:',
    `    {{- include "${chart}.labels" (list . "${component}") | nindent 4 }}`,
  ]
}

function selector(name: string): string[] {
  return [`app.kubernetes.io/name: ${name}`, 'app.kubernetes.io/instance: {{ .Release.Name }}']
}

function portName({ number, protocol }: Port): string {
  return `${protocol.toLowerCase()}-${number}`
}

function flow(map: Readonly<Record<string, string | boolean>>): string {
  const entries = Object.entries(map).map(([key, value]) => `${key}: ${literal(JSON.stringify(value))}`)
  return `{ ${entries.join(', ')} }`
}

function list(words: readonly string[], change: (word: string) => string = (word) => word): string {
  return literal(`[${words.map((word) => JSON.stringify(change(word))).join(', ')}]`)
}

/** Kubernetes would put a variable in (https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/). */
export function unexpanded(text: string): string {
  return text.replaceAll('$(', '$$$$(')
}

/** What is no template stays as it is. */
export function literal(text: string): string {
  return text.replaceAll(/\{\{/gu, '{{ "{{" }}')
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/gu, ' ')
}
