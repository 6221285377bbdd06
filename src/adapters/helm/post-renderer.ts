import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Charts } from '../../ports.ts'

const PLUGIN = 'forge'

type Rewrite = NonNullable<Parameters<Charts['upgrade']>[0]['rewrite']>

/** Arguments and environment that make helm write something else than the chart renders. */
export interface PostRenderer {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Removes the files; they are the owner's alone while they exist. */
  readonly remove: () => Promise<void>
}

/**
 * A post-renderer: helm 3 takes a program's path, helm 4 a plugin (`postrenderer/v1`) found through HELM_PLUGINS. A whole
 * manifest is printed by `cat`; single values are put into helm's own render by forge itself (`forge internal
 * keep-values`), so that what only helm can render (`lookup`, the revision) is as helm renders it.
 */
export async function postRenderer(major: number, rewrite: Rewrite): Promise<PostRenderer> {
  const folder = await mkdtemp(join(tmpdir(), 'forge-render-'))
  const remove = async (): Promise<void> => await rm(folder, { recursive: true, force: true })
  try {
    const file = join(folder, 'content')
    await writeFile(file, 'keep' in rewrite ? JSON.stringify(rewrite.keep) : rewrite.manifest, { mode: 0o600 })
    const [program, ...args] =
      'keep' in rewrite ? [process.execPath, process.argv[1] ?? '', 'internal', 'keep-values', file] : ['cat', file]
    if (major < 4)
      return {
        args: ['--post-renderer', program, ...args.flatMap((arg) => ['--post-renderer-args', arg])],
        env: {},
        remove,
      }
    await mkdir(join(folder, PLUGIN))
    await writeFile(join(folder, PLUGIN, 'plugin.yaml'), JSON.stringify(pluginOf(program, args)), { mode: 0o600 })
    return { args: ['--post-renderer', PLUGIN], env: { HELM_NO_PLUGINS: '', HELM_PLUGINS: folder }, remove }
  } catch (error) {
    await remove()
    throw error
  }
}

function pluginOf(command: string, args: readonly string[]): Record<string, unknown> {
  return {
    apiVersion: 'v1',
    type: 'postrenderer/v1',
    name: PLUGIN,
    version: '1.0.0',
    runtime: 'subprocess',
    runtimeConfig: { platformCommand: [{ command, args }] },
  }
}
