import { stackOf, type ForgeError } from '../../errors.ts'
import type { EvidenceFolder } from '../../ports.ts'
import { within } from '../state/within.ts'
import type { Opened } from '../phases/opened.ts'
import type { DeployPorts } from '../phases/ports.ts'

/** A disk that hangs must not delay the rollback. */
const WRITE_MS = 2000

type StackPorts = Pick<DeployPorts, 'clock' | 'redactor' | 'stacks'>

export function isBug({ code }: ForgeError): boolean {
  return code === 'E_BUG'
}

/** A bug says where its stack can be read; one that no file took is printed by whoever tells of it. */
export async function withStack(
  error: ForgeError,
  evidence: EvidenceFolder | undefined,
  context: Opened,
  ports: StackPorts,
): Promise<ForgeError> {
  if (!isBug(error)) return error
  const file = await keepStack(error, 'stack.txt', evidence, context, ports)
  return file === undefined ? error : error.with({ where: file })
}

/**
 * Writes the stack of a bug, redacted, to where somebody will look for it: the evidence of this deploy, else a folder below
 * the state folder. Returns the file; undefined: neither could be written.
 */
export async function keepStack(
  error: ForgeError,
  name: string,
  evidence: EvidenceFolder | undefined,
  { project, number }: Opened,
  { clock, redactor, stacks }: StackPorts,
): Promise<string | undefined> {
  const place = { project: project.name, environment: project.environment.name, deploy: number }
  const write = async (open: () => Promise<EvidenceFolder>): Promise<string | undefined> =>
    await writeStack(error, name, open, { clock, redactor })
  const beside = async (): Promise<string | undefined> => await write(async () => await stacks.open(place))
  if (evidence === undefined) return await beside()
  return (await write(async () => await Promise.resolve(evidence))) ?? (await beside())
}

/** The same into a folder that is made for it. */
export async function writeStack(
  error: ForgeError,
  name: string,
  open: () => Promise<EvidenceFolder>,
  { clock, redactor }: Pick<StackPorts, 'clock' | 'redactor'>,
): Promise<string | undefined> {
  try {
    return await within(clock, WRITE_MS, new AbortController().signal, async () => {
      const folder = await open()
      await folder.write(name, `${redactor.text(stackOf(error) ?? error.message)}\n`)
      return `${folder.path}/${name}`
    })
  } catch {
    return undefined
  }
}
