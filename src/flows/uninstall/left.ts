import { installed, type Removal } from './prepare.ts'

/**
 * What an uninstallation that broke off has left. `settled`: what was found of the release that helm was at; undefined: it could
 * not be looked at, because the lock is lost or nobody answers.
 */
export function leftOf(removals: readonly Removal[], settled: readonly string[] | undefined): string {
  const all = removals.filter(({ work }) => installed(work))
  const gone = all.filter(({ work }) => work.progress.upgraded).map(({ work }) => work.release.name)
  const next = all.find(({ work }) => !work.progress.upgraded)?.work.release.name
  const names = `${gone.join(', ')} ${gone.length === 1 ? 'is' : 'are'} taken away`
  if (next === undefined) return `${names}; what is named is still there`
  const found = settled ?? [`how much of ${next} is gone is not known`]
  if (gone.length === 0) return found.length === 0 ? 'nothing was taken away' : found.join('; ')
  return [settled === undefined ? names : `${names}, the rest is as it was`, ...found].join('; ')
}
