import { expect, test } from '@jest/globals'
import { document, forge, type Ran } from '../support/forge.ts'

/** What was wrong, and the line that helps; the other rows are the same for all. */
function told({ status, stdout, stderr }: Ran): readonly [what: string | undefined, next: string | undefined] {
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  const rows = stderr.trimStart().split('\n')
  expect(rows.map((row) => row.slice(0, 8).trim())).toEqual(['REFUSED', '', 'why', 'where', 'now', 'next'])
  expect(rows.slice(3, 5)).toEqual(['where   command line', 'now     nothing was changed'])
  return [/^REFUSED (.*)$/mu.exec(stderr)?.[1], /^next {4}(.*)$/mu.exec(stderr)?.[1]]
}

test.each([
  ['deply', 'there is no command deply; did you mean "deploy"?', 'forge deploy'],
  ['deply prod --yes', 'there is no command deply; did you mean "deploy"?', 'forge deploy --env prod --yes'],
  ['secret apply', 'there is no command secret apply; did you mean "secrets apply"?', 'forge secrets apply'],
  ['secrets aply -e x', 'there is no command secrets aply; did you mean "secrets apply"?', 'forge secrets apply -e x'],
  ['secrets nothing', 'there is no command secrets nothing; did you mean "secrets"?', 'forge secrets --help'],
  ['sandbx', 'there is no command sandbx; did you mean "sandbox"?', 'forge sandbox --help'],
  ['diff -e prod', 'there is no command diff; did you mean "plan"?', 'forge plan -e prod'],
  ['help deply', 'there is no command deply; did you mean "deploy"?', 'forge help deploy'],
  ['nothing like it', 'there is no command nothing like it', 'forge --help'],
  ['--env prod secrets apply', 'the command comes first, then its flags', 'forge secrets apply --env prod'],
  ['--yes', 'no command is named before --yes', 'forge --help'],
  ['deploy prod', 'forge deploy takes no argument prod', 'forge deploy --env prod'],
  ['deploy prod -e dev', 'forge deploy takes no argument prod', 'forge deploy --help'],
  ['explain E_A E_B', 'forge explain takes no further argument E_B', 'forge explain --help'],
  ['deploy --evn prod', 'forge deploy has no flag --evn; did you mean "--env"?', 'forge deploy --env prod'],
  ['deploy --evn=prod', 'forge deploy has no flag --evn; did you mean "--env"?', 'forge deploy --env=prod'],
  [
    'deploy --kube-context a',
    'forge deploy has no flag --kube-context; did you mean "--context"?',
    'forge deploy --context a',
  ],
  ['deploy -o json', 'forge deploy has no flag -o', 'forge deploy --json'],
  ['deploy -x', 'forge deploy has no flag -x', 'forge deploy --help'],
  ['deploy --evn prod --what', 'forge deploy has no flags --evn, --what', 'forge deploy --help'],
  ['deploy --env', '--env needs a value', 'forge deploy --help'],
  ['deploy --env a --env b', '--env is given more than once', 'forge deploy --help'],
  ['deploy --yes=true', '--yes takes no value', 'forge deploy --yes'],
  ['deploy --timeout x', '--timeout x is not a valid duration; write 90s, 5m or 1h30m', 'forge deploy --timeout 5m'],
  ['deploy --max-age 1h', '--max-age needs --plan', 'forge deploy --help'],
  ['plan -o', '--output needs a value: text, json, markdown', 'forge plan --help'],
  ['plan -ojsn', '--output is one of text, json, markdown, not jsn', 'forge plan -ojson'],
  ['logs', 'forge logs needs COMPONENT (app, worker, postgres, …)', 'forge logs --help'],
  ['logs app --tail x', '--tail takes a whole number', 'forge logs --help'],
  ['logs app --tail -1', '--tail takes a whole number, 0 or more', 'forge logs --help'],
])('forge %s', async (line, what, next) => {
  const run = await forge(line.split(' '))
  if (line.startsWith('deploy --timeout')) {
    expect(run).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining(`REFUSED ${what}\n`) })
    expect(run.stderr).toMatch(new RegExp(`^next {4}${next}$`, 'mu'))
  } else expect(told(run)).toEqual([what, next])
  const asked = await forge([...line.split(' '), '--json'])
  expect(asked).toMatchObject({ status: 2, stderr: '' })
  expect(document(asked)).toMatchObject({ outcome: 'refused', verdict: { code: 'E_USAGE' } })
})

test('a value that must not be shown is not shown where its flag is wrong', async () => {
  const values = ['--set', 'db.password=hunter2-hunter2']
  const excluded = await forge(['deploy', '--plan', 'p.json', ...values])
  expect(told(excluded)).toEqual(['--set cannot be given with --plan', 'forge deploy --help'])
  const mistyped = await forge(['deploy', '--evn', 'prod', ...values])
  expect(told(mistyped)[1]).toBe('forge deploy --env prod --set db.password="$PASSWORD"')
  expect(mistyped.stderr).not.toContain('hunter2')
})
