import { twoReleases, type TestProject } from './tiny.ts'

/** Two releases, each with a secret of its own and one that both take. The source of `top-secret` is missing. */
export async function withSecrets(namespace: string): Promise<TestProject> {
  const project = await twoReleases(namespace)
  for (const name of ['base', 'top']) {
    const file = `${name}/templates/deployment.yaml`
    const text = (await project.read(file)).trimEnd()
    const refs = [`${name}-secret`, 'shared-secret'].map((secret) => `{ secretRef: { name: ${secret} } }`)
    await project.write(file, `${text}\n          envFrom: [ ${refs.join(', ')} ]\n`)
  }
  await project.configure(['secrets'], {
    'base-secret': { files: { key: 'base.txt' } },
    'top-secret': { files: { key: 'top.txt' } },
    'shared-secret': { files: { key: 'shared.txt' } },
  })
  await project.write('base.txt', 'a-long-enough-value-of-base')
  await project.write('shared.txt', 'a-long-enough-value-of-both')
  return project
}
