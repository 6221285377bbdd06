import { closest } from 'fastest-levenshtein'
import { codeListLines, explanationLines, type Explained } from '../screen/explanation.ts'
import { CODE_TEXTS } from '../code-texts/index.ts'
import { VERDICT_REASONS } from '../code-texts/verdicts.ts'
import { describeCode, ERROR_CODES, ForgeError, type ErrorCode } from '../errors.ts'
import { forge } from '../hint.ts'
import { VERDICT_CODES, verdictText, type VerdictCode } from '../verdict-codes.ts'

export type { Explained }

export interface CodeList {
  readonly codes: readonly Pick<Explained, 'code' | 'exitStatus' | 'about'>[]
}

/** Throws E_USAGE for a code that forge does not have, with the nearest one as the hint. */
export function explain(asked: string): Explained {
  const code = codeOf(asked)
  const known = describeCode(code)
  if (known !== undefined) {
    return { code, exitStatus: known.exit, about: known.about, ...textOf(code as ErrorCode) }
  }
  throw new ForgeError('E_USAGE', `forge has no error code ${asked}`, {
    hint: forge('explain', closest(code, ERROR_CODES)),
    where: 'command line',
  })
}

function textOf(code: ErrorCode): Omit<Explained, 'code' | 'exitStatus' | 'about'> {
  if (!isVerdict(code)) return CODE_TEXTS[code]
  const { example, counts, next } = VERDICT_CODES[code]
  return { why: VERDICT_REASONS[code], example, counts, next }
}

function isVerdict(code: ErrorCode): code is VerdictCode {
  return verdictText(code) !== undefined
}

/** All codes: those of workloads that do not become ready first, as they are what a deploy mostly ends with. */
export function listCodes(): CodeList {
  const all = ERROR_CODES.map((code) => ({
    code,
    exitStatus: describeCode(code)?.exit ?? 1,
    about: describeCode(code)?.about ?? '',
  }))
  return { codes: [...all.filter(({ code }) => isVerdict(code)), ...all.filter(({ code }) => !isVerdict(code))] }
}

/** `width`: columns that it may take. */
export function explained(found: Explained | CodeList, width: number): string[] {
  return 'codes' in found ? codeListLines(found.codes, width) : explanationLines(found, width)
}

/** `image_pull` and `e_image_pull` are meant as well. */
function codeOf(asked: string): string {
  const code = asked.toUpperCase().replaceAll('-', '_')
  return code.startsWith('E_') ? code : `E_${code}`
}
