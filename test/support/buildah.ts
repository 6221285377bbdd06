import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'

/**
 * A store of images of its own, as a fresh runner has it: the environment that buildah takes it from. No daemon, no mounts, no privileges
 * beyond those of chroot.
 */
export async function buildahStore(folder: string): Promise<Record<string, string>> {
  await mkdir(folder, { recursive: true })
  const file = join(folder, 'storage.conf')
  const places = `graphroot = "${join(folder, 'root')}"\nrunroot = "${join(folder, 'run')}"`
  await writeFile(file, `[storage]\ndriver = "vfs"\n${places}\n`)
  return { CONTAINERS_STORAGE_CONF: file, STORAGE_DRIVER: 'vfs', BUILDAH_ISOLATION: 'chroot' }
}

/** Says how long the secret `token` is. */
const SECRET_READER = `package main

import (
	"fmt"
	"os"
)

func main() {
	secret, err := os.ReadFile("/run/secrets/token")
	fmt.Println("secret of", len(secret), err)
}
`

/** A program without any library, which an image of `FROM scratch` can run. */
export async function staticProgram(folder: string, source: string = SECRET_READER): Promise<string> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'main.go'), source)
  await execa('go', ['build', '-trimpath', '-o', 'program', 'main.go'], { cwd: folder, env: { CGO_ENABLED: '0' } })
  return join(folder, 'program')
}
