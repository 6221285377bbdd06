import { closest } from 'fastest-levenshtein'
import { codeListLines, explanationLines, type Explained } from '../screen/explanation.ts'
import { describeCode, ERROR_CODES, ForgeError } from '../errors.ts'
import { forge } from '../hint.ts'
import { verdictText } from '../verdict-codes.ts'

export type { Explained }

export interface CodeList {
  readonly codes: readonly Pick<Explained, 'code' | 'exitStatus' | 'about'>[]
}

/** Throws E_USAGE for a code that forge does not have, with the nearest one as the hint. */
export function explain(asked: string): Explained {
  const code = codeOf(asked)
  const known = describeCode(code)
  if (known !== undefined) {
    const { example, counts, next } = verdictText(code) ?? {}
    return {
      code,
      exitStatus: known.exit,
      about: known.about,
      ...(example === undefined || counts === undefined || next === undefined ? {} : { example, counts, next }),
    }
  }
  throw new ForgeError('E_USAGE', `forge has no error code ${asked}`, {
    hint: forge('explain', closest(code, ERROR_CODES)),
    where: 'command line',
  })
}

/** All codes: those of workloads that do not become ready first, as they are what a deploy mostly ends with. */
export function listCodes(): CodeList {
  const all = ERROR_CODES.map((code) => ({
    code,
    exitStatus: describeCode(code)?.exit ?? 1,
    about: describeCode(code)?.about ?? '',
  }))
  const isVerdict = ({ code }: { readonly code: string }): boolean => verdictText(code) !== undefined
  return { codes: [...all.filter(isVerdict), ...all.filter((one) => !isVerdict(one))] }
}

export function explained(found: Explained | CodeList): string[] {
  return 'codes' in found ? codeListLines(found.codes) : explanationLines(found)
}

/** `image_pull` and `e_image_pull` are meant as well. */
function codeOf(asked: string): string {
  const code = asked.toUpperCase().replaceAll('-', '_')
  return code.startsWith('E_') ? code : `E_${code}`
}
