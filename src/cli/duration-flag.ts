import * as Flags from '@oclif/core/flags'
import { parseDuration } from '../domain/config/duration.ts'
import { ForgeError } from '../errors.ts'
import { again, forge } from '../hint.ts'

/** `90s`, `5m`, `1h30m` as milliseconds, in the notation of forge.yaml. */
export const duration = Flags.custom<number, { readonly example?: string }>({
  helpValue: 'DURATION',
  async parse(text, _context, { name, example }) {
    const parsed = parseDuration(text)
    if (parsed !== undefined) return await Promise.resolve(parsed)
    throw new ForgeError('E_USAGE', `--${name} ${text} is not a valid duration; write 90s, 5m or 1h30m`, {
      hint: example === undefined ? again(`--${name}`, '5m') : forge(...example.split(' ')),
      where: `--${name}`,
    })
  },
})
