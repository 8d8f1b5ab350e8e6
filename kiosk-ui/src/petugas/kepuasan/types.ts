/** As `/api/v1/satisfaction` tells it. */
export interface Figures {
  n: number
  index: number
  grade: string
  words: string
  lowest: string
  elements: { element: string; mean: number }[]
}

export interface Period {
  period: string
  whole: Figures
  services: (Figures & { service: string; title: string })[]
}

export interface Result {
  least: number
  source: string
  running: number
  periods: Period[]
  /** quarters of three years, the oldest first */
  trend: { quarter: string; n: number; index: number; grade: string }[]
  respondents: { question: string; answers: { answer: string; n: number }[] }[]
  villages: (Figures & { village: string; name: string })[]
}
