import { join } from 'node:path'
import { stringify } from 'yaml'
import { staticProgram } from './buildah.ts'
import { document, forge } from './forge.ts'
import { projectOf, type TestProject } from './project.ts'
import { currentContext } from './real-cluster.ts'
import { pushed, REGISTRY } from './real-argo.ts'

/** Waits; ends at once where it is told to fail. */
const PROGRAM = `package main

import (
	"fmt"
	"os"
	"time"
)

func main() {
	if len(os.Args) > 1 {
		fmt.Println("what went wrong:", os.Args[1])
		os.Exit(1)
	}
	time.Sleep(24 * time.Hour)
}
`

/** `rev` tells the pods of one revision from those of another; `ready: false` are never ready. */
const workload = (name: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name}, rev: {{ .Values.rev | quote }} } }
    spec:
      terminationGracePeriodSeconds: 0
      imagePullSecrets: [ { name: pull } ]
      containers:
        - name: ${name}
          image: {{ .Values.image }}
          args: {{ toJson .Values.args }}
          envFrom: [ { secretRef: { name: login, optional: true } } ]
{{- if not .Values.ready }}
          readinessProbe: { exec: { command: [/program, never] }, periodSeconds: 1 }
{{- end }}
`
const MIGRATION = `apiVersion: batch/v1
kind: Job
metadata: { name: migrate }
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers: [ { name: migrate, image: 'busybox:1.36', command: [echo, migrated] } ]
`

const chart = (name: string, template: string): Record<string, string> => ({
  [`app/charts/${name}/Chart.yaml`]: `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`,
  [`app/charts/${name}/values.yaml`]: 'image: ""\nargs: []\nready: true\nrev: one\n',
  [`app/charts/${name}/templates/all.yaml`]: template,
})
const image = (name: string): Record<string, unknown> => ({
  build: { context: `../app/src/${name}`, platforms: ['linux/amd64'] },
  repository: `${REGISTRY}/argo-test/${name}`,
  to: `${name}:image`,
})
const SOURCE = 'FROM scratch\nCOPY program version.txt /\nENTRYPOINT ["/program"]\n'

/** Two repositories in one folder: `app` with sources and charts, `config` with forge.yaml and the values. */
export async function argoShop(namespace: string): Promise<TestProject> {
  const release = (name: string): unknown => ({ chart: `../app/charts/${name}`, values: [`values/${name}.yaml`] })
  const project = await projectOf({
    'config/forge.yaml': stringify({
      version: 1,
      project: 'shop',
      environments: { real: { cluster: { context: await currentContext() }, namespace, pullCheck: 'skip' } },
      releases: { migrations: { chart: '../app/charts/migrations' }, app: release('app'), worker: release('worker') },
      images: { app: image('app'), worker: image('worker') },
      secrets: { login: { files: { LOGIN_PASSWORD: { env: 'LOGIN_PASSWORD' } } } },
      stages: {
        migrate: { wait: ['Job/migrate'], timeout: '60s' },
        app: { wait: ['Deployment/app'], timeout: '60s' },
        worker: { wait: ['Deployment/worker'], timeout: '60s' },
      },
    }),
    'config/values/app.yaml': 'rev: one\n',
    'config/values/worker.yaml': 'rev: one\n',
    ...chart('app', workload('app')),
    ...chart('worker', workload('worker')),
    ...chart('migrations', MIGRATION),
    ...Object.fromEntries(['app', 'worker'].map((name) => [`app/src/${name}/Dockerfile`, SOURCE])),
    ...Object.fromEntries(['app', 'worker'].map((name) => [`app/src/${name}/version.txt`, `${name} of ${namespace}`])),
  })
  for (const name of ['app', 'worker']) await staticProgram(join(project.dir, 'app', 'src', name), PROGRAM)
  return project
}

const known = new Map<string, string>()

/** What the build workflow does, by buildah on this machine: under the tag that forge gives these sources. */
export async function builtImage(
  { dir }: TestProject,
  name: string,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const config = join(dir, 'config')
  const listed = document<{ readonly images: readonly { readonly ref: string }[] }>(
    await forge(['images', 'list', '--json', '--env', 'real', '--only', name, '-C', config], { env }),
  )
  const ref = listed.images[0]?.ref ?? ''
  // Once: buildah gives the same sources another digest, which a build workflow would not build again.
  const pinned = known.get(ref) ?? (await pushed(join(dir, 'app', 'src', name), ref, env))
  known.set(ref, pinned)
  return `--image=${name}=${pinned}`
}

const UNPRIVILEGED = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } }

/** As the build workflow is called: what was built meanwhile, from a ConfigMap. */
export const BUILD_STAND_IN = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'WorkflowTemplate',
  metadata: { name: 'forge-build' },
  spec: {
    templates: [
      {
        name: 'build',
        serviceAccountName: 'forge-build',
        inputs: { parameters: [{ name: 'image' }, { name: 'forge-image' }] },
        container: {
          image: '{{inputs.parameters.forge-image}}',
          command: ['node', '-e', "require('fs').writeFileSync('/tmp/images', process.env[process.env.IMAGE])"],
          env: [{ name: 'IMAGE', value: '{{inputs.parameters.image}}' }],
          envFrom: [{ configMapRef: { name: 'built' } }],
          securityContext: UNPRIVILEGED,
          volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
        },
        securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
        podSpecPatch: JSON.stringify({
          initContainers: [{ name: 'init', securityContext: UNPRIVILEGED }],
          containers: [{ name: 'wait', securityContext: UNPRIVILEGED }],
        }),
        volumes: [{ name: 'tmp', emptyDir: {} }],
        outputs: { parameters: [{ name: 'images', valueFrom: { path: '/tmp/images' } }] },
      },
    ],
  },
}
