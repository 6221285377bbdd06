// Stand for the application's own: they would ask the database and Resend.
import { heartbeat, sleep } from '@temporalio/activity'

export async function createTenant(name) {
  for (let step = 0; step < Number(process.env.STEPS ?? 3); step += 1) {
    heartbeat(step)
    await sleep('1s')
  }
  return name
}

export async function sendWelcome() {}
