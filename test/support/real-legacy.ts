import { join } from 'node:path'
import { makeLegacySecrets } from './legacy-secrets.ts'
import type { TestProject } from './project.ts'
import { image, type RealNamespace } from './real-cluster.ts'
import { realProject } from './real-project.ts'

export interface RealLegacy {
  readonly project: TestProject
  /** The folder for `--from`. */
  readonly from: string
}

/** The stack of examples/api-forge/legacy, applied by kubectl, running; its environment `real` takes it over. */
export async function realLegacy(namespace: RealNamespace): Promise<RealLegacy> {
  const project = await realProject(namespace)
  const from = join(project.dir, 'overlay')
  await project.configure(['environments', 'real', 'releases'], {
    'api-forge': { values: ['deploy/values.legacy.yaml'] },
  })
  // Provisioners of one node know no other mode.
  await project.edit('deploy/values.legacy.yaml', 'ReadWriteMany', 'ReadWriteOnce')
  await project.edit('legacy/storage/persistentvolumeclaims.yaml', 'ReadWriteMany', 'ReadWriteOnce')
  await project.write('overlay/kustomization.yaml', overlay(namespace.name))
  await makeLegacySecrets(project.dir, async (args) => await namespace.kubectl(args))
  await namespace.kubectl(['apply', '--kustomize', from])
  await rolledOut(namespace)
  await namespace.kubectl(['wait', 'job', '--all', '--for=condition=complete', '--timeout=180s'])
  return { project, from }
}

function overlay(namespace: string): string {
  const [newName, newTag] = image('1.0.0').split(':')
  const images = JSON.stringify([{ name: 'api-forge-app', newName, newTag }])
  return `namespace: ${namespace}\nresources: [../legacy]\nimages: ${images}\n`
}

export async function rolledOut(namespace: RealNamespace): Promise<void> {
  const found = await namespace.objects('deployments')
  await Promise.all(
    found.map(async ({ metadata }) => {
      await namespace.kubectl(['rollout', 'status', `deployment/${metadata.name}`, '--timeout=180s'])
    }),
  )
}
