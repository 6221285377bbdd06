import { execFileSync } from 'node:child_process'
import { expect, test } from '@jest/globals'
import { FLAG_GROUPS } from '../../src/hint-flags.ts'
import { hintLine } from '../../src/hint.ts'
import { VERDICT_CODES, type Advice } from '../../src/verdict-codes.ts'
import { commandClasses, type CommandClass } from '../support/commands.ts'
import { hintCalls, sampleOf } from '../support/hint-calls.ts'
import { HERE } from '../support/hints.ts'

const EU = { ...HERE, cluster: { kubeconfig: '/k b', context: 'eu' } }
const PROGRAMS = new Set([
  'df',
  'age-keygen',
  'cd',
  'docker',
  'git',
  'go',
  'grep',
  'kubectl',
  'ls',
  'mkdir',
  'mv',
  'node',
  'sops',
  'unset',
  'vault',
  'X',
])
const VERBS = new Set([
  'annotate',
  'api-resources',
  'auth',
  'cluster-info',
  // CloudNativePG's plugin: the one documented way to finish a supervised update.
  'cnpg',
  'config',
  'create',
  'debug',
  'delete',
  'describe',
  'exec',
  'get',
  'label',
  'logs',
  'patch',
  'rollout',
  'explain',
  'version',
  'wait',
])
/** Of kubectl: what has no namespace, or says itself that it means all. */
const CLUSTER_WIDE =
  /^(?:api-resources|cluster-info|config|explain|version|auth whoami|get --raw|\S+ (?:nodes?|namespaces?|storageclass(?:es)?|persistentvolumes|customresourcedefinitions?|apiservices?|(?:valid|mut)atingwebhook|--for=delete namespace\/))|--all-namespaces/u

const calls = await hintCalls()

test('the sources make many hints, by many makers', () => {
  expect(calls.length).toBeGreaterThan(100)
  expect(new Set(calls.map(({ maker }) => maker)).size).toBe(6)
})

test('a shell takes every hint as it is printed', () => {
  const lines = calls.flatMap((call) => {
    const hint = sampleOf(call)
    return hint === undefined ? [] : [hintLine(hint, EU)]
  })
  const advice = Object.values(VERDICT_CODES).flatMap(({ next }: { next: readonly Advice[] }) =>
    next.flatMap(({ run }) => (run === undefined ? [] : [run])),
  )
  execFileSync('sh', ['-n'], { input: [...lines, ...advice].join('\n') })
  expect(lines.filter((line) => /[*•]{3}|[<>(){}]|, then| or /u.test(line.replace(/'[^']*'/gu, '')))).toEqual([])
})

test('words are words: a subcommand and its object are not one argument', () => {
  const glued = calls.filter(({ args }) => args.some((arg) => /^[a-z-]+ /u.test(arg)))
  expect(glued.map(({ at }) => at)).toEqual([])
})

test('programs are those that are known, and kubectl is told the cluster', () => {
  const odd = calls.filter(
    ({ maker, args: [name = '', verb = ''] }) =>
      maker === 'program' && name !== '' && (!PROGRAMS.has(name) || (name === 'kubectl' && verb !== 'config')),
  )
  expect(odd.map(({ at }) => at)).toEqual([])
})

test('kubectl has its verb, and a namespace where objects have one', () => {
  const wrong = calls.filter(
    ({ maker, args, namespaced }) =>
      maker === 'kubectl' &&
      !['', 'X'].includes(args[0] ?? '') &&
      (!VERBS.has(args[0] ?? '') || (!namespaced && !CLUSTER_WIDE.test(args.join(' ')))),
  )
  expect(wrong.map(({ at, args }) => `${at} ${args.join(' ')}`)).toEqual([])
})

const classes = await commandClasses()

function commandOf([first = '', second = '']: readonly string[]): CommandClass | undefined {
  return classes.get(first) ?? classes.get(`${first} ${second}`)
}

test('forge has the commands and flags that hints name', () => {
  const wrong = calls.flatMap(({ at, maker, args }) => {
    if (maker !== 'forge' || args.length === 0 || ['X', '--help', '--version'].includes(args[0] ?? '')) return []
    const known = args[1] === 'X' && !classes.has(args[0] ?? '') ? undefined : commandOf(args)
    if (known === undefined) return args[1] === 'X' ? [] : [`${at} ${args.join(' ')}`]
    const names = new Set([
      '--help',
      '--json',
      ...Object.entries(known.flags ?? {}).flatMap(([name, { char }]) => [
        `--${name}`,
        ...(char === undefined ? [] : [`-${char}`]),
      ]),
    ])
    return args.filter((arg) => arg.startsWith('-') && !names.has(arg)).map((arg) => `${at} ${args.join(' ')}: ${arg}`)
  })
  expect(wrong).toEqual([])
})

test('the flags that are added are those that the command takes', () => {
  const groups = {
    project: ['dir', 'env'],
    cluster: ['context', 'kubeconfig'],
    place: ['project'],
    values: ['release', 'set', 'values'],
    images: ['image'],
  }
  for (const [name, { flags = {} }] of classes) {
    const taken = Object.entries(groups).flatMap(([group, names]) =>
      names.every((one) => one in flags) ? [group] : [],
    )
    // That of a migration is a folder.
    const { from } = flags as { readonly from?: { readonly helpValue?: unknown } }
    if (from?.helpValue === 'ENV') taken.push('promotion')
    expect([name, (FLAG_GROUPS[name.split(' ')[0] ?? ''] ?? []).toSorted()]).toEqual([name, taken.toSorted()])
  }
})
