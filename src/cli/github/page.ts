import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { ForgeRun } from '../../adapters/forge-child.ts'
import type { DeployPage } from '../../screen/github/job-summary.ts'
import { outcomeOf, reportIn, type Report } from '../step/result.ts'

/** Else the number is that of the deploy that runs, which is not what the step has done. */
export function hasWritten({ outcome }: Report): boolean {
  return outcome !== 'refused' && outcome !== 'unchanged'
}

/**
 * The page of a deploy, written into the folder that becomes the artifact. No step fails for want of it. `run`: starts forge with the
 * line that writes `file`; `withoutSecretFile`: of a text that tells what to type next.
 */
export async function keepPage(
  file: string,
  run: () => Promise<ForgeRun>,
  withoutSecretFile: (text: string) => string,
): Promise<DeployPage> {
  const { status, stdout } = await run()
  if (status === 0 && existsSync(file)) {
    writeFileSync(file, withoutSecretFile(readFileSync(file, 'utf8')), { mode: 0o600 })
    return { refused: undefined }
  }
  const { verdict } = reportIn(withoutSecretFile(stdout)) ?? {}
  return {
    refused: verdict == null ? `${outcomeOf(status)} (exit status ${status})` : `${verdict.code} ${verdict.message}`,
  }
}
