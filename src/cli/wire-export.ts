import { resolve } from 'node:path'
import { repositoryOf } from '../adapters/files/checkouts.ts'
import { exportFolder } from '../adapters/files/export-folder.ts'
import { sopsSealer } from '../adapters/files/sealer.ts'
import type { ExportPorts } from '../flows/export/export.ts'
import type { Session } from './session.ts'
import { wireRender } from './wire-project.ts'

/** `out` is meant from where it is typed. */
export async function wireExport(session: Session, out: string): Promise<ExportPorts> {
  const ports = await wireRender(session)
  return {
    ...ports,
    redactor: session.redactor,
    folder: exportFolder(resolve(out), ports.files),
    repository: async (dir) => await repositoryOf(dir, session.signal),
    sealer: sopsSealer(session.signal),
  }
}
