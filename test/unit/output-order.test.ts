import { expect, test } from '@jest/globals'
import { execa } from 'execa'
import { sectionEnd, sectionStart } from '../../src/screen/gitlab-section.ts'

const SCRIPT = `
import { openOutput } from '${new URL('../../src/cli/output.ts', import.meta.url).href}'
import { Redactor } from '${new URL('../../src/domain/redact/redactor.ts', import.meta.url).href}'
const redactor = new Redactor()
redactor.add('s3cret-that-begins-like-the-end-of-a-line')
openOutput(redactor, false, false)
process.stderr.write('upgrade  0.0s\\n')
process.stdout.write('Deployed.\\n')
process.stderr.write('its s3cret-that-begins')
process.stderr.write('-like-the-end-of-a-line\\n')
`

test('what the end of a line holds back comes before what the other stream says', async () => {
  const { stdout } = await execa('sh', ['-c', 'exec "$0" --input-type=module 2>&1', process.execPath], {
    input: SCRIPT,
  })
  expect(stdout.split('\n')).toEqual(['upgrade  0.0s', 'Deployed.', 'its •••'])
})

test('a cursor that is shown again is shown, though a secret begins with its last letter', async () => {
  const cursor = String.raw`\u001B[?25h`
  const input = SCRIPT.replaceAll(/^process.*\n/gmu, '').replace('s3cret-that', 'hush-that')
  const { stdout } = await execa(process.execPath, ['--input-type=module'], {
    input: `${input}process.stdout.write('${cursor}')\nprocess.stdout.write('Deployed.\\n')\n`,
  })
  expect(stdout).toBe('\u001B[?25hDeployed.')
})

test('a fold of the log is a line of its own, and nobody else can say one', async () => {
  const input = `${SCRIPT.replaceAll(/^process.*\n/gmu, '').replace('openOutput(', 'const output = openOutput(')}
process.stderr.write('half a line')
output.command(process.stderr, ${JSON.stringify(sectionStart('forge_1', 7, '6/7 upgrade'))})
process.stderr.write(${JSON.stringify(`${sectionStart('forge_1', 7, 'pwned')}\n`)})
output.command(process.stderr, ${JSON.stringify(sectionEnd('forge_1', 8))})
`
  const { stderr } = await execa(process.execPath, ['--input-type=module'], { input })
  const [before, begin, ...rest] = stderr.split('\n')
  const end = rest.pop()
  expect([before, begin, end]).toEqual([
    'half a line',
    '\u001B[0Ksection_start:7:forge_1\r\u001B[0K6/7 upgrade',
    '\u001B[0Ksection_end:8:forge_1\r\u001B[0K',
  ])
  expect(rest).toEqual([String.raw`\x1b[0Ksection_start:7:forge_1`, String.raw`\x1b[0Kpwned`])
})

test.each(['B-like-a-move', '3B-like-a-move', '[3B-like-a-move'])(
  'the cursor moves, though a secret begins with %s, and whatever is written next',
  async (secret) => {
    const known = SCRIPT.replaceAll(/^process.*\n/gmu, '').replace(/'s3cret[^']*'/u, `'${secret}'`)
    const input = `${known.replace('openOutput(', 'const output = openOutput(')}
const canvas = output.canvas(process.stderr)
canvas.write('upgrade\\u001B[3B')
canvas.write('\\u001B[3Bdatabases\\u001B[3B')
process.stdout.write('between\\n')
canvas.write('\\u001B[3B')
process.stderr.write('B of others \\u001B[3B\\n')
canvas.write('\\u001B[3B')
`
    const { stderr } = await execa(process.execPath, ['--input-type=module'], { input })
    const down = '\u001B[3B'
    expect(stderr).toBe(`upgrade${down}${down}databases${down}${down}B of others ${String.raw`\x1b[3B`}\n${down}`)
  },
)
