import { writeYaml } from '../manifest/write-yaml.ts'
import { claimsOf, unexpanded, workloadTemplate } from './chart-template.ts'
import type { NewFile, Workload } from './model.ts'
import { valueName } from './names.ts'

/** A chart with one file for each workload; it satisfies the Pod Security level `restricted`. */
export function chartOf(folder: string, name: string, workloads: readonly Workload[]): NewFile[] {
  const claims = workloads.map(({ volumes }) => claimsOf(volumes))
  /** What several share is made with the first of them. */
  const made = claims.map((own, at) => own.filter((one) => !claims.slice(0, at).flat().includes(one)))
  const templates = workloads.map((workload, at) => ({
    path: `${folder}/templates/${workload.name}.yaml`,
    text: workloadTemplate(name, workload, made[at] ?? []),
    about: workload.from,
  }))
  return [
    chartFile(folder, name),
    { path: `${folder}/values.yaml`, text: values(workloads, made), about: 'images, users, resources, settings' },
    { path: `${folder}/templates/_helpers.tpl`, text: helpers(name, workloads), about: 'what all pods have in common' },
    ...templates,
  ]
}

export function chartFile(folder: string, name: string): NewFile {
  const text = `apiVersion: v2
name: ${name}
description: Made by forge init; it is yours to change.
version: 0.1.0
`
  return { path: `${folder}/Chart.yaml`, text, about: `chart ${name}` }
}

function values(workloads: readonly Workload[], claims: readonly (readonly string[])[]): string {
  const maps = workloads.some(({ envFiles }) => envFiles.length > 0)
  return [
    ...workloads.map((workload, at) => valuesFor(workload, claims[at] ?? [])),
    ...(maps ? ['# Made by forge from dotenv files: configMaps of forge.yaml.\nconfigMaps: {}\n'] : []),
    ...(workloads.some(({ waitFor }) => waitFor.length > 0)
      ? ['# Waits for a Service before a pod starts.\nwaitImage: busybox:1.37\nwaitSeconds: 120\n']
      : []),
  ].join('\n')
}

function valuesFor(workload: Workload, claims: readonly string[]): string {
  const { name, from, image, build, replicas, user, env, cpu, memory } = workload
  const own = (value: unknown): string => indented(writeYaml(value))
  const limits = { ...(cpu.limit === undefined ? {} : { cpu: cpu.limit }), memory: memory.limit }
  const plain = Object.entries(env).map(([key, value]): [string, string] => [key, unexpanded(value)])
  const storage = claims.map((claim): [string, string] => [valueName(claim), '1Gi'])
  return [
    `# ${from.replaceAll(/\s+/gu, ' ')}\n${valueName(name)}:\n`,
    build === undefined ? '' : '  # Built by forge where nodes pull images; a sandbox pulls none.\n',
    own({ image, replicas }),
    '  # The user that its program runs as; the image must allow it. Never 0.\n',
    own({ user }),
    plain.length === 0 ? '' : own({ env: Object.fromEntries(plain) }),
    own({ resources: { requests: { cpu: cpu.request, memory: memory.request }, limits } }),
    storage.length === 0 ? '' : `  # Can grow where the StorageClass allows it, never shrink.\n`,
    storage.length === 0 ? '' : own({ storage: Object.fromEntries(storage) }),
  ].join('')
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gmu, '  ')
}

function helpers(name: string, workloads: readonly Workload[]): string {
  const waits = workloads.some(({ waitFor }) => waitFor.length > 0)
  return `{{- /* Called with a list: the root, and the name of the workload. */}}
{{- define "${name}.labels" -}}
app.kubernetes.io/name: {{ index . 1 }}
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/managed-by: {{ (index . 0).Release.Service }}
{{- end }}

{{- /* These two are what the Pod Security level "restricted" asks for. Called with the user's number. */}}
{{- define "${name}.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "${name}.containerSecurity" -}}
allowPrivilegeEscalation: false
capabilities: { drop: [ALL] }
{{- end }}
${waits ? WAIT_FOR.replaceAll('NAME', name) : ''}`
}

const WAIT_FOR = `
{{- /* Called with the root, a Service and its port. It gives up, so that a deploy can say why. */}}
{{- define "NAME.waitFor" -}}
- name: wait-for-{{ index . 1 }}
  image: {{ (index . 0).Values.waitImage | quote }}
  command:
    - sh
    - -c
    - |
      for second in $(seq {{ (index . 0).Values.waitSeconds }}); do
        nc -z -w 1 {{ index . 1 }} {{ index . 2 }} && exit 0
        sleep 1
      done
      echo "{{ index . 1 }}:{{ index . 2 }} did not answer" >&2
      exit 1
  resources:
    requests: { cpu: 10m, memory: 16Mi }
    limits: { memory: 32Mi }
  securityContext:
    {{- include "NAME.containerSecurity" . | nindent 4 }}
{{- end }}
`
