import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from './forge.ts'

export interface CommandClass {
  readonly flags?: Readonly<Record<string, { readonly char?: string; readonly helpValue?: string | readonly string[] }>>
  readonly baseFlags?: unknown
  readonly hidden?: boolean
}

/** Every command by its name (`secrets apply`). One after the other: Jest on Node 22 loses modules that several ask for at once. */
export async function commandClasses(): Promise<ReadonlyMap<string, CommandClass>> {
  const folder = join(ROOT, 'commands')
  const found = new Map<string, CommandClass>()
  for (const file of await readdir(folder, { recursive: true })) {
    if (!file.endsWith('.ts')) continue
    const { default: command } = (await import(join(folder, file))) as { default: CommandClass }
    found.set(file.slice(0, -'.ts'.length).replaceAll('/', ' '), command)
  }
  return found
}
