import type { BuilderName } from '../domain/images/build.ts'
import type { ImagesReport, listImages } from '../flows/images/project-images.ts'
import { listedRows } from '../flows/show.ts'
import { buildAndShow } from './build-images.ts'
import { ForgeCommand } from './forge-command.ts'
import type { SessionFlags } from './session.ts'
import { wireImages } from './wire-images.ts'
import { projectFor } from './wire-project.ts'

type Chosen = SessionFlags & { readonly only?: readonly string[] | undefined }

/** What the commands of `forge images` do and print. */
export abstract class ImagesCommand extends ForgeCommand {
  protected async look(flags: Chosen, look: typeof listImages): Promise<ImagesReport> {
    const session = this.session(flags)
    const report = await look(await projectFor(session), flags.only ?? [], wireImages(session))
    return this.#told(listedRows(report.images), report)
  }

  protected async make(
    flags: Chosen & { readonly builder?: BuilderName | undefined },
    goal: 'here' | 'registry' | 'nodes',
  ): Promise<ImagesReport> {
    const { only: names = [], builder } = flags
    const { rows, report } = await buildAndShow(this.session(flags), { names, goal, builder })
    return this.#told(rows, report)
  }

  #told(rows: readonly string[], report: ImagesReport): ImagesReport {
    for (const row of rows) this.printRow(row)
    for (const warning of report.warnings) this.warn(warning)
    return report
  }
}
