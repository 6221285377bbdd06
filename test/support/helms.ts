import { helms } from '../../bench/helms.ts'

/** Both major versions of helm: FORGE_TEST_HELM3 and FORGE_TEST_HELM4, else built once into forge's cache. */
export async function helmOf(major: 3 | 4): Promise<string> {
  const named = process.env[`FORGE_TEST_HELM${major}`]
  if (named !== undefined && named !== '') return named
  const found = (await helms()).find((helm) => helm.major === major)
  if (found === undefined) throw new Error(`no helm ${major}`)
  return found.path
}
