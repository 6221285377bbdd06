import { describe, expect, test } from '@jest/globals'
import type { Registered } from '../../src/ports.ts'
import { app, DIGEST, FakeBuilder, FakeRegistry, OTHER, prepare, taggedBy } from '../support/images-scene.ts'

const TAGGED = await taggedBy(app)
const EU = 'eu.gcr.io/acme/app'
const THERE = TAGGED.replace('ghcr.io/acme/app', EU)
const image = { ...app, also: [EU] }

/** A registry that has what was pushed. */
class Keeping extends FakeRegistry {
  readonly has = new Map<string, string>()
  override async look(ref: string): Promise<Registered> {
    this.asked.push(ref)
    const digest = this.has.get(ref.split('@')[0] ?? '')
    return await Promise.resolve(digest === undefined ? { is: 'absent' } : { is: 'there', digest })
  }
}

class Pushing extends FakeBuilder {
  readonly #to: Keeping
  /** Takes it and has it not afterwards. */
  loses = ''
  constructor(to: Keeping) {
    super()
    this.#to = to
  }

  override async push(...args: Parameters<FakeBuilder['push']>): Promise<string | undefined> {
    if (args[1].to !== this.loses) this.#to.has.set(args[1].to, DIGEST)
    return await super.push(...args)
  }
}

const scene = () => {
  const registry = new Keeping()
  return { registry, builder: new Pushing(registry) }
}

describe('an image that goes to several registries', () => {
  test('is pushed to each, and deployed from the first', async () => {
    const { registry, builder } = scene()
    const { refs, summary } = await prepare([image], {}, { registry, builder }).result
    expect([...refs, summary]).toEqual([['app', `${TAGGED}@${DIGEST}`], 'app built and pushed'])
    expect(builder.asked).toEqual([`build ${TAGGED}`, `push ${TAGGED}`, `push ${TAGGED} to ${THERE}`])
    expect((await prepare([image], {}, { registry, builder }).result).summary).toBe('app in the registry already')
    expect(builder.asked).toHaveLength(3)
  })

  test('is brought to one that has it not yet; what is deployed stays what the first has', async () => {
    const { registry, builder } = scene()
    registry.has.set(TAGGED, OTHER)
    const { refs } = await prepare([image], {}, { registry, builder }).result
    expect([[...refs], builder.asked]).toEqual([
      [['app', `${TAGGED}@${OTHER}`]],
      [`build ${TAGGED}`, `push ${TAGGED} to ${THERE}`],
    ])
  })

  test('is not done where one does not have it afterwards', async () => {
    const { registry, builder } = scene()
    builder.loses = THERE
    await expect(prepare([image], {}, { registry, builder }).result).rejects.toMatchObject({
      code: 'E_IMAGE_PUSH',
      message: `image app: ${THERE} was pushed, but its digest is not known: the registry does not have it afterwards`,
    })
  })

  test('names registries', async () => {
    await expect(prepare([{ ...app, also: ['acme/app'] }]).result).rejects.toMatchObject({
      code: 'E_IMAGE_REFERENCE',
      message: 'images.app.also "acme/app" is not a valid image repository: it names no registry host',
    })
  })
})
