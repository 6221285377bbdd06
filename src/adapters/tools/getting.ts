import { accessSync, constants } from 'node:fs'
import path from 'node:path'
import { forge, program, type Hint } from '../../hint.ts'
import type { ErrorCode } from '../../errors.ts'
import { expected } from '../../expected.ts'

/** Package managers in the order in which they are looked for, and what installs each program with them. */
const WAYS: readonly (readonly [manager: string, argv: Readonly<Record<string, readonly string[]>>])[] = [
  [
    'brew',
    { go: ['brew', 'install', 'go'], sops: ['brew', 'install', 'sops'], kustomize: ['brew', 'install', 'kustomize'] },
  ],
  ['apt-get', { go: ['sudo', 'apt-get', 'install', 'golang-go'] }],
  ['dnf', { go: ['sudo', 'dnf', 'install', 'golang'] }],
  ['apk', { go: ['apk', 'add', 'go'], sops: ['apk', 'add', 'sops'] }],
  [
    'pacman',
    {
      go: ['sudo', 'pacman', '-S', 'go'],
      sops: ['sudo', 'pacman', '-S', 'sops'],
      kustomize: ['sudo', 'pacman', '-S', 'kustomize'],
    },
  ],
  ['go', { sops: ['go', 'install', 'github.com/getsops/sops/v3/cmd/sops@v3.13.3'] }],
]

/** How to get a program that is not there, with what is there; else what `forge explain` says of `code`. */
export function getting(
  wanted: 'go' | 'sops' | 'kustomize',
  code: ErrorCode,
  env: NodeJS.ProcessEnv = process.env,
): Hint {
  for (const [manager, argv] of WAYS) {
    const install = argv[wanted]
    if (install !== undefined && isOnPath(manager, env)) return program(...install)
  }
  return forge('explain', code)
}

function isOnPath(name: string, env: NodeJS.ProcessEnv): boolean {
  return (env['PATH'] ?? '').split(path.delimiter).some((folder) => folder !== '' && isProgram(path.join(folder, name)))
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch (error) {
    expected(error)
    return false
  }
}
