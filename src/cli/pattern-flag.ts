import * as Flags from '@oclif/core/flags'
import { ForgeError } from '../errors.ts'
import { again } from '../hint.ts'

export interface Pattern {
  /** As it was typed. */
  readonly text: string
  readonly matches: (line: string) => boolean
}

/**
 * Text as it stands; between slashes (`/time.*out/`, `/timeout/i`) a regular expression of RE2, whose time grows with the
 * line alone: neither an expression nor a line can make it hang.
 */
export const pattern = Flags.custom<Pattern>({
  helpValue: 'PATTERN',
  async parse(text, _context, { name }) {
    if (text === '') throw wrong(name, text, 'is empty and would match every line', 'error')
    const [, source, letters = ''] = /^\/(.+)\/(i?)$/su.exec(text) ?? []
    if (source === undefined) return { text, matches: (line) => line.includes(text) }
    const { RE2JS } = await import('re2js')
    try {
      const compiled = RE2JS.compile(source, letters === 'i' ? RE2JS.CASE_INSENSITIVE : 0)
      return { text, matches: (line) => compiled.matcher(line).find() }
    } catch (error) {
      const reason = error instanceof Error ? error.message.replace(/^error parsing regexp: /u, '') : String(error)
      throw wrong(name, text, `is no regular expression of RE2: ${reason.split(': `')[0] ?? reason}`, source)
    }
  },
})

function wrong(name: string, text: string, why: string, instead: string): ForgeError {
  return new ForgeError('E_USAGE', `--${name} ${text === '' ? "''" : text} ${why}`, {
    hint: again(`--${name}`, instead),
    where: `--${name}`,
  })
}
