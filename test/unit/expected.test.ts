import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { RuleTester } from 'eslint'
import { describe, expect, test } from '@jest/globals'
import { expectedErrors } from '../../lint/expected-errors.js'
import { loadHelmYaml } from '../../src/domain/manifest/yaml.ts'
import { bugOf, ForgeError } from '../../src/errors.ts'
import { isExpected, unlessItFails } from '../../src/expected.ts'
import { leftStuck } from '../../src/flows/restore/stuck.ts'
import { inAnyCase } from '../../src/flows/in-any-case.ts'
import { forge } from '../../src/hint.ts'
import { TimeIsUp } from '../../src/time-limit.ts'
import { FakeClock } from '../support/fake-clock.ts'

const refused = new ForgeError('E_FORBIDDEN', 'may not', { hint: forge('--version') })
const bug = new TypeError("cannot read properties of undefined (reading 'metadata')")

function thrownBy(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}

test.each<[string, unknown, boolean]>([
  ['an error with a code', refused, true],
  ['a time that is up', new TimeIsUp('no answer within 5 s'), true],
  ['a signal that was aborted', new DOMException('This operation was aborted', 'AbortError'), true],
  ['a full disk', Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: 'write' }), true],
  ['what is no certificate', thrownBy(() => new X509Certificate('text')), true],
  ['what is no key', thrownBy(() => createPrivateKey('text')), true],
  ['what is no archive', thrownBy(() => gunzipSync('text')), true],
  ['what is no path', thrownBy(() => readFileSync('a\0b')), true],
  ['a bug', bug, false],
  ['a bug that was told before', bugOf(bug), false],
  ['an error without a kind', new Error('no stage app is followed'), false],
  ['what is no error', 'text', false],
])('%s is expected: %#', (_, error, is) => expect(isExpected(error)).toBe(is))

test('what may fail gives something else; a bug passes as it is', async () => {
  await expect(unlessItFails(Promise.reject(refused), ({ message }) => message)).resolves.toBe('may not')
  await expect(unlessItFails(Promise.reject(bug), () => 'unknown')).rejects.toBe(bug)
})

test('on the way back a bug stops nothing, and is said with its stack', async () => {
  const said: string[] = []
  const say = (lines: readonly string[]): void => void said.push(...lines)
  await expect(inAnyCase(Promise.reject(bug), { say })).resolves.toBeUndefined()
  expect(said.join('\n')).toContain(bug.message)
  expect(said.join('\n')).toContain('expected.test.ts')
  said.length = 0
  await expect(inAnyCase(Promise.reject(refused), { say })).resolves.toBeUndefined()
  expect(said).toEqual([])
})

test.each([
  ['for the cluster does not answer', refused, []],
  [
    'for a bug, which is said',
    bug,
    [expect.stringContaining(bug.message), expect.stringContaining('expected.test.ts')],
  ],
])('a release that cannot be asked about counts as stuck: %s', async (_, error, told) => {
  const said: string[] = []
  const cluster = { history: async () => await Promise.reject(error) }
  const context = { releases: [{ release: { name: 'shop', namespace: 'shop' } }], cluster }
  const ports = { clock: new FakeClock(), say: (lines: readonly string[]) => void said.push(...lines) }
  const run = { signal: new AbortController().signal }
  await expect(leftStuck(context as never, ports as never, run as never)).resolves.toBe(true)
  expect(said).toEqual(told)
})

test.each([
  '"\\UFFFFFFFF"',
  '"\\uD800"',
  '{',
  '- ]',
  '!!binary "%"',
  '? [a]\n: b',
  '*x',
  '&a [*a]',
  '<<: 1',
  '.inf',
  '!!int x',
])('a document that cannot be read says why: %s', (text) => expect(() => loadHelmYaml(text)).not.toThrow())

RuleTester.describe = describe
RuleTester.it = test
const errors = [{ messageId: 'swallowed' }]
new RuleTester().run('expected-errors', expectedErrors, {
  valid: [
    'try { work() } catch (error) { if (!isMine(error)) throw error }',
    'try { work() } catch (error) { expected(error) }',
    'try { work() } catch (error) { end(refusal(error, signal)) }',
    'try { x = JSON.parse(text) } catch {}',
    'try { x = new URL(text).host } catch { x = undefined }',
    'ask().catch((error) => { throw error })',
    'ask().catch((error) => stop.abort(error))',
    'ask().catch(reject)',
    'late.catch(() => undefined)',
    'clock.after(5, signal).then(next, () => undefined)',
  ],
  invalid: [
    { code: 'try { work() } catch {}', errors },
    { code: 'try { work() } catch (error) { say(error.message) }', errors },
    { code: 'try { judge(JSON.parse(text)) } catch { unknown() }', errors },
    { code: 'try { work() } catch (error) { expected(other) }', errors },
    { code: 'ask().catch(() => undefined)', errors },
    { code: 'x = ask().catch(() => [])', errors },
    { code: 'x = late.then(next, () => "unknown").next', errors },
  ],
})
