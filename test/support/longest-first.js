import Sequencer from '@jest/test-sequencer'

/**
 * Of a run without a memory (CI), Jest starts the largest files first. These are small and take minutes, or wait for much:
 * one that starts last would run alone. The order is that of their seconds; a name that is no file any more is harmless.
 */
const LONG = [
  'plan-kinds-helm3',
  'plan-kinds-helm4',
  'cases',
  'helm-killed',
  'hooks-left',
  'rehearse-secrecy',
  'connection',
  'migrate-shapes',
  'worker-example',
  'take-over',
  'jobs-gone',
  'plan',
  'restart',
  'plan-owners',
  'migrate',
  'canary',
  'charts',
  'restarts',
  'rehearse-operators',
  'rehearse-docs',
  'rbac',
  'rollback-helm4',
  'kill-some',
  'interrupt',
  'kill-migration-some',
]

const place = ({ path }) => {
  const found = LONG.findIndex((name) => path.endsWith(`/${name}.test.ts`))
  return found === -1 ? LONG.length : found
}

export default class LongestFirst extends Sequencer {
  sort(tests) {
    return super.sort(tests).toSorted((one, other) => place(one) - place(other))
  }
}
