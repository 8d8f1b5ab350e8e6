/** The page's one clock. Components read `clock.now` and are drawn again each second it is read. */
let now = $state(Date.now())
setInterval(() => {
  now = Date.now()
}, 1000)

export const clock = {
  get now() {
    return now
  },
}
