import { keyOf, type KubeObject, type ObjectRef } from '../kube.ts'
import { isOver } from './absent.ts'
import { marksOf, type Marks } from './marks.ts'
import type { ObjectEvent, ObjectCache } from './model.ts'
import { noteOf, subjectUid, type Note } from './notes.ts'
import { isTerminating, podSpecOf } from './shapes.ts'

/** An object with what only an observer knows of it: an entry of the cache. */
export interface ObservedObject {
  readonly object: KubeObject
  readonly key: string
  readonly uid: string
  /** When it was first seen. */
  readonly bornAt: number
  readonly bornSeq: number
  readonly marks: Marks
}

/** Pods that a controller deleted stay known, a few per owner: a Job that gives up deletes the pod that says why. */
const GRAVES = 3

/** How many workloads may wait for one another in a row (app → temporal → postgres). */
const MAX_DISTANCE = 5

/** A cause may come with many Events; rules read the latest ones. */
const NOTES = 40

export class IndexedObjectCache implements ObjectCache {
  /** Grows with every event: an order that two clocks cannot disturb. */
  seq = 0
  /** When the last of several terminating pods was gone. */
  roomFreedAt = Number.NEGATIVE_INFINITY
  private readonly entries = new Map<string, ObservedObject>()
  private readonly byUid = new Map<string, ObservedObject>()
  private readonly owned = new Map<string, Map<string, ObservedObject>>()
  private readonly graves = new Map<string, ObservedObject[]>()
  /** By key: a Job may go as soon as it has ended, by its TTL or by the hand of whoever reads its verdict. */
  private readonly goneJobs = new Map<string, ObservedObject>()
  private readonly notes = new Map<string, Map<string, Note>>()
  private readonly claimants = new Map<string, Set<string>>()
  private readonly terminating = new Set<string>()
  private readonly waitingForRoom = new Set<string>()
  /** Uid of a workload → uids of the pods that are explained by it. */
  private readonly dependents = new Map<string, Set<string>>()
  private readonly listeners: ((key: string) => void)[] = []

  get size(): number {
    return this.entries.size
  }

  apply(events: readonly ObjectEvent[], at: number): void {
    for (const { type, object } of events) {
      this.seq += 1
      if (object.kind === 'Event') this.applyNote(type, object, at)
      else if (type === 'set') this.set(object, at)
      else this.remove(keyOf(object), at, object)
    }
  }

  get(ref: ObjectRef): KubeObject | undefined {
    return this.entry(ref)?.object
  }

  lastSeen(ref: ObjectRef): KubeObject | undefined {
    return (this.entry(ref) ?? this.goneJob(ref))?.object
  }

  entry(ref: ObjectRef): ObservedObject | undefined {
    return this.entries.get(keyOf(ref))
  }

  /** A Job that was deleted, as it was at its end; without status where nobody saw that. */
  goneJob(ref: ObjectRef): ObservedObject | undefined {
    return this.goneJobs.get(keyOf(ref))
  }

  all(): Iterable<ObservedObject> {
    return this.entries.values()
  }

  ownedBy(uid: string, kind: string): ObservedObject[] {
    return [...(this.owned.get(uid)?.values() ?? [])].filter(({ object }) => object.kind === kind)
  }

  /** Pods below an owner, through any number of owners between (custom resource → StatefulSet → Pod). */
  podsBelow(uid: string): ObservedObject[] {
    return [...(this.owned.get(uid)?.values() ?? [])].flatMap((entry) =>
      entry.object.kind === 'Pod' ? [entry] : this.podsBelow(entry.uid),
    )
  }

  podsOf(ref: ObjectRef): readonly KubeObject[] {
    const top = this.entry(ref)
    return top === undefined ? [] : this.podsBelow(top.uid).map(({ object }) => object)
  }

  /** Deleted pods of an owner, the latest last. */
  buriedBy(uid: string): readonly ObservedObject[] {
    return this.graves.get(uid) ?? []
  }

  notesOn(uid: string): readonly Note[] {
    return [...(this.notes.get(uid)?.values() ?? [])]
  }

  /** From an object up to `top`, both included: the chain of causes. */
  pathTo(top: ObservedObject, from: ObservedObject): ObservedObject[] {
    const path = [from]
    for (let one: ObservedObject | undefined = from; one !== undefined && one.uid !== top.uid && path.length < 10;) {
      one = this.byUid.get(ownerOf(one.object) ?? '')
      if (one !== undefined) path.unshift(one)
    }
    return path[0]?.uid === top.uid ? path : [top, from]
  }

  /** Pods are going away: room (nodes, quota, volumes) may appear by itself. */
  get isFreeingRoom(): boolean {
    return this.terminating.size > 0
  }

  /** Names an object that lacks room; it is judged again when the last terminating pod is gone. */
  awaitRoom(uid: string): void {
    this.waitingForRoom.add(uid)
  }

  /** The last owner above an object: what people wrote. */
  topOf(from: ObservedObject): ObservedObject {
    const owner = this.byUid.get(ownerOf(from.object) ?? '')
    return owner === undefined ? from : this.topOf(owner)
  }

  /** Names a pod that is judged by what another workload does; it is judged again with it. */
  dependOn(workload: string, pod: string): void {
    const pods = this.dependents.get(workload) ?? new Set<string>()
    this.dependents.set(workload, pods.add(pod))
  }

  /** Called with the key of every object whose own state, or that of something below it, changed. */
  onTouch(listener: (key: string) => void): void {
    this.listeners.push(listener)
  }

