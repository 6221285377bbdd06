import { chmod, cp, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { execa } from 'execa'
import * as fc from 'fast-check'
import { buildContexts } from '../../src/adapters/images/contexts.ts'
import { gitAddress, isAddress } from '../../src/domain/images/address.ts'
import { contentTag, type BuildContent } from '../../src/domain/images/content.ts'
import { ignoreNothing, readIgnore, type Ignore } from '../../src/domain/images/ignore.ts'

const never = new AbortController().signal

let dir = ''
beforeEach(async () => (dir = await mkdtemp(join(tmpdir(), 'forge-content-'))))
afterEach(async () => await rm(dir, { recursive: true, force: true }))

async function write(folder: string, files: Readonly<Record<string, string>>): Promise<string> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  return folder
}

const BUILD = {
  dockerfile: 'FROM scratch\nCOPY . /\n',
  dockerfilePath: undefined,
  target: undefined,
  platforms: ['linux/amd64'],
  args: {},
  bases: {},
  secrets: [],
  contexts: {},
} as const satisfies Omit<BuildContent, 'context'>

async function tagOf(folder: string, text = '', build: Partial<BuildContent> = {}): Promise<string> {
  const ignore = text === '' ? ignoreNothing : (readIgnore(text) as Ignore)
  const context = await buildContexts.files(folder, ignore, never)
  return await contentTag({ ...BUILD, context, ...build })
}

async function git(cwd: string, ...args: string[]): Promise<string> {
  const who = ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'commit.gpgsign=false']
  return (await execa('git', [...who, ...args], { cwd })).stdout
}

const FILES = { Dockerfile: 'FROM scratch\n', 'src/main.ts': 'main()\n', 'src/é ü.txt': 'x', 'run.sh': '#!/bin/sh\n' }

describe('the tag of the same sources', () => {
  test('is the same in two clones, packed or not, and another after a commit', async () => {
    const origin = await write(join(dir, 'origin'), FILES)
    await chmod(join(origin, 'run.sh'), 0o755)
    await git(dir, 'init', '--quiet', origin)
    await git(origin, 'add', '.')
    await git(origin, 'commit', '--quiet', '-m', 'one')
    for (const name of ['a', 'b']) await git(dir, 'clone', '--quiet', origin, name)
    await git(join(dir, 'b'), 'gc', '--quiet')
    await git(join(dir, 'b'), 'checkout', '--quiet', '-b', 'other')
    await git(join(dir, 'a'), 'worktree', 'add', '--quiet', '--detach', join(dir, 'c'))
    const tags = await Promise.all(['origin', 'a', 'b', 'c'].map(async (one) => await tagOf(join(dir, one))))
    expect(new Set(tags).size).toBe(1)
    const without = await tagOf(join(dir, 'a'), '.git')
    await git(join(dir, 'a'), 'commit', '--quiet', '--allow-empty', '-m', 'two')
    expect(await tagOf(join(dir, 'a'))).not.toBe(tags[0])
    expect(await tagOf(join(dir, 'a'), '.git')).toBe(without)
  })

  test('is the same in a copy with other times, umask, order, and an empty folder', async () => {
    const one = await write(join(dir, 'one'), FILES)
    await symlink('src/main.ts', join(one, 'link'))
    const other = join(dir, 'other')
    await mkdir(join(other, 'empty/within'), { recursive: true })
    await cp(one, other, { recursive: true, verbatimSymlinks: true })
    for (const name of Object.keys(FILES)) {
      await utimes(join(other, name), 1, 1)
      await chmod(join(other, name), 0o600)
    }
    await chmod(join(other, 'src'), 0o700)
    expect(await tagOf(other)).toBe(await tagOf(one))
  })

  test('looks like a tag', async () => {
    expect(await tagOf(await write(dir, FILES))).toMatch(/^sha-[0-9a-f]{16}$/u)
  })
})

describe('the tag is another', () => {
  const changes: Readonly<Record<string, (folder: string) => Promise<void>>> = {
    'after one byte': async (folder) => await writeFile(join(folder, 'src/main.ts'), 'main()!'),
    'after a file is executable': async (folder) => await chmod(join(folder, 'src/main.ts'), 0o755),
    'with one file more': async (folder) => await writeFile(join(folder, 'src/more'), ''),
    'with one file less': async (folder) => await rm(join(folder, 'src/main.ts')),
    'where a link is in the place of a file': async (folder) => {
      await rm(join(folder, 'src/main.ts'))
      await symlink('main.ts', join(folder, 'src/main.ts'))
    },
    'where a link leads elsewhere': async (folder) => {
      await rm(join(folder, 'link'))
      await symlink('elsewhere', join(folder, 'link'))
    },
    'where a file has another name': async (folder) => {
      await cp(join(folder, 'src/main.ts'), join(folder, 'src/main2.ts'))
      await rm(join(folder, 'src/main.ts'))
    },
  }
  test.each(Object.keys(changes))('%s', async (name) => {
    await write(dir, FILES)
    await symlink('src', join(dir, 'link'))
    const before = await tagOf(dir)
    await changes[name]?.(dir)
    expect(await tagOf(dir)).not.toBe(before)
  })

  test('with another Dockerfile, target, argument, platform, secret or context', async () => {
    await write(dir, FILES)
    const other: Partial<BuildContent>[] = [
      {},
      { dockerfile: `${BUILD.dockerfile}# a comment may be a syntax\n` },
      { target: 'test' },
      { args: { A: '1' } },
      { bases: { a: `sha256:${'1'.repeat(64)}` } },
      { bases: { a: `sha256:${'2'.repeat(64)}` } },
      { args: { A: '2' } },
      { args: { B: '1' } },
      { platforms: ['linux/arm64'] },
      { platforms: ['linux/amd64', 'linux/arm64'] },
      { secrets: ['token'] },
      { contexts: { base: [] } },
      { contexts: { base: [{ kind: 'link', path: 'a', target: 'b' }] } },
      { context: 'https://example.org/a.git#0123456789012345678901234567890123456789' },
    ]
    const tags: string[] = []
    for (const one of other) tags.push(await tagOf(dir, '', one))
    expect(new Set(tags).size).toBe(other.length)
    const order = await tagOf(dir, '', { platforms: ['linux/arm64', 'linux/amd64'], args: {} })
    expect(order).toBe(tags[9])
  })
})

