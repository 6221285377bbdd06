import { ForgeError } from '../../errors.ts'
import { program } from '../../hint.ts'
import type { EvidenceStore } from '../../ports.ts'

/**
 * The same store, in which every file is encrypted to an age recipient (`age1…`) and armoured: `NAME.age`, which
 * `age --decrypt --identity KEY` reads. Throws E_USAGE for what is no recipient, before there is a folder.
 */
export async function encryptedTo(recipient: string, store: EvidenceStore): Promise<EvidenceStore> {
  const { armor, Encrypter } = await import('age-encryption')
  const encrypter = new Encrypter()
  try {
    encrypter.addRecipient(recipient)
  } catch (error) {
    throw new ForgeError('E_USAGE', `${recipient} is not an age recipient (age1…)`, {
      hint: program('age-keygen', '-y', 'KEY'),
      where: '--encrypt',
      cause: error,
    })
  }
  return {
    async open(place) {
      const folder = await store.open(place)
      return {
        path: folder.path,
        write: async (name, content) =>
          await folder.write(`${name}.age`, armor.encode(await encrypter.encrypt(content))),
      }
    },
  }
}
