import { homedir } from 'node:os'
import { systemClock } from '../adapters/clock.ts'
import { evidenceFolders, stateHome } from '../adapters/evidence/folders.ts'
import { containerBuilder } from '../adapters/images/builder.ts'
import { gzipCodec } from '../adapters/state/gzip.ts'
import type { DeployPorts } from '../flows/deploy/context.ts'
import { askOn } from './ask.ts'
import { screenFor } from './screen.ts'
import type { Session } from './session.ts'
import { connect, preparations, projectPorts, thisRunner } from './wire.ts'

export function wireDeploy(session: Session): DeployPorts {
  return {
    clock: systemClock,
    signal: session.signal,
    redactor: session.redactor,
    screen: screenFor(session),
    project: projectPorts(session),
    preparations: async (target) => await preparations(target, session),
    connect: async (target) => await connect(target, session),
    ask: askOn(session),
    say: (lines) => {
      if (!session.json) process.stderr.write(`${session.redactor.text(lines.join('\n'))}\n`)
    },
    builder: containerBuilder({ path: process.env['PATH'] ?? '' }),
    codec: gzipCodec,
    evidence: evidenceFolders(stateHome(process.env, homedir())),
    runner: thisRunner(),
  }
}
