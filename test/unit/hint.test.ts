import { describe, expect, test } from '@jest/globals'
import {
  again,
  againWithout,
  exported,
  extended,
  forge,
  helm,
  hintLine,
  kubectl,
  program,
  saved,
  sequence,
  type Hint,
  type HintPlace,
} from '../../src/hint.ts'
import { HERE } from '../support/hints.ts'

const place = (more: Partial<HintPlace>): HintPlace => ({ ...HERE, ...more })
const PROD = place({
  typed: ['deploy', '-C', 'my shop', '--env', 'prod', '--set', 'replicas=3'],
  given: { dir: 'my shop', env: 'prod', context: 'eu', values: ['a.yaml'], set: ['replicas=3'] },
  cluster: { kubeconfig: '/home/x y/kube', context: 'eu' },
})

describe('a hint is one line that meets the same cluster', () => {
  test.each<[string, Hint, string]>([
    [
      'kubectl',
      kubectl(['get', 'pods'], 'shop'),
      "kubectl --kubeconfig '/home/x y/kube' --context eu -n shop get pods",
    ],
    [
      'kubectl without a namespace',
      kubectl(['get', 'nodes']),
      "kubectl --kubeconfig '/home/x y/kube' --context eu get nodes",
    ],
    ['helm', helm(['list'], 'shop'), "helm --kubeconfig '/home/x y/kube' --kube-context eu -n shop list"],
    ['another program', program('ls', '-l', "it's"), "ls -l 'it'\\''s'"],
    [
      'what another one prints, in a variable',
      exported('TOKEN', helm(['get', 'values', 'web'], 'shop')),
      'export TOKEN="$(helm --kubeconfig \'/home/x y/kube\' --kube-context eu -n shop get values web)"',
    ],
    [
      'the same in a file',
      saved('my secrets/key', program('cat', 'x')),
      "(umask 077 && mkdir -p 'my secrets' && cat x >'my secrets/key')",
    ],
    [
      'two in turn',
      sequence(kubectl(['wait', 'job/a'], 'shop'), forge('recover')),
      "kubectl --kubeconfig '/home/x y/kube' --context eu -n shop wait job/a && forge recover -C 'my shop' --env prod --context eu",
    ],
  ])('%s', (_, hint, line) => expect(hintLine(hint, PROD)).toBe(line))

  test('inside a cluster neither file nor context is named', () =>
    expect(hintLine(kubectl(['get', 'pods'], 'a'), place({ cluster: {} }))).toBe('kubectl -n a get pods'))

  test('before one is chosen the flags say which', () =>
    expect(hintLine(kubectl(['version']), place({ given: { context: 'eu' } }))).toBe('kubectl --context eu version'))

  test('the helm of this run, where the shell finds another or none', () =>
    expect(hintLine(helm(['version']), place({ cluster: {}, helm: '/cache/helm 4/helm' }))).toBe(
      "'/cache/helm 4/helm' version",
    ))
})

describe('forge itself', () => {
  test.each<[string, Hint, string]>([
    [
      'is given the values where it takes them',
      forge('plan'),
      "forge plan -C 'my shop' --env prod --context eu --values a.yaml --set replicas=3",
    ],
    ['and not where it does not', forge('history', '4'), "forge history 4 -C 'my shop' --env prod --context eu"],
    ['nothing where nothing is taken', forge('explain', 'E_HELM'), 'forge explain E_HELM'],
    [
      'what the hint says itself goes first',
      forge('validate', '--env', 'dev'),
      "forge validate --env dev -C 'my shop'",
    ],
    [
      'a saved plan has its values',
      forge('deploy', '--plan', 'p.json'),
      "forge deploy --plan p.json -C 'my shop' --env prod --context eu",
    ],
    ['without a checkout', forge('status', '-n', 'a', '--project', 'b'), 'forge status -n a --project b --context eu'],
  ])('%s', (_, hint, line) => expect(hintLine(hint, PROD)).toBe(line))
})

describe('the same again', () => {
  test.each<[string, readonly string[], Hint, string]>([
    ['with more', ['deploy', '--env', 'prod'], again('--yes'), 'forge deploy --env prod --yes'],
    ['with another value', ['deploy', '-e', 'prd', '--json'], again('--env', 'prod'), 'forge deploy --json --env prod'],
    ['with another value, joined', ['deploy', '--env=prd'], again('--env', 'prod'), 'forge deploy --env prod'],
    ['with another value, short and joined', ['deploy', '-eprd'], again('--env', 'prod'), 'forge deploy --env prod'],
    [
      'before the command of somebody else',
      ['shell', 'db', '--', 'ls', '-y'],
      again('--yes'),
      'forge shell db --yes -- ls -y',
    ],
    ['a flag twice', ['deploy', '--yes'], again('--yes'), 'forge deploy --yes'],
    [
      'one that may come several times',
      ['deploy', '--confirm', 'a'],
      again('--confirm', 'b'),
      'forge deploy --confirm a --confirm b',
    ],
    ['without what it does not take', ['status', '-n', 'a', '-C', 'b'], againWithout(['-n']), 'forge status -C b'],
    ['extended', ['rollback', '4'], extended(again(), '--yes'), 'forge rollback 4 --yes'],
  ])('%s', (_, typed, hint, line) => expect(hintLine(hint, place({ typed }))).toBe(line))

  test('a value that must not be shown is left to a variable', () => {
    const conceals = (name: string): boolean => name.endsWith('password')
    const typed = ['deploy', '--set', 'db.password=hunter2', '--set=a.password=x', '--set', 'replicas=3']
    expect(hintLine(again(), place({ typed, conceals }))).toBe(
      'forge deploy --set db.password="$PASSWORD" --set=a.password="$PASSWORD" --set replicas=3',
    )
    expect(hintLine(forge('plan'), place({ given: { set: ['db.password=hunter2'] }, conceals }))).toBe(
      'forge plan --set db.password="$PASSWORD"',
    )
    const given = {
      'set-file': ['db.password=pw.txt'],
      'set-string': ['a=1,db.password=x'],
      'set-json': ['{"db":{"password":"x"}}', 'db={"password": "x"}', 'a=[1]'],
      set: ['a=1'],
    }
    expect(hintLine(forge('plan'), place({ given, conceals }))).toBe(
      'forge plan --set-json "$VALUES" --set-json db="$DB" --set-json \'a=[1]\' --set a=1 --set-string a="$A" --set-file db.password=pw.txt',
    )
  })
})
