import type { Candidate, FileNames, NamedKind, Seen } from './model.ts'

/** What may stand there. `environment`: what was typed, or what FORGE_ENV says; else as a deploy chooses one. */
export function offered(
  kind: Exclude<NamedKind, 'code'>,
  file: FileNames,
  seen: Readonly<Record<string, Seen>>,
  environment: string | undefined = file.usual ?? file.environments[0],
): readonly Candidate[] {
  const { deploys = [], components = [] } = seen[environment ?? ''] ?? {}
  switch (kind) {
    case 'environment':
      return named(file.environments)
    case 'release':
      return named(file.releases)
    case 'secret':
      return named(file.secrets)
    case 'image':
      return named(file.images)
    case 'component':
      return named([...new Set([...components, ...file.awaited])])
    case 'deploy':
      return deploys.map(([number, about]) => [String(number), about])
  }
}

function named(names: readonly string[]): Candidate[] {
  return names.map((name) => [name, ''])
}
