import { projectOf, type TestProject } from './project.ts'

export type { TestProject }

/** What the pods of the tiny chart do, by the sandbox's annotations (docs/sandbox.md). */
export const SLOW = ['--set', 'annotations.sandbox\\.forge\\.api-forge\\.io/delay=300s']

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web, labels: { app.kubernetes.io/name: web } }
spec:
  replicas: {{ .Values.replicas }}
  selector: { matchLabels: { app.kubernetes.io/name: web } }
  template:
    metadata:
      labels: { app.kubernetes.io/name: web }
      annotations: {{ toJson .Values.annotations }}
    spec:
      containers:
        - name: web
          image: {{ .Values.image }}
          readinessProbe: { httpGet: { path: /, port: 80 } }
`

const CONFIG_MAP = `apiVersion: v1
kind: ConfigMap
metadata: { name: web }
data: {{ toJson .Values.data }}
`

const FORGE = (namespace: string): string => `version: 1
project: tiny
environments:
  sandbox: { cluster: sandbox, namespace: ${namespace} }
  guarded: { cluster: sandbox, namespace: ${namespace}, protected: true }
releases:
  tiny: { chart: ./chart }
stages:
  web: { wait: [ Deployment/web ], timeout: 30s }
`

const chart = (folder: string, name: string): Record<string, string> => ({
  [`${folder}/Chart.yaml`]: `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`,
  [`${folder}/values.yaml`]: 'replicas: 1\nimage: web:1\nannotations: {}\ndata: { COLOUR: blue }\n',
  [`${folder}/templates/deployment.yaml`]: DEPLOYMENT.replaceAll(/\bweb\b(?!:)/gu, name),
  [`${folder}/templates/configmap.yaml`]: CONFIG_MAP.replaceAll('web', name),
})

/** One Deployment and one ConfigMap: for tests that are not about the stack. */
export async function tinyProject(namespace: string): Promise<TestProject> {
  return await projectOf({ 'forge.yaml': FORGE(namespace), ...chart('chart', 'web') })
}

/** Two releases: `top` needs `base`. */
export async function twoReleases(namespace: string): Promise<TestProject> {
  const forge = `version: 1
project: two
environments:
  sandbox: { cluster: sandbox, namespace: ${namespace} }
releases:
  top: { chart: ./top, needs: [ base ], values: [ top.yaml ] }
  base: { chart: ./base, values: [ base.yaml ] }
stages:
  base: { wait: [ Deployment/base ], timeout: 30s }
  top: { wait: [ Deployment/top ], timeout: 30s }
`
  return await projectOf({
    'forge.yaml': forge,
    'top.yaml': '{}',
    'base.yaml': '{}',
    ...chart('top', 'top'),
    ...chart('base', 'base'),
  })
}
