import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { kubectl } from '../support/cluster.ts'
import { forgeOnTerminal, forgeWords, onTerminal } from '../support/terminal.ts'
import { tinyDeployed as deployed } from '../support/tiny-deployed.ts'

test('shell has the terminal, with its size; nothing that is typed stays', async () => {
  const { args, namespace } = await deployed('shell-tty')
  const terminal = await forgeOnTerminal(['shell', 'web', ...args])
  await terminal.shows('$ ')
  terminal.types('stty size\r')
  await terminal.shows(/stty size\r\n\d+ \d+\r\n/u)
  terminal.types('echo typed-canary-77\r')
  await terminal.shows(/\ntyped-canary-77\r\n/u)
  terminal.types('\u0003')
  await terminal.shows('^C')
  terminal.types('exit 5\r')
  const { status, screen } = await terminal.ended()
  expect(status).toBe(5)
  // Each line ends as the pod ends it, and the note that comes before as a terminal does.
  expect(screen).toMatch(/^· web-\S+, container web\r\n\$ /u)
  expect(screen).not.toContain('\r\r')
  const kept = await kubectl(['get', 'secrets,configmaps,events,leases', '-o', 'yaml', '-n', namespace])
  expect(kept).not.toContain('typed-canary-77')
})

/** A Node before 24.21, and each of 22, takes any text for the one raw mode that it has. */
const OLDER = `data:text/javascript,${encodeURIComponent(`import { ReadStream } from 'node:tty'
const { setRawMode } = ReadStream.prototype
ReadStream.prototype.setRawMode = function (mode) { return setRawMode.call(this, Boolean(mode)) }`)}`

test('an older Node ends no line once more, either', async () => {
  const { args } = await deployed('shell-older')
  const terminal = await forgeOnTerminal(['shell', 'web', ...args], { NODE_OPTIONS: `--import=${OLDER}` })
  await terminal.shows('$ ')
  terminal.types('echo one\r')
  await terminal.shows(/\none\r+\n/u)
  terminal.types('exit\r')
  expect((await terminal.ended()).screen).not.toContain('\r\r')
})

test('shell tells the other side each new size of the terminal', async () => {
  const { args } = await deployed('shell-size')
  const terminal = await forgeOnTerminal(['shell', 'web', ...args])
  await terminal.shows('$ ')
  let asked = 0
  for (const [columns, rows] of [
    [101, 41],
    [77, 19],
  ] as const) {
    await terminal.resizes(columns, rows)
    // The size goes ahead of what is typed then, on the same connection; the other side takes it when it comes to it, which
    // may be after the first answer.
    for (let screen = ''; !screen.includes(`\n${rows} ${columns}\r\n`);) {
      asked += 1
      terminal.types('stty size\r')
      screen = await terminal.shows(new RegExp(String.raw`(?:\n\d+ \d+\r\n[^]*?){${asked}}`, 'u'))
    }
  }
  terminal.types('exit\r')
  expect(await terminal.ended()).toMatchObject({ status: 0 })
})

test.each([
  ['the command ends', 'exit 4\r', 4],
  ['forge is told to stop', 'TERM', 143],
  ['the pod goes', 'GONE', 137],
])('the terminal is as it was when %s, and what is said then begins at its left', async (_, end, status) => {
  const { args, namespace } = await deployed('shell-restore')
  const pidFile = join(await mkdtemp(join(tmpdir(), 'forge-pid-')), 'pid')
  const shell = `sh -c 'echo $$ >${pidFile}; exec "$@"' - ${forgeWords(['shell', 'web', ...args])}`
  const terminal = await onTerminal(`stty -g; ${shell}; code=$?; stty -g; exit $code`)
  await terminal.shows('$ ')
  if (end === 'TERM') process.kill(Number(await readFile(pidFile, 'utf8')), 'SIGTERM')
  else if (end === 'GONE') await kubectl(['delete', 'pod', '--all', '-n', namespace, '--wait=false'])
  else terminal.types(end)
  const ended = await terminal.ended()
  expect(ended.status).toBe(status)
  const settings = [...ended.screen.matchAll(/[\da-f]+(?::[\da-f]+){10,}/gu)].map(([one]) => one)
  expect(settings).toHaveLength(2)
  expect(settings[1]).toBe(settings[0])
  expect(ended.screen).not.toMatch(/[^\r]\n/u)
})
