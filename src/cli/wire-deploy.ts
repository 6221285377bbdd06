import { randomBytes } from 'node:crypto'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { systemClock } from '../adapters/clock.ts'
import { evidenceFolders, evidenceIn, stateHome } from '../adapters/evidence/folders.ts'
import { encryptedTo } from '../adapters/files/encrypted.ts'
import { webhooks } from '../adapters/webhooks.ts'
import { gzipCodec } from '../adapters/state/gzip.ts'
import type { BuilderName } from '../domain/images/build.ts'
import type { DeployPorts } from '../flows/phases/ports.ts'
import type { EvidenceStore } from '../ports.ts'
import { askOn } from './ask.ts'
import { sayTo, screenFor } from './screen.ts'
import type { Session } from './session.ts'
import { imageTools } from './wire-images.ts'
import { thisRunner } from './this-runner.ts'
import { connect, preparations, projectPorts } from './wire.ts'

/** Where evidence goes: `--evidence DIR`, as seen from where forge was started, else below the state folder. */
export async function evidenceAt(dir: string | undefined): Promise<EvidenceStore> {
  return dir === undefined ? stateFolders() : await evidenceIn(resolve(dir))
}

/** Where an old stack is saved; `recipient`: whose key is needed to read it. */
export async function backupAt(dir: string | undefined, recipient: string | undefined): Promise<EvidenceStore> {
  const plain = await evidenceAt(dir)
  return recipient === undefined ? plain : await encryptedTo(recipient, plain)
}

function stateFolders(): EvidenceStore {
  return evidenceFolders(stateHome(process.env, homedir()))
}

export function wireDeploy(session: Session, evidence = stateFolders(), builder?: BuilderName): DeployPorts {
  const say = sayTo(session)
  return {
    clock: systemClock,
    signal: session.signal,
    leave: session.leave,
    redactor: session.redactor,
    here: session.here,
    screen: screenFor(session),
    events: session.events,
    project: projectPorts(session),
    preparations: async (target) => await preparations(target, session),
    connect: async (target) => await connect(target, session),
    ask: askOn(session),
    say: (lines) => say(lines.join('\n')),
    ...imageTools(session, builder),
    codec: gzipCodec,
    evidence,
    stacks: stateFolders(),
    runner: thisRunner(),
    webhooks,
    randomBytes: (count) => randomBytes(count),
  }
}
