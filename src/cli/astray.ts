import { resolve } from 'node:path'
import { astray, checkoutFolder } from '../adapters/files/confinement.ts'
import { ForgeError } from '../errors.ts'
import { program } from '../hint.ts'
import { namedPaths, type Given } from './untrusted.ts'

/**
 * A path of the command line that is a link of the checkout, out of it. Asked before the first of them is opened: a file of
 * `--events` is, before forge.yaml is looked for. Throws E_UNTRUSTED.
 */
export function refuseAstray(flags: Given): void {
  const dir = typeof flags['dir'] === 'string' ? flags['dir'] : undefined
  const checkout = checkoutFolder(resolve(dir ?? '.'), dir === undefined)
  for (const { flag, text, paths } of namedPaths(flags)) {
    const [why] = paths.flatMap((path) => astray(checkout, path) ?? [])
    if (why === undefined) continue
    const hint = program('ls', '-ld', text)
    throw new ForgeError('E_UNTRUSTED', `${text} ${why}`, { hint, where: `--${flag}` })
  }
}
