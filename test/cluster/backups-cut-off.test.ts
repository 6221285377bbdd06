import { expect, test } from '@jest/globals'
import { backup, jobsOf, migration, next, stack, web } from '../support/backup-stack.ts'
import { forgeHere, kubectl, object } from '../support/cluster.ts'
import { document, startForge } from '../support/forge.ts'
import { helmOf } from '../support/helms.ts'
import { accountKubeconfig } from '../support/read-only.ts'
import { testSandbox } from '../support/sandbox.ts'
import type { Small } from '../support/small.ts'
import { settings } from '../support/small-deployed.ts'
import { told } from '../support/waiting-deploy.ts'
import type { BackupReport } from '../../src/flows/backup-now.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'

const SLOW = backup({ delay: '3s', log: 'dumping appdb' })

async function begun({ project }: Small) {
  const env = { FORGE_SANDBOX: (await testSandbox()).name, FORGE_HELM: await helmOf(4) }
  const run = startForge(['deploy', '--env', 'test', '-C', project.dir], { env })
  await told(run, 'dumping appdb')
  return { run }
}

test('Ctrl-C says what goes on, and leaves all as it was', async () => {
  const small = await stack('backupstop', { maxAge: '1h' }, SLOW)
  await next(small, 2, SLOW)
  const { run } = await begun(small)
  run.kill('SIGINT')
  const { exitCode, stderr } = await run
  expect({ exitCode, stderr }).toMatchObject({
    exitCode: 130,
    stderr: expect.stringMatching(
      /stopping: nothing was changed; Job\/postgres-backup-forge-2 goes on by itself[^]*now +nothing was changed; Job\/postgres-backup-forge-2 goes on/u,
    ),
  })
  expect(await jobsOf(small)).toEqual(['migrate-1', 'postgres-backup-forge-2'])
  expect((await object('lease', 'forge-small', small.namespace))?.spec?.['holderIdentity'] ?? '').toBe('')
})

test('what a killed run had begun is waited for by the next, and there is nothing to recover', async () => {
  const small = await stack('backupkilled', { maxAge: '1h' }, SLOW)
  await next(small, 2, SLOW)
  const { run } = await begun(small)
  run.kill('SIGKILL')
  await run
  const recovered = await small.run('recover', ['--json'])
  expect(recovered).toMatchObject({ status: 0 })
  const { status, report } = await small.deploy('--wait-for-lock', '60s')
  expect({ status, backups: report.backups }).toMatchObject({
    status: 0,
    backups: [{ object: 'Job/postgres-backup-forge-2', fresh: true }],
  })
  expect(await jobsOf(small)).toEqual(['migrate-2', 'postgres-backup-forge-2'])
})

test('the schema gate names what was saved before the migration', async () => {
  const small = await stack('backupgate')
  const schema = ['releases', 'small', 'schema']
  await small.project.configure(schema, { version: 1, oldestReader: 1 })
  await small.render([settings('2'), web, backup(), migration(1)])
  expect((await small.deploy()).status).toBe(0)
  await small.project.configure(schema, { version: 2, oldestReader: 2 })
  await next(small, 2)
  expect((await small.deploy()).report.backups).toMatchObject([{ object: 'Job/postgres-backup-forge-3' }])
  const { verdict } = document<DeployReport>(await small.run('rollback', ['--json', '--yes']))
  expect(verdict).toMatchObject({
    code: 'E_SCHEMA_GATE',
    message: expect.stringContaining('#3 began with backup temporal: Job/postgres-backup-forge-3'),
    hint: expect.stringMatching(/forge history 3 /u),
  })
})

test('forge rbac has the rights for both', async () => {
  const small = await stack('backuprights')
  const { dir } = small.project
  const kubeconfigs = ['deploy', 'backup'].map(async (purpose) => {
    const printed = await forgeHere(['rbac', '-C', dir, '--env', 'test', '--for', purpose])
    expect(printed).toMatchObject({ status: 0 })
    await kubectl(['apply', '-f', '-'], printed.stdout)
    return await accountKubeconfig(small.namespace, `forge-small-${purpose}`)
  })
  const [deploying = '', saving = ''] = await Promise.all(kubeconfigs)
  const ran = await small.run('backup', ['--json', '--kubeconfig', saving])
  expect({ status: ran.status, verdict: document<BackupReport>(ran).verdict }).toEqual({ status: 0, verdict: null })
  await next(small, 2)
  const { status, report } = await small.deploy('--kubeconfig', deploying)
  expect({ status, verdict: report.verdict, backups: report.backups }).toMatchObject({
    status: 0,
    verdict: null,
    backups: [{ name: 'temporal' }],
  })
})
