import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { forge } from './forge.ts'
import { exampleProject, type TestProject } from './project.ts'
import { currentContext, image, type RealNamespace } from './real-cluster.ts'

/** A copy of the example with an environment `real`: the cluster of the tests, its own secrets, images that the cluster has. */
export async function realProject(namespace: RealNamespace): Promise<TestProject> {
  const project = await exampleProject(namespace.name)
  await project.configure(['environments', 'real'], {
    cluster: { context: await currentContext() },
    namespace: namespace.name,
  })
  await useImage(project, '1.0.0')
  // The certificate names this namespace: made anew.
  for (const folder of ['keys', 'certs']) await rm(join(project.dir, 'infra', 'secrets', folder), { recursive: true })
  const { status, stderr } = await forge(['secrets', 'generate', '--env', 'real', '-C', project.dir, '--offline'])
  if (status !== 0) throw new Error(`forge secrets generate ended with ${status}:\n${stderr}`)
  return project
}

/** App and worker run this tag from the next deploy on. */
export async function useImage(project: TestProject, tag: Parameters<typeof image>[0]): Promise<void> {
  await project.configure(['images', 'app'], { ref: image(tag), to: ['app.image', 'worker.image'] })
}

/** A generated key or password. */
export async function secretOf(project: TestProject, key: string): Promise<string> {
  return (await project.read(`infra/secrets/keys/${key}.txt`)).trim()
}
