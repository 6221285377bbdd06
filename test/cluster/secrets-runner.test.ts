import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from '@jest/globals'
import { forgeHere, freshNamespace, object } from '../support/cluster.ts'
import { projectOf } from '../support/project.ts'
import { deployedShop, versions } from '../support/shop.ts'
import { createVault } from '../support/sops.ts'

test('a runner without any secret file deploys, changes no value, makes none, and can fetch them', async () => {
  const namespace = freshNamespace('runner')
  const { project, forge, bytes, mode } = await deployedShop(namespace)
  await project.configure(['secrets', 'web-tls', 'keep'], true)
  const [before, session] = [await versions(namespace), await bytes('keys/session.txt')]
  for (const folder of ['keys', 'certs']) await rm(join(project.dir, folder), { recursive: true })

  const deployed = await forge('deploy')
  expect({ status: deployed.status, kept: deployed.stderr.includes('5 keys kept as the cluster has them') }).toEqual({
    status: 0,
    kept: true,
  })

  const generated = await forge('secrets', 'generate')
  expect(generated.status).toBe(3)
  expect(generated.stderr).toContain('E_SECRET_IN_CLUSTER')
  expect(generated.stderr).toContain('next    forge secrets pull --env test')
  await expect(bytes('keys/session.txt')).rejects.toThrow('ENOENT')
  const rotated = await forge('secrets', 'rotate', 'app-secrets/session')
  expect(rotated.stderr).toContain('next    forge secrets pull --env test --only app-secrets')

  await project.write('keys/token.txt', 'something else')
  const pulled = await forge('secrets', 'pull')
  expect(pulled.status).toBe(0)
  expect(pulled.stdout).toMatch(
    /^~ replaced {2}keys\/token\.txt {2}\(before: \/\S+\/old-secrets\/keys\/token\.txt\.\d{8}T\d{6}Z\)$/mu,
  )
  expect((await bytes('keys/session.txt')).equals(session)).toBe(true)
  expect(await mode('keys/session.txt')).toBe('600')
  const copy = /before: (\S+)\)/u.exec(pulled.stdout)?.[1] ?? ''
  // Outside the project: no commit takes it in.
  expect(await readdir(join(project.dir, 'keys'))).not.toContainEqual(expect.stringMatching(/\dZ$/u))
  expect(await readFile(copy, 'utf8')).toBe('something else')
  expect([(await stat(copy)).mode & 0o777, (await stat(dirname(copy))).mode & 0o777]).toEqual([0o600, 0o700])
  expect((await forge('secrets', 'diff', '--exit-code')).status).toBe(0)
  const after = await versions(namespace)
  for (const name of ['Secret/app-secrets', 'Secret/web-tls'])
    expect({ name, version: after[name] }).toEqual({ name, version: before[name] })

  await project.write('keys/session.txt', 'k'.repeat(24))
  const differs = await forge('secrets', 'diff', '--exit-code')
  expect({ status: differs.status, key: differs.stdout.includes('  ~ session') }).toEqual({ status: 10, key: true })
})

test('values that sops encrypted for an age key: YAML, JSON, dotenv, a whole file; without the key nothing is written', async () => {
  const [namespace, vault] = [freshNamespace('vault'), await createVault()]
  const forgeYaml = `version: 1
project: vault
environments: { test: { cluster: sandbox, namespace: ${namespace} } }
secrets:
  s:
    files:
      yaml: { sops: s.enc.yaml, path: db.password }
      json: { sops: s.enc.json, path: "tokens[1]" }
      env: { sops: s.enc.env, path: PW }
      whole: { sops: whole.txt, trim: newline }
`
  const plain = {
    's.enc.yaml': 'db: { password: of-yaml }\n',
    's.enc.json': '{ "tokens": ["no", "of-json"] }\n',
    's.enc.env': 'PW=of-dotenv\n',
    'whole.txt': 'of-file\n',
  }
  const encrypted = await Promise.all(
    Object.entries(plain).map(async ([name, content]) => [name, await vault.encrypt(name, content)] as const),
  )
  const { dir } = await projectOf({ 'forge.yaml': forgeYaml, ...Object.fromEntries(encrypted) })
  const apply = async (env: Readonly<Record<string, string>>) =>
    await forgeHere(['secrets', 'apply', '--env', 'test', '-C', dir], env)

  const refused = await apply(vault.withoutKey)
  expect(refused.status).toBe(3)
  expect(refused.stderr.match(/sops cannot decrypt/gu)).toHaveLength(4)
  expect(await object('namespace', namespace, namespace)).toBeUndefined()

  const applied = await apply(vault.env)
  expect({ status: applied.status, stderr: applied.stderr }).toEqual({ status: 0, stderr: '' })
  const data = (await object('secret', 's', namespace))?.data ?? {}
  expect(Object.fromEntries(Object.entries(data).map(([key, value]) => [key, atob(value)]))).toEqual({
    yaml: 'of-yaml',
    json: 'of-json',
    env: 'of-dotenv',
    whole: 'of-file',
  })
})
