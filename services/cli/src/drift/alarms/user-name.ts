import { userInfo } from 'node:os'

/** Of the user of this process; the user's number where the machine knows no name for it, as in a container. */
export function userName(): string {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid!()}`
  }
}
