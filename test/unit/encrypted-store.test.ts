import { expect, test } from '@jest/globals'
import { armor, Decrypter, generateIdentity, identityToRecipient } from 'age-encryption'
import { encryptedTo } from '../../src/adapters/files/encrypted.ts'
import type { EvidenceStore } from '../../src/ports.ts'
import { failure } from '../support/project-ports.ts'

function memory(): { readonly store: EvidenceStore; readonly files: Map<string, string> } {
  const files = new Map<string, string>()
  const write = (name: string, content: string): Promise<void> => Promise.resolve(void files.set(name, content))
  return { files, store: { open: () => Promise.resolve({ path: '/backup', write }) } }
}

const PLACE = { project: 'shop', environment: 'prod', deploy: 1 }

test('what is saved can be read with the key, and with nothing else', async () => {
  const { store, files } = memory()
  const identity = await generateIdentity()
  const folder = await (await encryptedTo(await identityToRecipient(identity), store)).open(PLACE)
  await folder.write('backup/secret_db.yaml', 'password: hunter2')
  expect([...files.keys()]).toEqual(['backup/secret_db.yaml.age'])
  const text = files.get('backup/secret_db.yaml.age') ?? ''
  expect(text).toMatch(/^-----BEGIN AGE ENCRYPTED FILE-----/u)
  expect(text).not.toContain('hunter2')
  const reader = new Decrypter()
  reader.addIdentity(identity)
  expect(await reader.decrypt(armor.decode(text), 'text')).toBe('password: hunter2')
  const stranger = new Decrypter()
  stranger.addIdentity(await generateIdentity())
  await expect(stranger.decrypt(armor.decode(text), 'text')).rejects.toThrow(/no identity matched/u)
})

test('what is no recipient is refused before anything is opened', async () => {
  const { store, files } = memory()
  for (const given of ['', 'me', 'age1notakey', 'AGE-SECRET-KEY-1X']) {
    const error = await failure(encryptedTo(given, store))
    expect([given, error.code]).toEqual([given, 'E_USAGE'])
  }
  expect(files.size).toBe(0)
})
