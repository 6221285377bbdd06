import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PlainMap } from '../../domain/config/path.ts'
import { loadHelmYaml } from '../../domain/manifest/yaml.ts'
import { isMap } from '../../domain/config/path.ts'
import type { ChartRef } from '../../ports.ts'
import { temporaryFolder } from '../files/temporary.ts'
import type { Helm } from './call.ts'
import { source } from './render.ts'

/** What helm goes by of a chart, and what it calls it. Whoever wrote it may have put anything else into it. */
const KEPT = ['apiVersion', 'name', 'version', 'appVersion', 'type', 'kubeVersion']

export function bareMetadata(metadata: PlainMap): PlainMap {
  return Object.fromEntries(KEPT.flatMap((name) => (metadata[name] === undefined ? [] : [[name, metadata[name]]])))
}

/** What a bare chart has beside its name. */
interface Bare {
  /** As helm renders them. */
  readonly definitions: string
  /** Of those that helm takes from no post-renderer. */
  readonly hooks: string
}

/**
 * A chart of the same name and version in a folder of this run: helm keeps all of a chart in its record (templates, default values,
 * files, what its notes say), and a rehearsal's record may hold no secret. What helm is to write comes from a post-renderer.
 */
export async function bareChart(
  chart: ChartRef,
  { definitions, hooks }: Bare,
  helm: Helm,
  signal: AbortSignal,
): Promise<ChartRef> {
  const { stdout } = await helm(['show', 'chart', ...source(chart)], { signal })
  const { value } = loadHelmYaml(stdout)
  const metadata = bareMetadata(isMap(value) ? value : {})
  const folder = join(await temporaryFolder('bare'), String(metadata['name']))
  const files = [
    ['Chart.yaml', JSON.stringify(metadata)],
    ...(definitions === '' ? [] : [['crds/all.yaml', definitions]]),
    ...(hooks === '' ? [] : [['templates/hooks.yaml', hooks.replaceAll('{{', '{{ "{{" }}')]]),
  ] as const
  for (const [name, text] of files) {
    await mkdir(join(folder, name, '..'), { recursive: true })
    await writeFile(join(folder, name), text, { mode: 0o600 })
  }
  return { chart: folder }
}
