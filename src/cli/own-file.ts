import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { dirname, join, parse, resolve } from 'node:path'
import { isPlan } from '../domain/plan/saved.ts'
import { ForgeError } from '../errors.ts'
import { again, program } from '../hint.ts'

/** Of a file (bytes), what tells whose it is. */
const HEAD = 65_536

export interface Written {
  /** The flag that names the file. */
  readonly flag: string
  /** What is written into it, after "no". */
  readonly what: string
  /** By the first bytes of what is there. */
  readonly isOwn: (head: string) => boolean
  /** Of another name that is free to take: `-plan.json`. */
  readonly suffix: string
  /** What the flag names, where that is not the file itself but its folder. */
  readonly folder?: string
}

/**
 * What forge did not write itself is not written over: throws E_FILE_UNWRITABLE for it, before anything is done. A pipe, a device
 * and an empty file are nobody's loss.
 */
export function refuseForeign(file: string, { flag, what, isOwn, suffix, folder }: Written): void {
  const head = headOf(file, flag)
  if (head === '' || isOwn(head)) return
  const instead = folder === undefined ? join(dirname(file), `${parse(file).name}${suffix}`) : `${folder}${suffix}`
  throw new ForgeError('E_FILE_UNWRITABLE', `${file} is no ${what}, and is not written over`, {
    hint: again(flag, instead),
    where: flag,
  })
}

/** The same for `--out` of a plan; undefined: none is saved. */
export function refuseOtherPlan(file: string | undefined): void {
  if (file === undefined) return
  refuseForeign(file, { flag: '--out', what: 'plan that forge saved', isOwn: isPlan, suffix: '-plan.json' })
}

function headOf(file: string, flag: string): string {
  const path = resolve(file)
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return ''
    const [bytes, from] = [Buffer.alloc(HEAD), openSync(path, 'r')]
    try {
      return bytes.toString('utf8', 0, readSync(from, bytes))
    } finally {
      closeSync(from)
    }
  } catch (error) {
    throw unwritable(file, flag, error)
  }
}

/** Told before anything is done. `flag`: the one that names the file. */
export function unwritable(file: string, flag: string, cause: unknown): ForgeError {
  const { code = 'unknown error' } = cause as NodeJS.ErrnoException
  return new ForgeError('E_FILE_UNWRITABLE', `${file} cannot be written to (${code})`, {
    hint: program('ls', '-ld', dirname(resolve(file))),
    where: flag,
  })
}
