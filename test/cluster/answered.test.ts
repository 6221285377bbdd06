import { expect, test } from '@jest/globals'
import { execa } from 'execa'
import { forgeHere, freshNamespace } from '../support/cluster.ts'
import { faultyHelm } from '../support/faulty-helm.ts'
import { startForge } from '../support/forge.ts'
import { testSandbox } from '../support/sandbox.ts'
import { forgeOnTerminal } from '../support/terminal.ts'
import { tinyProject } from '../support/tiny.ts'
import { deployThatWaits, told } from '../support/waiting-deploy.ts'

// Whoever presses Ctrl-C and hears nothing presses it again: each command says at once what it does now.

/** Renders nothing before it is told to go on, and does not hear what asks it to end. */
const DEAF = `case "$1" in template)
  mkdir "$HERE/once" 2> /dev/null && { trap '' INT; echo $$ > "$HERE/begun"; read -r _ < "$HERE/gate"; };; esac`

async function deafHelm(): Promise<{
  env: Record<string, string>
  begun: () => Promise<void>
  goOn: () => Promise<void>
}> {
  const { path, folder } = await faultyHelm(4, DEAF)
  await execa('mkfifo', [`${folder}/gate`, `${folder}/begun`])
  return {
    env: { FORGE_HELM: path, FORGE_SANDBOX: (await testSandbox()).name },
    begun: async () => {
      await execa('cat', [`${folder}/begun`])
    },
    goOn: async () => {
      await execa('sh', ['-c', `echo > ${folder}/gate`])
    },
  }
}

test.each([
  ['plan', 'stopping: nothing was written'],
  ['doctor', 'stopping: nothing was written'],
  ['render', 'stopping: nothing was written'],
  ['validate', 'stopping: nothing was written'],
  ['migrate-to-helm --dry-run', 'stopping after what is being done'],
  ['deploy', 'stopping: nothing was changed'],
])('forge %s answers while helm hangs', async (command, answer) => {
  const project = await tinyProject(freshNamespace('heard'))
  const helm = await deafHelm()
  const run = startForge([...command.split(' '), '-e', 'sandbox', '-C', project.dir], { env: helm.env })
  await helm.begun()
  const heard = told(run, answer)
  run.kill('SIGINT')
  await heard
  await helm.goOn()
  const { exitCode, stdout, stderr } = await run
  expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: expect.not.stringContaining('is valid') })
  expect(stderr.split(answer)).toHaveLength(2)
})

test('a deploy that queues for the lock says that it has changed nothing', async () => {
  const project = await tinyProject(freshNamespace('queue'))
  const place = ['-e', 'sandbox', '-C', project.dir]
  expect(await forgeHere(['deploy', ...place])).toMatchObject({ status: 0 })
  const { run: first } = await deployThatWaits(project.dir)
  const env = { FORGE_SANDBOX: (await testSandbox()).name }
  const second = startForge(['deploy', ...place, '--wait-for-lock', '60s'], { env })
  await told(second, 'aiting')
  const heard = told(second, 'stopping: nothing was changed')
  second.kill('SIGTERM')
  await heard
  expect(await second).toMatchObject({ exitCode: 143 })
  first.kill('SIGINT')
  expect(await first).toMatchObject({ exitCode: 130 })
})

test('a second Ctrl-C is answered too, and everything stays as it is', async () => {
  const project = await tinyProject(freshNamespace('twice'))
  const place = ['-e', 'sandbox', '-C', project.dir]
  expect(await forgeHere(['deploy', ...place])).toMatchObject({ status: 0 })
  const { run } = await deployThatWaits(project.dir)
  const first = told(run, 'going back to #1; Ctrl-C again leaves it as it is')
  run.kill('SIGINT')
  await first
  const second = told(run, 'stopping: everything stays as it is, and forge recover puts it right')
  run.kill('SIGINT')
  await second
  const { exitCode, stderr } = await run
  expect({ exitCode, stderr }).toEqual({
    exitCode: 130,
    stderr: expect.stringMatching(/STOPPED[^]*now +[^]*next +forge recover /u),
  })
})

test('on a terminal it is answered below the step that runs', async () => {
  const project = await tinyProject(freshNamespace('seen'))
  const helm = await deafHelm()
  const terminal = await forgeOnTerminal(['plan', '-e', 'sandbox', '-C', project.dir], helm.env)
  await helm.begun()
  // Though this terminal says that it has no rows.
  await terminal.shows('5/5 preview')
  terminal.types('\u0003')
  await terminal.shows('stopping: nothing was written')
  await helm.goOn()
  expect((await terminal.ended()).status).toBe(130)
})
