import { doctor, type Examination } from '../../src/flows/doctor/doctor.ts'
import type { CredentialFacts } from '../../src/domain/doctor/credentials.ts'
import { program } from '../../src/hint.ts'
import type { Machine } from '../../src/machine-port.ts'
import { DEPLOY, type Run } from './fake-cluster/run.ts'

const CREDENTIALS: CredentialFacts = { context: 'test', server: 'https://cluster.test', user: 'jane' }

/** A machine on which all is well. */
export function machineOf(more: Partial<Machine> & { readonly credentials?: Machine['credentials'] } = {}): Machine {
  return {
    node: '24.0.0',
    version: () => Promise.resolve('1.36.1'),
    getting: () => program('brew', 'install', 'sops'),
    credentials: () => Promise.resolve(CREDENTIALS),
    ...more,
  }
}

export async function examine(run: Run, machine = machineOf()): Promise<Examination> {
  return await run.ends(doctor(run.ports, machine, DEPLOY))
}

/** All that is not well, in the order of its marks: `problem project E_OBJECT_TWICE: …`. */
export function ills({ lines }: Examination): string[] {
  return lines
    .filter(({ mark }) => mark !== 'ok')
    .map(({ mark, group, code, text }) => `${mark} ${group}${code === undefined ? '' : ` ${code}`}: ${text}`)
    .sort()
}
