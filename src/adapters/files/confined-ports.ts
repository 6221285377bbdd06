import type { ProjectModules } from '../../domain/transforms/module.ts'
import { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import type { InitFolder } from '../../init-port.ts'
import type { LegacyFiles } from '../../legacy-port.ts'
import type { PlainFiles } from '../../plain-port.ts'
import type { BuildContexts, Confinement, Files, Sources } from '../../ports.ts'

/*
 * The second lock on the door of `--untrusted`. What forge.yaml asks for is refused when it is loaded, all at once and with its
 * places (flows/project/untrusted.ts); what was forgotten there ends here.
 */

export function confinedFiles(files: Files, { fault, faultWithin }: Pick<Confinement, 'fault' | 'faultWithin'>): Files {
  const check = async (path: string, how = fault): Promise<void> => {
    const why = await how(files.resolve(path))
    if (why !== undefined) throw refused(`would open ${path}, which ${why}`, `${path}:1:1`)
  }
  return {
    ...files,
    async read(path) {
      await check(path)
      return await files.read(path)
    },
    async readBytes(path) {
      await check(path)
      return await files.readBytes(path)
    },
    async write(path, content, mode) {
      await check(path, faultWithin)
      await files.write(path, content, mode)
    },
  }
}

/** Which environment is meant is no secret. */
const OWN = 'FORGE_ENV'

const ASKS_NOTHING = 'a checkout that is not trusted asks nothing of Vault'
const UNTRUSTED = { hint: forge('explain', 'E_UNTRUSTED'), where: 'vault' }

export function confinedSources(sources: Sources, { variables }: Pick<Confinement, 'variables'>): Sources {
  return {
    ...sources,
    env: (name) => (name === OWN || variables.includes(name) ? sources.env(name) : undefined),
    command: async ([name = '']) => await refuse(`would run the program ${name}`, name),
    vault: async (path) => await refuse(`would read ${path} from Vault`, path),
    // Its address is the checkout's to say: nobody's token goes there. As where Vault cannot be asked: nothing is known, or refused.
    vaultStore: async () => await Promise.reject(new ForgeError('E_SOURCE_VAULT', ASKS_NOTHING, UNTRUSTED)),
    examineVault: async () => {
      const unseen = async () => await Promise.resolve({ kind: 'unseen' as const, why: ASKS_NOTHING })
      return await Promise.resolve({ where: unseen, role: unseen, policy: unseen, place: unseen })
    },
    decrypt: async (file) => await refuse(`would decrypt ${file} with sops`, file),
  }
}

/** Whatever a build can see is not for a stranger to say, nor which repositories are asked. */
export const confinedContexts: BuildContexts = {
  isFolder: async (path) => await refuse(`would read all of ${path} for an image`, path),
  files: async (folder) => await refuse(`would read all of ${folder} for an image`, folder),
  origin: async (folder) => await refuse(`would ask git about ${folder}`, folder),
  commit: async ({ url }) => await refuse(`would ask the repository ${url}`, url),
}

export const confinedModules: ProjectModules = {
  transform: async ({ module }) => await refuse(`would run the module ${module}`, module),
}

/** Its manifests are read through the files above. What else kustomize reads, and git for it, is kustomize's to say. */
export function confinedLegacy(legacy: LegacyFiles): LegacyFiles {
  return { ...legacy, build: async (folder) => await refuse(`would render the kustomization ${folder}`, folder) }
}

/** What is found is read through the files above. */
export function confinedPlain(plain: PlainFiles): PlainFiles {
  return { ...plain, kustomize: async (folder) => await refuse(`would run kustomize on ${folder}`, folder) }
}

/** A link of the checkout may not lead what is written out of it. */
export function confinedInit(
  folder: InitFolder,
  { resolve }: Pick<Files, 'resolve'>,
  { faultWithin }: Pick<Confinement, 'faultWithin'>,
): InitFolder {
  return {
    ...folder,
    async create(files) {
      for (const { path } of files) {
        const why = await faultWithin(resolve(path))
        if (why !== undefined) throw refused(`would write ${path}, which ${why}`, path)
      }
      await folder.create(files)
    },
  }
}

async function refuse(message: string, where: string): Promise<never> {
  return await Promise.reject(refused(message, where))
}

function refused(message: string, where: string): ForgeError {
  return new ForgeError('E_UNTRUSTED', message, { hint: forge('explain', 'E_UNTRUSTED'), where })
}
