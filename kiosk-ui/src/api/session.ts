/** Who is logged in at this browser. The session itself is a cookie that no script sees. */
import { deleteAt, getJson, postJson } from './request'

export type Role = 'operator' | 'petugas' | 'kades' | 'verifikator' | 'officer' | 'inspektur' | 'teknisi' | 'petani'

export interface Actor {
  id: string
  name: string
  roles: Role[]
  /** null: the whole regency */
  village: string | null
  village_name: string | null
  village_type: 'desa' | 'kelurahan' | null
  /** the password is to be changed before anything else */
  temporary: boolean
}

/** Null where nobody is. Throws `ApiError`. */
export const who = async (): Promise<Actor | null> => (await getJson<{ actor: Actor | null }>('/api/v1/session')).actor

/** Throws `ApiError`: `wrong_password`, `too_many_attempts`. */
export const logIn = async (account: string, password: string): Promise<Actor> =>
  (await postJson<{ actor: Actor }>('/api/v1/session', { account, password })).actor

export const logOut = (everywhere = false): Promise<void> => deleteAt(everywhere ? '/api/v1/session/all' : '/api/v1/session')
