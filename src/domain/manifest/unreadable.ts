import { YAMLException } from 'js-yaml'

/** A document that helm takes for none, and why. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable'
}

/** Why a document cannot be read, in one line. A bug in reading it is thrown on. */
export function whyUnreadable(error: unknown): string {
  if (!(error instanceof Unreadable) && !(error instanceof YAMLException)) throw error
  return error.message.split('\n')[0] ?? ''
}
