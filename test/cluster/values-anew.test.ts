import { describe, expect, test } from '@jest/globals'
import { join } from 'node:path'
import { forgeHere, freshNamespace, object } from '../support/cluster.ts'
import { document, type Ran } from '../support/forge.ts'
import { helmOf } from '../support/helms.ts'
import { tinyProject, type TestProject } from '../support/tiny.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'

interface Tiny {
  readonly project: TestProject
  readonly run: (command: 'deploy' | 'plan', ...flags: string[]) => Promise<Ran>
  /** Ends with this outcome, and leaves so many replicas. */
  readonly deploys: (wanted: { outcome: string; replicas: number }, ...flags: string[]) => Promise<void>
}

/** A project that gives its chart no value at all: what helm reads from stdin is `{}`. */
async function tiny(major: 3 | 4): Promise<Tiny> {
  const namespace = freshNamespace(`anew${major}`)
  const project = await tinyProject(namespace)
  const env = { FORGE_HELM: await helmOf(major) }
  const run: Tiny['run'] = async (command, ...flags) =>
    await forgeHere([command, '--env', 'sandbox', '-C', project.dir, ...flags], env)
  return {
    project,
    run,
    async deploys({ outcome, replicas }, ...flags) {
      const ran = await run('deploy', '--json', ...flags)
      const { verdict, outcome: reached } = document<DeployReport>(ran)
      const web = await object('deployment', 'web', namespace)
      expect({ reached, verdict, replicas: web?.spec?.['replicas'] }).toEqual({
        reached: outcome,
        verdict: null,
        replicas,
      })
    },
  }
}

describe.each([3, 4] as const)('helm %i starts from the chart each time', (major) => {
  test('a --set of the last deploy is gone with the next one', async () => {
    const { deploys } = await tiny(major)
    await deploys({ outcome: 'deployed', replicas: 3 }, '--set', 'replicas=3')
    await deploys({ outcome: 'deployed', replicas: 1 })
    await deploys({ outcome: 'unchanged', replicas: 1 })
  })

  test('so is the last `set` of forge.yaml, when it is taken out', async () => {
    const { project, deploys } = await tiny(major)
    await project.configure(['releases', 'tiny', 'set'], { replicas: 2 })
    await deploys({ outcome: 'deployed', replicas: 2 })
    await project.configure(['releases', 'tiny', 'set'], {})
    await deploys({ outcome: 'deployed', replicas: 1 })
  })

  test('a saved plan does the same', async () => {
    const { project, run, deploys } = await tiny(major)
    await deploys({ outcome: 'deployed', replicas: 3 }, '--set', 'replicas=3')
    const file = join(project.dir, 'p.json')
    expect((await run('plan', '--out', file)).status).toBe(0)
    await deploys({ outcome: 'deployed', replicas: 1 }, '--plan', file)
  })
})
