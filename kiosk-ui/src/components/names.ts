/** What a village outline carries beside its code. */
export interface Named {
  name: string
  type: string
  kecamatan: string
}
