import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { removeFolder, temporaryFolder } from '../files/temporary.ts'

const PLUGIN = 'forge'

/** Arguments and environment that make helm write something else than the chart renders. */
export interface PostRenderer {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Removes the files; they are the owner's alone while they exist. */
  readonly remove: () => Promise<void>
}

/**
 * A post-renderer that prints this manifest, whatever helm has rendered: helm 3 takes a program's path, helm 4 a plugin
 * (`postrenderer/v1`) found through HELM_PLUGINS.
 */
export async function postRenderer(major: number, manifest: string): Promise<PostRenderer> {
  const folder = await temporaryFolder('render')
  const remove = async (): Promise<void> => await removeFolder(folder)
  try {
    const file = join(folder, 'content')
    await writeFile(file, manifest, { mode: 0o600 })
    if (major < 4) return { args: ['--post-renderer', 'cat', '--post-renderer-args', file], env: {}, remove }
    await mkdir(join(folder, PLUGIN))
    await writeFile(join(folder, PLUGIN, 'plugin.yaml'), JSON.stringify(pluginOf('cat', [file])), { mode: 0o600 })
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
