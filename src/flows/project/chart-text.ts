import { absolutePath } from '../../domain/config/file-path.ts'
import type { ProjectPorts } from './ports.ts'

/** A file of a chart of this machine: a folder, or a packed one. Undefined: it has none of that name. */
export async function chartText(
  chart: string,
  name: 'Chart.yaml' | 'values.yaml',
  { files, chartFiles }: Pick<ProjectPorts, 'files' | 'chartFiles'>,
): Promise<string | undefined> {
  return (await files.read(absolutePath(chart, name))) ?? (await chartFiles(chart))?.texts.get(name)
}