describe('files that .dockerignore leaves out', () => {
  const name = fc.constantFrom('a', 'b', 'keep', 'out', 'x.log', '.git')
  const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'))

  test('change nothing, whatever they are; each one that stays counts', async () => {
    const text = 'out\n**/*.log\n.git\n*/keep\n!out/keep\n'
    const ignore = readIgnore(text) as Ignore
    const isOut = (file: string): boolean => {
      const parts = file.split('/')
      let isIgnored = false
      let above: ReturnType<Ignore> | undefined
      for (const at of parts.keys()) ({ isIgnored } = above = ignore(parts.slice(0, at + 1).join('/'), above))
      return isIgnored
    }
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(path, { minLength: 1, maxLength: 8 }), fc.string(), async (paths, content) => {
        const folder = await mkdtemp(join(dir, 'p-'))
        await write(folder, { Dockerfile: 'FROM scratch\n' })
        for (const file of paths) {
          const before = await tagOf(folder, text)
          const isWritten = await write(folder, { [file]: content }).then(
            () => true,
            () => false,
          )
          // A folder of that name is there, or a file where its folder would be.
          if (isWritten) expect([file, (await tagOf(folder, text)) === before]).toEqual([file, isOut(file)])
        }
      }),
      { numRuns: 60 },
    )
  })

  test('a folder that is left out is not even read', async () => {
    await write(dir, { 'src/a': '', 'out/secret': '' })
    const read = await buildContexts.files(dir, readIgnore('out') as Ignore, never)
    expect(read.map((one) => one.path)).toEqual(['src/a'])
  })
})

describe('where a folder comes from', () => {
  test('the commit, whether it was changed since, and the address without a login', async () => {
    await write(dir, FILES)
    expect(await buildContexts.origin(dir, never)).toEqual({})
    await git(dir, 'init', '--quiet', '.')
    await git(dir, 'add', '.')
    await git(dir, 'commit', '--quiet', '-m', 'one')
    await git(dir, 'tag', 'v1')
    const commit = await git(dir, 'rev-parse', 'HEAD')
    expect(await buildContexts.origin(dir, never)).toEqual({ commit })
    await write(dir, { 'run.sh': 'changed' })
    await git(dir, 'remote', 'add', 'origin', 'https://user:s3cret@example.org/acme/app.git')
    const address = 'https://example.org/acme/app.git'
    expect(await buildContexts.origin(dir, never)).toEqual({ commit: `${commit}-dirty`, address })
    for (const [url, shown] of [
      ['git@example.org:acme/app.git', { address: 'git@example.org:acme/app.git' }],
      ['/srv/git/app', {}],
      ['file:///srv/git/app', {}],
    ] as const) {
      await git(dir, 'remote', 'set-url', 'origin', url)
      expect(await buildContexts.origin(dir, never)).toEqual({ commit: `${commit}-dirty`, ...shown })
    }
  })
})

describe('a repository elsewhere', () => {
  test.each([
    ['https://github.com/acme/app.git', { url: 'https://github.com/acme/app.git' }],
    ['https://github.com/acme/app.git#v1:web', { url: 'https://github.com/acme/app.git', ref: 'v1', folder: 'web' }],
    ['git@github.com:acme/app.git#main', { url: 'git@github.com:acme/app.git', ref: 'main' }],
    ['github.com/acme/app#:web', { url: 'https://github.com/acme/app', folder: 'web' }],
    ['ssh://git@host:2222/app', { url: 'ssh://git@host:2222/app' }],
    ['https://example.org/app.tar.gz', undefined],
  ])('%s', (context, address) => {
    expect(isAddress(context)).toBe(true)
    expect(gitAddress(context)).toEqual(address)
  })

  test.each(['.', './github.com', '/srv/app', '../app.git', 'app'])('%s is a folder', (context) =>
    expect(isAddress(context)).toBe(false),
  )

  test('is at the commit of its branch or tag', async () => {
    await git(dir, 'init', '--quiet', '-b', 'main', '.')
    await git(dir, 'commit', '--quiet', '--allow-empty', '-m', 'one')
    await git(dir, 'tag', '-a', 'v1', '-m', 'v1')
    const commit = await git(dir, 'rev-parse', 'HEAD')
    for (const ref of [undefined, 'main', 'v1', 'refs/heads/main', commit]) {
      const address = { url: dir, ...(ref === undefined ? {} : { ref }) }
      expect(await buildContexts.commit(address, never)).toEqual({ commit })
    }
    expect(await buildContexts.commit({ url: dir, ref: 'none' }, never)).toEqual({
      problem: 'it has no branch and no tag none',
    })
    expect(await buildContexts.commit({ url: join(dir, 'nowhere') }, never)).toMatchObject({
      problem: expect.any(String),
    })
  })
})
