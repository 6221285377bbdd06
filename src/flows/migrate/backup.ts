import { backupOf } from '../../domain/migrate/backup.ts'
import { keyOf, type KubeObject } from '../../domain/kube.ts'
import { consumed } from '../../domain/manifest/references.ts'
import { writeYaml } from '../../domain/manifest/write-yaml.ts'
import { ForgeError } from '../../errors.ts'
import { isExpected } from '../../expected.ts'
import { program } from '../../hint.ts'
import type { EvidenceStore } from '../../ports.ts'
import type { Followed } from '../phases/applied.ts'

const FOLDER = 'backup'

/**
 * All of the old stack as it is, as files that `kubectl apply` takes, with what its pods use: Secrets, ConfigMaps, claims. For
 * its owner only. Returns where; throws E_BACKUP.
 */
export async function saveBackup(context: Followed, store: EvidenceStore): Promise<string> {
  const { project, number, migration } = context
  const { name: environment } = project.environment
  const { adopted = [], retired = [], hooked = [] } = migration ?? {}
  const stack = [...adopted, ...retired, ...hooked]
  const objects = [...stack, ...usedBy(stack, context)]
  try {
    const folder = await store.open({ project: project.name, environment, deploy: number })
    const { files, index } = await backupOf(objects, writeYaml)
    for (const { name, text } of files) await folder.write(`${FOLDER}/${name}`, text)
    await folder.write(`${FOLDER}/index.json`, index)
    return `${folder.path}/${FOLDER}`
  } catch (error) {
    if (error instanceof ForgeError || !isExpected(error)) throw error
    throw new ForgeError('E_BACKUP', `the old stack could not be saved: ${error.message}`, {
      hint: program('ls', '-ld', '.'),
      where: `#${number}`,
    })
  }
}

/** What the stack needs and nobody migrates: Secrets that scripts made, claims. */
function usedBy(stack: readonly KubeObject[], { legacy, secretPlans, project }: Followed): KubeObject[] {
  if (legacy === undefined) return []
  const own = new Set(stack.map(keyOf))
  const home = project.environment.namespace
  const wanted = new Set([
    ...secretPlans.map(({ name }) => `Secret/${home}/${name}`),
    ...stack.flatMap((workload) =>
      consumed(workload).map(({ kind, name }) => `${kind}/${workload.metadata.namespace ?? home}/${name}`),
    ),
  ])
  const isWanted = ({ kind, metadata }: KubeObject): boolean =>
    wanted.has(`${kind}/${metadata.namespace ?? home}/${metadata.name}`)
  return [...legacy.live.values()].filter((object) => !own.has(keyOf(object)) && isWanted(object))
}
