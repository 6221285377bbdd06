import { describe, expect, test } from '@jest/globals'
import { forgeHere, freshNamespace, object } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import { projectOf, type TestProject } from '../support/project.ts'
import { webTemplate } from '../support/web-template.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'

const WEB = webTemplate({
  image: '{{ .Values.app.image }}',
  spec: ['replicas: {{ .Values.app.replicas }}'],
  container: ['readinessProbe: { httpGet: { path: /, port: 80 } }', 'envFrom: [ { configMapRef: { name: app-env } } ]'],
})
const TEMPLATE = `${WEB}---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [ { name: http, port: 80, targetPort: 8000 } ] }
{{- range $name, $data := .Values.configMaps }}
---
apiVersion: v1
kind: ConfigMap
metadata: { name: {{ $name }} }
data: {{ toJson $data }}
{{- end }}
{{- if .Values.worker.enabled }}
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: worker }
spec:
  selector: { matchLabels: { app: worker } }
  template:
    metadata: { labels: { app: worker } }
    spec: { containers: [ { name: worker, image: {{ .Values.worker.image }} } ] }
{{- end }}
`

async function namedProject(
  namespace = freshNamespace('names'),
): Promise<TestProject & { readonly namespace: string }> {
  const project = await projectOf({
    'forge.yaml': `version: 1
project: names
environments:
  sandbox: { cluster: sandbox, namespace: ${namespace}, drift: { preserve: [ "Deployment/worker:spec.replicas" ] } }
releases:
  names:
    chart: ./chart
    set: { app.replicas: 2 }
    configMaps: { app-env: { set: { LEVEL: info } } }
images:
  app: { ref: "example.test/app:1", to: [ app.image, worker.image ] }
stages:
  web: { wait: [ Deployment/web ], timeout: 30s }
verify:
  - http: { service: web, port: http }
`,
    'chart/Chart.yaml': 'apiVersion: v2\nname: names\nversion: 1.0.0\n',
    'chart/values.yaml': 'app: { replicas: 1, image: app:0 }\nworker: { enabled: false, image: "" }\nconfigMaps: {}\n',
    'chart/templates/objects.yaml': TEMPLATE,
  })
  return { ...project, namespace }
}

test('names that the charts render, or would with other values, are fine', async () => {
  const { dir } = await namedProject()
  const valid = await forgeHere(['validate', '-C', dir])
  expect({ status: valid.status, stdout: valid.stdout }).toEqual({
    status: 0,
    stdout: expect.not.stringMatching(/warning|not checked/u),
  })
  const { status, stderr } = await forgeHere(['deploy', '--env', 'sandbox', '-C', dir])
  expect({ status, warned: /warning/u.test(stderr) }).toEqual({ status: 0, warned: false })
})

describe.each([
  [
    'the value of an image',
    ['images', 'app', 'to', 0],
    'app.imge',
    /forge\.yaml:\d+:\d+: images\.app is handed to the value app\.imge, .*did you mean "app\.image"\?/u,
  ],
  ['an image of the root', ['images', 'app', 'to', 1], 'image', /images\.app is handed to the value image, which no/u],
  [
    'a ConfigMap',
    ['releases', 'names', 'configMaps'],
    { 'app-evn': { set: { LEVEL: 'info' } } },
    /configMaps\.app-evn: nothing .* takes it; did you mean "app-env"\?/u,
  ],
  ['a Service', ['verify', 0, 'http', 'service'], 'app', /verify asks Service app, which no chart renders/u],
  ['a port', ['verify', 0, 'http', 'port'], 8000, /verify asks port 8000 of Service web, which has 80 \(http\)/u],
  [
    'a preserved object',
    ['environments', 'sandbox', 'drift', 'preserve', 0],
    'Deployment/wbe:spec.replicas',
    /drift preserves spec\.replicas of Deployment\/wbe, which no chart renders; did you mean "Deployment\/web"\?/u,
  ],
] as const)('%s that nothing renders is refused', (_, path, value, message) => {
  test.each(['validate', 'plan', 'deploy'] as const)('by %s', async (command) => {
    const project = await namedProject()
    await project.configure(path, value)
    const ran = await forgeHere([command, '--env', 'sandbox', '-C', project.dir, '--json'])
    const { verdict } = document<DeployReport>(ran)
    expect({ status: ran.status, code: verdict?.code }).toEqual({ status: 2, code: 'E_NAME_UNUSED' })
    expect(verdict?.message).toMatch(message)
    expect(await object('namespace', project.namespace, project.namespace)).toBeUndefined()
  })
})

test('a ConfigMap of a chart that renders none', async () => {
  const project = await namedProject()
  await project.edit(
    'chart/templates/objects.yaml',
    'range $name, $data := .Values.configMaps',
    'range $name, $data := dict',
  )
  const { status, stderr } = await forgeHere(['validate', '-C', project.dir])
  expect(status).toBe(2)
  expect(stderr).toContain('configMaps.app-env: the chart renders no such ConfigMap')
})

test('a stage is looked at without a cluster', async () => {
  const project = await namedProject()
  await project.configure(['stages', 'web', 'wait', 0], 'Deployment/wbe')
  const ran = await forgeHere(['validate', '-C', project.dir, '--json'])
  expect({ status: ran.status, code: document<DeployReport>(ran).verdict?.code }).toEqual({
    status: 2,
    code: 'E_STAGE_TARGET',
  })
})

test('a value that neither defaults nor templates know is a warning', async () => {
  const project = await namedProject()
  await project.configure(['releases', 'names', 'set'], { 'app.replicsa': 2 })
  const told = /forge\.yaml:\d+:\d+: set names the value app\.replicsa, .*did you mean "app\.replicas"\?/u
  const valid = await forgeHere(['validate', '-C', project.dir])
  expect({ status: valid.status, told: told.test(valid.stdout) }).toEqual({ status: 0, told: true })
  const { status, stderr } = await forgeHere(['deploy', '--env', 'sandbox', '-C', project.dir])
  expect({ status, told: told.test(stderr) }).toEqual({ status: 0, told: true })
})

test('a name that a template puts together is tried', async () => {
  const project = await namedProject()
  await project.edit(
    'chart/templates/objects.yaml',
    'image: {{ .Values.app.image }}',
    'image: {{ index .Values (printf "%sImage" "app") }}',
  )
  await project.write('chart/values.yaml', 'app: { replicas: 1 }\nworker: { enabled: false }\nconfigMaps: {}\n')
  await project.configure(['images', 'app', 'to'], ['appImage'])
  expect((await forgeHere(['validate', '-C', project.dir])).status).toBe(0)
  expect((await forgeHere(['deploy', '--env', 'sandbox', '-C', project.dir])).status).toBe(0)
})

test('a Service that somebody else made may be asked', async () => {
  const first = await namedProject()
  expect((await forgeHere(['deploy', '--env', 'sandbox', '-C', first.dir])).status).toBe(0)
  const other = await namedProject(first.namespace)
  await other.write('chart/templates/objects.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: other }\n')
  await other.write(
    'forge.yaml',
    `version: 1
project: other
environments: { sandbox: { cluster: sandbox, namespace: ${first.namespace} } }
releases: { other: { chart: ./chart } }
verify: [ { http: { service: web, port: 80 } } ]
`,
  )
  expect((await forgeHere(['deploy', '--env', 'sandbox', '-C', other.dir])).status).toBe(0)
})
