import { stringify } from 'yaml'
import { configMap, web } from './manifests.ts'
import { projectOf, type TestProject } from './project.ts'

const CHART = `{{- range $object := .Values.objects }}
---
{{ toYaml $object }}
{{- end }}
`
const CLAIM = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
}

const job = (name: string): Record<string, unknown> => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name, labels: { 'app.kubernetes.io/name': 'migrate' } },
  spec: {
    backoffLimit: 0,
    template: { spec: { restartPolicy: 'Never', containers: [{ name: 'migrate', image: 'example.test/migrate:1' }] } },
  },
})

/** A project in a state of its own: everything that a deploy can leave behind differs between two states. */
export interface KillProject extends TestProject {
  /** `dead` renders objects that no other state has; so does `new`. */
  set(state: State): Promise<void>
}

export type State = 'old' | 'dead' | 'new'

/** Names of the objects of a state, as `kubectl get -o name` prints them. */
export function objectsOf(state: State): string[] {
  const own = state === 'old' ? [] : [`configmap/only-${state}`, `job.batch/migrate-${state}`]
  return ['configmap/settings', 'deployment.apps/web', 'persistentvolumeclaim/data', ...own].sort()
}

export async function killProject(namespace: string): Promise<KillProject> {
  const project = await projectOf({
    'forge.yaml': stringify({
      version: 1,
      project: 'kill',
      environments: { test: { cluster: 'sandbox', namespace } },
      releases: { kill: { chart: './chart', values: ['values.yaml'] } },
      secrets: { token: { each: { file: 'keys/{key}.txt' }, keys: ['token'] } },
      stages: {
        schema: { optional: ['Job/migrate'], timeout: '1m' },
        web: { wait: ['Deployment/web'], timeout: '1m' },
      },
    }),
    'chart/Chart.yaml': 'apiVersion: v2\nname: kill\nversion: 0.1.0\n',
    'chart/templates/objects.yaml': CHART,
    'values.yaml': '{}',
    'keys/token.txt': 'first',
  })
  const set = async (state: State): Promise<void> => {
    const own = state === 'old' ? [] : [configMap(`only-${state}`, {}), job(`migrate-${state}`)]
    const objects = [configMap('settings', { state }), CLAIM, web({ image: `example.test/web:${state}` }), ...own]
    await project.write('values.yaml', stringify({ objects }))
    await project.write('keys/token.txt', `the-token-of-${state}`)
  }
  return { ...project, set }
}
