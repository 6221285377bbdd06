import { resolve } from 'node:path'
import { confinedInit, confinedLegacy } from '../adapters/files/confined-ports.ts'
import { openInitFolder } from '../adapters/files/init-folder.ts'
import { openLegacy } from '../adapters/files/legacy.ts'
import { git } from '../adapters/files/sources.ts'
import type { ReleasePorts } from '../flows/init/from-release.ts'
import type { InitPorts } from '../flows/init/init.ts'
import { askLinesOn } from './ask.ts'
import type { Session } from './session.ts'
import { connect, projectPorts } from './wire.ts'

export function wireInit(session: Session, yes: boolean): InitPorts {
  const { dir, signal } = session
  const { files, confinement } = projectPorts(session)
  const folder = openInitFolder(dir)
  const legacy = openLegacy(files)
  return {
    files,
    folder: confinement === undefined ? folder : confinedInit(folder, files, confinement),
    kustomize: confinement === undefined ? legacy : confinedLegacy(legacy),
    ask: yes ? undefined : askLinesOn(session),
    ignores: async (path) => await git.ignores(files.resolve(path), signal),
    signal,
  }
}

export function wireFromRelease(session: Session, yes: boolean): ReleasePorts {
  const { missingCharts } = projectPorts(session)
  return {
    ...wireInit(session, yes),
    connect: async () => await connect({ sandbox: false }, session),
    missingCharts,
    conceal: (text) => session.redactor.conceal(text),
  }
}

/** A path of the command line is meant from where it is typed. */
export function absolute(path: string): string {
  return resolve(path)
}
