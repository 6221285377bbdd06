import { expect, test } from '@jest/globals'
import { forgeHere, freshNamespace } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import { exampleProject } from '../support/project.ts'
import { plannedOtherwise, rehearsed } from '../support/rehearsed.ts'

const LIMIT_MS = 600_000

test(
  'a first install of the example: each failure is told as what it is',
  async () => {
    const { dir } = await exampleProject(freshNamespace('first'))
    const { outcome, rehearsal } = await rehearsed(dir, ['--all'], {}, 'sandbox')
    const failures = rehearsal?.failures ?? []
    expect(failures.filter(({ explained }) => !explained)).toEqual([])
    expect(failures.filter(({ restored }) => restored !== null)).toEqual([])
    expect({ outcome, count: failures.length }).toEqual({ outcome: 'rehearsed', count: 14 })
  },
  LIMIT_MS,
)

test(
  'a change of the example: each failure is told as what it is, and all is back',
  async () => {
    const { dir, edit } = await exampleProject(freshNamespace('all'))
    const ran = await forgeHere(['deploy', '--env', 'sandbox', '-C', dir, '--json'])
    expect(document(ran)).toMatchObject({ outcome: 'deployed' })
    await edit('.env', 'LOG_LEVEL=INFO', 'LOG_LEVEL=ERROR')
    const found = await rehearsed(dir, ['--all'], {}, 'sandbox')
    const failures = found.rehearsal?.failures ?? []
    expect(failures.filter(({ explained, restored }) => !explained || restored !== true)).toEqual([])
    expect(plannedOtherwise(found)).toEqual([])
    expect({ outcome: found.outcome, count: failures.length }).toEqual({ outcome: 'rehearsed', count: 12 })
  },
  LIMIT_MS,
)
