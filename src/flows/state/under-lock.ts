import { acquireLease, type HeldLease, type LeaseRequest } from './lease.ts'

/** Runs an action that writes while nobody else deploys. Throws E_LOCKED (exit status 6) when somebody does. */
export async function underLock<T>(
  request: LeaseRequest,
  signal: AbortSignal,
  action: (lease: HeldLease) => Promise<T>,
): Promise<T> {
  const lease = await acquireLease(request, signal)
  try {
    return await action(lease)
  } finally {
    await lease.release()
  }
}