  private set(object: KubeObject, at: number): void {
    const key = keyOf(object)
    const uid = object.metadata.uid ?? key
    const known = this.entries.get(key)
    // Deleted and made again between two looks.
    if (known !== undefined && known.uid !== uid) this.remove(key, at)
    const before = known?.uid === uid ? known : undefined
    const { seq } = this
    const entry: ObservedObject = {
      object,
      key,
      uid,
      bornAt: before?.bornAt ?? at,
      bornSeq: before?.bornSeq ?? seq,
      marks: marksOf(object, before?.marks, { at, seq }),
    }
    this.entries.set(key, entry)
    this.byUid.set(uid, entry)
    const owner = ownerOf(object)
    if (owner !== undefined) childrenIn(this.owned, owner).set(key, entry)
    if (object.kind === 'Pod') this.indexPod(entry)
    this.touch(entry)
  }

  private remove(key: string, at: number, last?: KubeObject): void {
    const entry = this.entries.get(key)
    if (entry === undefined) return
    if (entry.object.kind === 'Job') this.buryJob(entry, last)
    this.entries.delete(key)
    this.byUid.delete(entry.uid)
    this.notes.delete(entry.uid)
    const owner = ownerOf(entry.object)
    if (owner !== undefined) {
      this.owned.get(owner)?.delete(key)
      if (entry.object.kind === 'Pod') this.graves.set(owner, [...this.buriedBy(owner), entry].slice(-GRAVES))
    }
    this.touch(entry)
    if (entry.object.kind === 'Pod') this.forgetPod(entry, at)
    if (entry.object.kind !== 'Job') this.graves.delete(entry.uid)
  }

  /** The last word may come with the deletion only; after a gap in the watch it comes without one. */
  private buryJob(entry: ObservedObject, last: KubeObject | undefined): void {
    const isSame = last?.['status'] !== undefined && last.metadata.uid === entry.uid
    const { status: _unknown, ...rest } = entry.object
    const object = isSame ? last : isOver(entry.object) ? entry.object : rest
    this.goneJobs.set(entry.key, { ...entry, object })
  }

  private indexPod(entry: ObservedObject): void {
    for (const claim of claimsOf(entry.object)) claimantsIn(this.claimants, claim).add(entry.key)
    if (isTerminating(entry.object)) this.terminating.add(entry.key)
  }

  private forgetPod(entry: ObservedObject, at: number): void {
    for (const claim of claimsOf(entry.object)) this.claimants.get(claim)?.delete(entry.key)
    if (!this.terminating.delete(entry.key) || this.terminating.size > 0) return
    this.roomFreedAt = at
    const waiting = [...this.waitingForRoom]
    this.waitingForRoom.clear()
    for (const uid of waiting) this.touch(this.byUid.get(uid))
  }

  private applyNote(type: ObjectEvent['type'], event: KubeObject, at: number): void {
    const uid = subjectUid(event)
    const about = this.notes.get(uid) ?? new Map<string, Note>()
    const { name } = event.metadata
    const note = type === 'set' ? noteOf(event, about.get(name), at, this.seq) : undefined
    about.delete(name)
    if (note !== undefined) about.set(name, note)
    const [oldest] = about.keys()
    if (about.size > NOTES && oldest !== undefined) about.delete(oldest)
    if (about.size === 0) this.notes.delete(uid)
    else this.notes.set(uid, about)
    if (note !== undefined) this.touch(this.byUid.get(uid))
  }

  /** Everything above the object, above the pods that wait for it, and above those that use it (a claim). */
  private touch(entry: ObservedObject | undefined, distance = 0): void {
    for (let one = entry, depth = 0; one !== undefined && depth < 10; depth += 1) {
      for (const listener of this.listeners) listener(one.key)
      this.touchDependents(one.uid, distance)
      one = this.byUid.get(ownerOf(one.object) ?? '')
    }
    if (entry?.object.kind !== 'PersistentVolumeClaim') return
    for (const key of this.claimants.get(claimKey(entry.object.metadata.namespace, entry.object.metadata.name)) ?? []) {
      this.touch(this.entries.get(key), distance)
    }
  }

  private touchDependents(uid: string, distance: number): void {
    const pods = this.dependents.get(uid)
    if (pods === undefined || distance >= MAX_DISTANCE) return
    // Whoever still depends on it says so again when it is judged.
    this.dependents.delete(uid)
    for (const pod of pods) this.touch(this.byUid.get(pod), distance + 1)
  }
}

export function createObjectCache(): IndexedObjectCache {
  return new IndexedObjectCache()
}

function ownerOf({ metadata }: KubeObject): string | undefined {
  return metadata.ownerReferences?.find(({ controller }) => controller === true)?.uid
}

function claimsOf(pod: KubeObject): string[] {
  return (podSpecOf(pod).volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) =>
    claim === undefined ? [] : [claimKey(pod.metadata.namespace, claim.claimName)],
  )
}

function claimKey(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`
}

function childrenIn(owned: Map<string, Map<string, ObservedObject>>, uid: string): Map<string, ObservedObject> {
  const children = owned.get(uid) ?? new Map<string, ObservedObject>()
  owned.set(uid, children)
  return children
}

function claimantsIn(claimants: Map<string, Set<string>>, claim: string): Set<string> {
  const pods = claimants.get(claim) ?? new Set<string>()
  claimants.set(claim, pods)
  return pods
}
