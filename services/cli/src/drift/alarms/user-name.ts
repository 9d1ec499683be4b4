import { userInfo } from 'node:os'

/** Of the user of this process; the user's number where the machine knows no name for it, as in a container. */
export function userName(readUser: () => { readonly username: string } = userInfo): string {
  try {
    return readUser().username
  } catch {
    return `uid ${process.getuid!()}`
  }
}
