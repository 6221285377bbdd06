import { ForgeError } from '../../errors.ts'
import type { StageFailure } from '../follow.ts'

/** A verdict on its way to the screen: the same code, chain and hint, as the error that ends the deploy. */
export class JudgedFailure extends ForgeError {
  readonly failed: StageFailure
  /** The last lines of the failing container's log, redacted. */
  readonly lines: readonly string[]

  constructor(failed: StageFailure, lines: readonly string[], where?: string) {
    const { code, message, chain, hint } = failed.failure
    super(code, message, { hint, chain, where: where ?? chain[0] ?? failed.target.name, log: lines })
    this.failed = failed
    this.lines = lines
  }
}
